"""Users' Parquet and ARFF files, and paths that lead nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.files import Arff, Csv, Parquet
from tabsculpt.datasets.notes import Done, phrase
from tabsculpt.errors import UserError
from tabsculpt.table import Kind, Task

ROWS = 12


def table() -> pd.DataFrame:
    """A number and a target."""
    rng = np.random.default_rng(3)
    return pd.DataFrame({"height": rng.normal(170, 9, ROWS), "y": rng.normal(size=ROWS)})


@pytest.mark.parametrize("source", [Csv, Parquet, Arff])
def test_absent_files_and_folders_are_refused(
    tmp_path: Path, source: type[Csv] | type[Parquet] | type[Arff]
) -> None:
    with pytest.raises(UserError, match="no such file"):
        source(path=str(tmp_path / "none"), target="y").load()
    with pytest.raises(UserError, match="is a folder"):
        source(path=str(tmp_path), target="y").load()


def test_parquet_keeps_types_and_refuses_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    frame = table().assign(
        flag=[True, None] * 6, grade=pd.Categorical(["2", "10"] * 6, ["2", "10"])
    )
    frame.index = pd.Index([f"p{i % 4}" for i in range(ROWS)], name="who")
    frame.to_parquet(path)
    found = Parquet(str(path), "y", group="who").load()
    kinds = {c.name: (c.kind, c.categories) for c in found.table.schema.columns}
    assert kinds["flag"] == (Kind.BOOLEAN, ())
    assert kinds["grade"] == (Kind.CATEGORICAL, ("10", "2"))
    assert found.groups is not None
    assert found.groups.tolist()[:5] == ["p0", "p1", "p2", "p3", "p0"]
    assert found.table.frame["grade"].cat.codes.tolist() == [1, 0] * 6  # those of the schema
    table().assign(pair=[[1, 2]] * ROWS).to_parquet(path)
    with pytest.raises(UserError, match="column 'pair' holds"):
        Parquet(str(path), "y").load()
    path.write_text("no parquet")
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        Parquet(str(path), "y").load()


ARFF_HEAD = (
    "@relation t\n@attribute a numeric\n@attribute g {1,2,'a b'}\n@attribute y {1,2,3}\n@data\n"
)


def arff_of(folder: Path, content: str, **settings: object) -> Dataset:
    path = folder / "mine.arff"
    path.write_text(content, encoding="utf-8")
    chosen: dict[str, Any] = {"target": "y", "missing": "keep", **settings}
    return Arff(str(path), **chosen).load()


def test_arff_nominals_are_categories_and_numbers_as_a_target(tmp_path: Path) -> None:
    content = ARFF_HEAD + "% comment\n1.5,1,1\n2.5,'a b',2\n?,?,3\n" * 4
    found = arff_of(tmp_path, content, task="regression")
    assert found.table.schema.columns[1].categories == ("1", "a b")
    assert found.table.target.tolist() == [1.0, 2.0, 3.0] * 4
    assert found.table.frame["a"].isna().sum() == 4
    assert arff_of(tmp_path, content).table.schema.task is Task.MULTICLASS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nothing of the kind", "not a well-formed ARFF file"),
        (ARFF_HEAD, "attributes but no rows"),
        (ARFF_HEAD + "1,1\n", "not a well-formed ARFF file: Bad @DATA"),
        (ARFF_HEAD + "1,100%,1\n", "line 6"),
        (ARFF_HEAD + "x,1,1\n", "not a well-formed ARFF file"),
        (ARFF_HEAD.replace(" g ", " a ") + "1,1,1\n", "Bad @ATTRIBUTE name a"),
        (ARFF_HEAD.replace("numeric", "date") + "1,1,1\n", "Bad @ATTRIBUTE type"),
    ],
)
def test_malformed_arff_is_refused(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        arff_of(tmp_path, content)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_whole_numbers_of_parquet_stay_exact_beside_missing_ones(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    big = [2**53 + 1 + i for i in range(ROWS)]
    keys = pd.array([*big[:-1], None], dtype="Int64")
    huge = np.arange(ROWS, dtype=np.uint64) + np.uint64(2**63)
    table().assign(k=keys, h=huge).to_parquet(path)
    found = Parquet(str(path), "y", missing="keep").load()
    kinds = {c.name: c.kind for c in found.table.schema.columns}
    assert kinds["k"] is Kind.INTEGER
    assert found.table.frame["k"].tolist()[:-1] == big[:-1]
    assert kinds["h"] is Kind.CONTINUOUS
    assert [note.code for note in found.notes] == [Done.ROUNDED]


def test_words_of_parquet_and_arff_are_never_missing(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    table().assign(c=["none", "NA", "?"] * 4, n=["1", "2", "3"] * 4).to_parquet(path)
    found = Parquet(str(path), "y", missing="keep").load()
    assert found.table.schema.columns[2].categories == ("?", "NA", "none")
    assert not found.table.frame.isna().to_numpy().any()
    assert phrase(found.notes) == ["numbers stored as text are read as categories: n (1)"]
    content = "@relation t\n@attribute a numeric\n@attribute g {none,NA,b}\n@attribute y numeric\n"
    rows = "".join(f"{i},{('none', 'NA', '?')[i % 3]},{i / 3}\n" for i in range(12))
    found = arff_of(tmp_path, f"{content}@data\n{rows}")
    assert found.table.schema.columns[1].categories == ("NA", "none")
    assert found.table.frame["g"].isna().sum() == 4


def test_durations_times_and_dates_are_numbers_that_turn_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    day = pd.date_range("2020", periods=ROWS)
    frame = table().assign(
        day=day,
        gap=day - day[0],
        at=(day + pd.to_timedelta(range(ROWS), "min")).time,
        when=day.date,
        there=(day + pd.Timedelta("1.5s")).tz_localize("Europe/Berlin"),
    )
    frame.loc[3, ["day", "gap", "there"]] = pd.NaT
    frame.to_parquet(path)
    found = Parquet(str(path), "y", missing="keep").load()
    inside = found.table.frame
    assert inside["day"].tolist()[:3] == [18262, 18263, 18264]  # days since 1970-01-01
    assert inside["gap"].tolist()[:3] == [0, 1, 2]
    assert inside["at"].tolist()[:3] == [0, 60, 120]
    assert inside["there"].tolist()[0] == 1577833201500  # milliseconds, of 2019-12-31 23:00 UTC
    assert phrase(found.notes) == [
        "dates read as days since 1970-01-01: day, when",
        "durations read as days: gap",
        "times of day read as seconds since midnight: at",
        "dates in Europe/Berlin read as milliseconds since 1970-01-01: there",
    ]
    assert found.form is not None
    back = found.form.restore(inside)
    assert back.dtypes.map(str).tolist() == pd.read_parquet(path).dtypes.map(str).tolist()
    pd.testing.assert_frame_equal(back, pd.read_parquet(path))
