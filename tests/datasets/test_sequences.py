"""Steps of sequences made into windows, without a step in both parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.notes import phrase
from tabsculpt.datasets.sequence_csv import SequenceCsv
from tabsculpt.datasets.simulated_prices import SimulatedPrices
from tabsculpt.datasets.split import split_rows
from tabsculpt.errors import UserError
from tabsculpt.table import Kind, Task
from tabsculpt.table.files import read_table, write_table


def steps(sequences: int = 6, days: int = 12) -> pd.DataFrame:
    """Every step of every sequence has values of its own, 100 s + t; dates as text, shuffled."""
    s = np.repeat(np.arange(sequences), days)
    t = np.tile(np.arange(days), sequences)
    dates = pd.Timestamp("2024-01-29") + pd.to_timedelta(t, "D")
    frame = pd.DataFrame(
        {
            "stock": [f"S{k}" for k in s],
            "day": dates.strftime("%Y-%m-%d"),
            "price": 100.0 * s + t + 0.5,
            "volume": 1000 + 10 * s + t,
            "sector": np.where(s % 2, "bank", "energy"),
        }
    )
    return frame.sample(frac=1, random_state=0)


def load(folder: Path, frame: pd.DataFrame, **changes: Any) -> Dataset:
    path = folder / "steps.csv"
    frame.to_csv(path, index=False)
    settings = {"target": "price", "order": "day", "id": "stock"} | changes
    return SequenceCsv(str(path), **settings).load()


def test_a_row_is_a_window_and_its_target_the_next_value(tmp_path):
    dataset = load(tmp_path, steps(), window=3)
    table = dataset.table
    assert table.schema.task is Task.REGRESSION
    assert table.schema.target == "price_next"
    assert table.frame.shape == (6 * 9, 3 + 3 + 1 + 1)
    assert {c.name: c.kind for c in table.schema.columns}["volume_2"] is Kind.INTEGER
    first = table.frame.iloc[0]
    assert first[["price_1", "price_2", "price_3", "price_next"]].tolist() == [0.5, 1.5, 2.5, 3.5]
    assert (table.frame["price_next"] - table.frame["price_3"] == 1).all()
    assert set(dataset.groups) == {f"S{k}" for k in range(6)}


def test_a_split_by_sequence_keeps_sequences_whole(tmp_path):
    dataset = load(tmp_path, steps(), window=3)
    split = split_rows(dataset, 0.33, 0)
    assert not set(dataset.groups[split.train]) & set(dataset.groups[split.test])


@pytest.mark.parametrize("predict", ["next", "label"])
def test_a_split_by_time_has_every_test_step_after_every_train_step(tmp_path, predict):
    target = "sector" if predict == "label" else "price"
    dataset = load(tmp_path, steps(), window=3, split="time", predict=predict, target=target)
    split = split_rows(dataset, 0.33, 0)
    names = [n for n in dataset.table.schema.names if n[:6] == "price_" and n[6:] in "1 2 3 next"]
    values = dataset.table.frame[names].to_numpy() % 100
    train, test = values[split.train], values[split.test]
    assert train.max() < 8 < test.min()  # four of twelve days are tested on
    assert len(test) == 6


def test_the_label_of_a_sequence_is_its_class(tmp_path):
    dataset = load(tmp_path, steps(), predict="label", target="sector", window=4)
    assert dataset.table.schema.task is Task.BINARY
    assert len(dataset.table) == 6 * 3
    whole = load(tmp_path, steps(12, 12), predict="label", target="sector").table
    assert len(whole) == 12
    assert (
        whole.frame["price_mean"].tolist()
        == (100.0 * np.arange(12) + 6).tolist()[:2]
        + (100.0 * np.array([10, 11, *range(2, 10)]) + 6).tolist()
    )  # sorted by name: S0 S1 S10 S11 S2


def test_windows_survive_the_store(tmp_path):
    table = load(tmp_path, steps(), window=3).table
    write_table(table, tmp_path)
    again = read_table(tmp_path)
    assert again.schema == table.schema
    assert again.fingerprint() == table.fingerprint()


def test_short_sequences_and_targets_without_value_are_said(tmp_path):
    frame = steps()
    frame = frame[(frame.stock != "S0") | (frame.day < "2024-01-31")]
    frame.loc[(frame.stock == "S1") & (frame.day == "2024-02-09"), "price"] = None
    dataset = load(tmp_path, frame, window=3)
    assert phrase(dataset.notes) == [
        "1 of 6 sequences or ends of them have fewer than 4 steps: left out",
        "1 windows without a value of the target dropped",
    ]
    assert len(dataset.table) == 5 * 9 - 1
    assert dataset.table.features.isna().any(axis=1).sum() == 0  # it was the last day


def test_one_sequence_without_an_id(tmp_path):
    frame = steps(1, 60).drop(columns=["stock", "sector"])
    dataset = load(tmp_path, frame, id=None, split="time")
    assert len(dataset.test_rows) == 15
    assert len(dataset.table) == 35 + 15
    assert dataset.groups is None
    with pytest.raises(UserError, match="there is one sequence only: name the column"):
        load(tmp_path, frame, id=None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"predict": "level"}, "dataset.predict"),
        ({"split": "random"}, "dataset.split"),
        ({"window": 1}, "dataset.window is 1; expected at least 2"),
        ({"window": 30}, r"0 rows \(windows of 31 steps of 6 sequences\); at least 10"),
        ({"target": "sector"}, "does not vary within any sequence; use dataset.predict=label"),
        ({"predict": "label"}, "varies within sequences, and a label does not"),
        ({"target": "day"}, "day: more than one of"),
        ({"order": "sector"}, "holds neither numbers nor dates"),
        ({"id": "stok"}, "dataset.id: no column 'stok'; did you mean 'stock'"),
        ({"order": "price", "target": "volume", "id": "sector"}, "no .*"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path, changes, words):
    if words == "no .*":  # stocks are free text then, and no feature
        words = "identifiers or free text|has a step"
        changes = {**changes, "order": "day"}
    with pytest.raises(UserError, match=words) as error:
        load(tmp_path, steps(), **changes)
    assert "\n" not in str(error.value)


def test_simulated_prices_have_the_stated_memory_and_the_seed_decides():
    frame = SimulatedPrices(series=400, days=60, window=2).load().table.frame
    logs = np.log(frame[["price_2", "price_next", "price_1"]])
    volatile = frame.regime == "volatile"
    assert logs[["price_2", "price_next"]].corr().iloc[0, 1] == pytest.approx(0.9, abs=0.01)
    assert logs[~volatile].price_2.std() == pytest.approx(0.04 / np.sqrt(0.19), rel=0.05)
    assert logs[volatile].price_2.std() == pytest.approx(0.08 / np.sqrt(0.19), rel=0.05)
    prints = [SimulatedPrices(seed=seed).load().table.fingerprint() for seed in (1, 1, 2)]
    assert prints[0] == prints[1] != prints[2]
    with pytest.raises(UserError, match=r"dataset\.series must be at least 4"):
        SimulatedPrices(series=3).load()
