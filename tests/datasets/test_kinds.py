"""Columns of every kind: what stands for them inside, what is said, and how they turn back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.files import Csv
from tabsculpt.datasets.notes import sentences
from tabsculpt.datasets.source_form import SourceForm
from tabsculpt.errors import UserError
from tabsculpt.table import Kind

ROWS = 60


def load(folder: Path, columns: dict[str, list[str]], **settings: Any) -> Dataset:
    """A CSV file with a number x, the given columns of text, repeated, and a target y."""
    path = folder / "mine.csv"
    frame = pd.DataFrame(
        {
            "x": [f"{i * 0.25:.2f}" for i in range(ROWS)],
            **{
                name: [texts[i % len(texts)] for i in range(ROWS)]
                for name, texts in columns.items()
            },
            "y": [f"{i % 7}.5" for i in range(ROWS)],
        }
    )
    frame.to_csv(path, index=False)
    chosen: dict[str, Any] = {"target": "y", "missing": "keep", **settings}
    return Csv(str(path), **chosen).load()


def source(folder: Path) -> pd.DataFrame:
    """The file as text."""
    return pd.read_csv(folder / "mine.csv", dtype=str, keep_default_na=False)


def form_of(dataset: Dataset) -> SourceForm:
    """The form of its source, after a turn through JSON."""
    assert dataset.form is not None
    return SourceForm.from_json(json.loads(json.dumps(dataset.form.to_json())))


def as_written(dataset: Dataset) -> pd.DataFrame:
    return form_of(dataset).texts(dataset.table.frame)


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["€1,209.74", "€14.10"], [1209.74, 14.1]),
        (["€1.234,56", "€12,00", "€-3,10"], [1234.56, 12.0, -3.1]),
        (["1.234,5 €", "-3,0 €"], [1234.5, -3.0]),
        (["(1,234)", "1,100", "12"], [-1234, 1100, 12]),
        (["($12.50)", "$3.00"], [-12.5, 3.0]),
        (["-$5", "$7"], [-5, 7]),
        (["1 234", "12", "1 000 000"], [1234, 12, 1000000]),
        (["1\u202f234,5", "12,0"], [1234.5, 12.0]),
        (["1'234.50", "7.00"], [1234.5, 7.0]),
        (["1.234.567", "1.000"], [1234567, 1000]),
        (["12%", "7.5%", "NA"], [12.0, 7.5, None]),
        (["5 kg", "12 kg", "", "7 kg"], [5, 12, None, 7]),
        (["2.5mg/dl", "3.0mg/dl", "4.5mg/dl"], [2.5, 3.0, 4.5]),
        (["0,125", "1,500"], [0.125, 1.5]),
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.50", "2.00"], [1.5, 2.0]),
        (["9007199254740993", "9007199254740995"], [2**53 + 1, 2**53 + 3]),
    ],
)
def test_numbers_in_disguise_are_numbers_and_turn_back(
    tmp_path: Path, texts: list[str], first: list[float | None]
) -> None:
    found = load(tmp_path, {"v": texts})
    assert found.table.schema.columns[1].is_numeric
    values = found.table.frame["v"].astype(object).where(found.table.frame["v"].notna(), None)
    assert values.tolist()[: len(first)] == first
    pd.testing.assert_frame_equal(as_written(found), source(tmp_path))


@pytest.mark.parametrize(
    ("texts", "first", "word"),
    [
        (["2022-01-05", "2021-12-31"], 18997, "days"),
        (["04/15/2022", "12/01/2021"], 19097, "days"),
        (["15.4.2022", "1.12.2021"], 19097, "days"),
        (["15/04/22", "01/12/21"], 19097, "days"),
        (["Apr 15, 2022", "Dec 1, 2021"], 19097, "days"),
        (["15 April 2022", "1 December 2021"], 19097, "days"),
        (["2022-04", "2021-12"], 19083, "days"),
        (["20220415", "20211201", "20200229"], 19097, "days"),
        (["2022-01-01 00:00:00+01:00", "2022-01-01 07:00:00+01:00"], 1640991600, "seconds"),
        (["2022-01-01T00:00:00.250Z", "2022-07-01T07:00:00.500Z"], 1640995200250, "milliseconds"),
        (["1/15/2022 3:04 PM", "12/3/2021 11:04 AM"], 1642259040, "seconds"),
        (["03:44", "21:12", ""], 13440, "seconds"),
        (["3:44 PM", "11:00 AM"], 56640, "seconds"),
        (["3:44 pm", "12:00 am"], 56640, "seconds"),
        (["03:44 p.m.", "11:00 a.m."], 56640, "seconds"),
        (["1/15/2022 3:04 p.m.", "12/3/2021 11:04 a.m."], 1642259040, "seconds"),
        (["25:00:01", "01:30:00"], 90001, "durations read as seconds"),
        (["3 days 04:05:06", "1 days 00:00:00"], 273906, "durations read as seconds"),
    ],
)
def test_times_are_whole_numbers_and_turn_back(
    tmp_path: Path, texts: list[str], first: int, word: str
) -> None:
    found = load(tmp_path, {"t": texts})
    assert found.table.schema.columns[1].kind is Kind.INTEGER
    assert found.table.frame["t"].iloc[0] == first
    assert word in sentences(found.notes)[0] or "days of a calendar" in sentences(found.notes)[0]
    pd.testing.assert_frame_equal(as_written(found), source(tmp_path))


def test_day_and_month_that_cannot_be_told_apart_are_said(tmp_path: Path) -> None:
    texts = ["01/02/2020", "03/04/2020"]
    month = load(tmp_path, {"t": texts})
    day = load(tmp_path, {"t": texts}, day_first=True)
    assert (month.table.frame["t"].iloc[0], day.table.frame["t"].iloc[0]) == (18263, 18293)
    assert sentences(month.notes)[1] == (
        "day and month cannot be distinguished in t: read with the month first, "
        "dataset.day_first=true for the other"
    )
    assert "dataset.day_first=false" in sentences(day.notes)[1]
    sure = load(tmp_path, {"t": [*texts, "13/04/2020"]})
    assert sure.table.frame["t"].iloc[0] == 18293
    assert len(sure.notes) == 1


def test_dates_that_do_not_fit_together_stay_levels(tmp_path: Path) -> None:
    found = load(tmp_path, {"t": ["15/04/2022", "04/15/2022"], "q": ["2020Q1", "2021Q3"]})
    assert [c.kind for c in found.table.schema.columns[1:3]] == [Kind.CATEGORICAL] * 2
    assert sentences(found.notes) == [
        "dates (15/04/2022) are read as categories: t",
        "dates (2020Q1) are read as categories: q",
    ]


def test_impossible_dates_are_missing_and_counted(tmp_path: Path) -> None:
    days = [f"2020-01-{d:02d}" for d in range(1, 30)]
    found = load(tmp_path, {"t": [*days, "9999-12-31"]})
    assert found.table.frame["t"].isna().sum() == 2
    assert "9999-12-31 read as missing in t (2)" in sentences(found.notes)


def test_dates_written_in_two_ways_are_said(tmp_path: Path) -> None:
    found = load(tmp_path, {"t": ["2020-01-05", "2020-03-15", "03/15/2020"]})
    assert found.table.frame["t"].tolist()[1:3] == [18336, 18336]
    assert sentences(found.notes)[1] == (
        "dates written in more than one way, given back in the most frequent: t (%Y-%m-%d)"
    )
    assert as_written(found)["t"].tolist()[:3] == ["2020-01-05", "2020-03-15", "2020-03-15"]


@pytest.mark.parametrize(
    ("form", "fresh"),
    [
        ("ID-{:06d}", "ID-000060"),
        ("P{}", "P60"),
        ("{:05d}", "00060"),
        ("a{}-x", "a60-x"),
    ],
)
def test_identifiers_are_set_aside_and_made_anew(tmp_path: Path, form: str, fresh: str) -> None:
    found = load(tmp_path, {"who": [form.format(i) for i in range(ROWS)]})
    assert found.table.schema.names == ["x", "y"]
    assert sentences(found.notes)[-1].startswith("identifiers, so set aside: who")
    made = as_written(found)
    assert list(made.columns) == ["x", "who", "y"]
    assert made["who"].iloc[0] == fresh
    assert made["who"].is_unique
    assert not set(made["who"]) & set(source(tmp_path)["who"])


def test_identifiers_of_a_pattern_are_drawn_by_the_seed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = [f"{a * 65536:08x}-{b:04x}" for a, b in rng.integers(2**15, 2**16, (ROWS, 2))]
    found = load(tmp_path, {"key": texts})
    form = form_of(found)
    first, again, other = (form.texts(found.table.frame, seed)["key"] for seed in (0, 0, 1))
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.str.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}").all()
    assert first.is_unique


def test_whole_numbers_that_say_identifier_are_set_aside(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).permutation(ROWS) * 7 + 1000
    columns = {name: list(map(str, numbers)) for name in ("patient_id", "price")}
    found = load(tmp_path, columns)
    assert found.table.schema.names == ["x", "price", "y"]
    back = form_of(found).restore(found.table.frame)
    assert back["patient_id"].dtype == "int64"
    assert back["patient_id"].min() == numbers.max() + 1
    kept = load(tmp_path, columns, keep=["patient_id"])
    assert kept.table.schema.names == ["x", "patient_id", "price", "y"]


def test_whole_numbers_that_are_all_different_are_set_aside_where_they_count_the_rows(
    tmp_path: Path,
) -> None:
    order = np.random.default_rng(1).permutation(ROWS)
    columns = {
        "obs": [str(n + 1001) for n in order],
        "year": [str(n + 1950) for n in order],
        "dose": [str(3 * n) for n in order],
        "salary": [str(900 * n + n**2) for n in order],
        "day": [str(np.datetime64("2020-01-01") + n) for n in range(ROWS)],
    }
    found = load(tmp_path, columns)
    assert found.table.schema.names == ["x", "year", "dose", "salary", "day", "y"]
    assert sentences(found.notes)[1:] == [
        "whole numbers that count the rows, so set aside: obs (1001 to 1060) (dataset.keep uses "
        "them)",
        "whole numbers of which none is there twice, read as numbers: year (1950 to 2009), dose "
        "(0 to 177) (dataset.drop leaves out what identifies rows)",
    ]
    made = as_written(found)
    assert list(made.columns) == ["x", *columns, "y"]
    assert made["obs"].tolist() == [str(n) for n in range(1061, 1061 + ROWS)]
    kept = load(tmp_path, columns, keep=["obs"])
    assert kept.table.frame["obs"].tolist() == [n + 1001 for n in order]


def test_what_was_set_aside_can_be_kept_and_is_named_where_nothing_else_is_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bare.csv"
    rows = "".join(f"P{i:03d},{i % 7}.5\n" for i in range(ROWS))
    path.write_text("who,y\n" + rows)
    with pytest.raises(UserError, match=r"dataset\.keep=\[who\] uses what was set aside"):
        Csv(str(path), "y").load()
    kept = Csv(str(path), "y", keep=["who"]).load()
    assert len(kept.table.schema.columns[0].categories) == ROWS


def test_free_text_is_set_aside_or_hashed(tmp_path: Path) -> None:
    words = ["pain", "fall", "cough", "fever", "mild", "severe", "knee", "after"]
    notes = [f"{words[i % 8]} {words[i % 7]} {words[i % 5]} seen {i}" for i in range(ROWS)]
    reserved = load(tmp_path, {"note": notes})
    assert reserved.table.schema.names == ["x", "y"]
    assert form_of(reserved).left_out == ["note"]
    hashed = load(tmp_path, {"note": notes}, text="hash")
    names = [name for name in hashed.table.schema.names if name.startswith("note #")]
    assert len(names) == 16
    lengths = np.square(hashed.table.frame[names].to_numpy()).sum(axis=1)
    assert lengths == pytest.approx(np.ones(ROWS), abs=1e-4)
    assert list(as_written(hashed).columns) == ["x", "y"]


def test_codes_spellings_and_missing_words_turn_back(tmp_path: Path) -> None:
    columns = {
        "zip": ["00501", "94103", "10001"],
        "flag": ["TRUE", "FALSE"],
        "grade": ["mild", "severe", "?"],
        "n": ["1", "2", "NA"],
        "e": [""],
    }
    found = load(tmp_path, columns)
    kinds = {c.name: c.kind for c in found.table.schema.columns}
    assert (kinds["zip"], kinds["flag"]) == (Kind.CATEGORICAL, Kind.BOOLEAN)
    pd.testing.assert_frame_equal(as_written(found), source(tmp_path))
    back = form_of(found).restore(found.table.frame)
    assert back["n"].dtype == "Int64"
    assert back["zip"].tolist()[:2] == ["00501", "94103"]


def test_rare_classes_are_dropped_or_made_one(tmp_path: Path) -> None:
    labels = ["a"] * 30 + ["b"] * 28 + ["c", "d"]
    with pytest.raises(UserError, match=r"rare_classes=drop or dataset\.rare_classes=merge"):
        load(tmp_path, {"kind": labels}, target="kind")
    dropped = load(tmp_path, {"kind": labels}, target="kind", rare_classes="drop")
    assert (len(dropped.table), dropped.table.schema.classes) == (58, ("a", "b"))
    assert sentences(dropped.notes) == ["rows of classes with one row only dropped: c, d"]
    merged = load(tmp_path, {"kind": labels}, target="kind", rare_classes="merge")
    assert merged.table.schema.classes == ("a", "b", "other")
    assert merged.table.target.tolist()[-2:] == [2, 2]
    assert as_written(merged)["kind"].tolist()[-2:] == ["other", "other"]
    with pytest.raises(UserError, match=r"'d' is the only class .*rare_classes=drop"):
        load(
            tmp_path, {"kind": ["a"] * 30 + ["b"] * 29 + ["d"]}, target="kind", rare_classes="merge"
        )
    alone = load(tmp_path, {"kind": [*labels[:-1], "c"]}, target="kind", rare_classes="merge")
    assert alone.table.schema.classes == ("a", "b", "c")  # no class has one row


def test_a_target_in_disguise_is_predicted_as_a_number(tmp_path: Path) -> None:
    found = load(tmp_path, {"share": [f"{i}.5%" for i in range(ROWS)]}, target="share")
    assert found.table.target[:2].tolist() == [0.5, 1.5]
    doses = load(tmp_path, {"dose": ["5 mg", "10 mg", "20 mg"]}, target="dose", task="multiclass")
    assert doses.table.schema.classes == ("10", "20", "5")
    assert as_written(doses)["dose"].tolist()[:3] == ["5 mg", "10 mg", "20 mg"]


def test_a_data_set_shares_nothing_with_the_frame_that_it_was_made_of() -> None:
    frame = pd.DataFrame(
        {
            "x": np.arange(ROWS) / 7,
            "n": np.arange(ROWS) % 9,
            "who": [f"P{i:04d}" for i in range(ROWS)],
            "y": [0, 1] * (ROWS // 2),
        }
    )
    before = frame.copy(deep=True)
    found = assemble(frame, "made", Roles("y", "auto", [], None, "keep"))
    assert found.origin is not None
    for made, name in ((found.table.frame, "x"), (found.table.frame, "n"),
                       (found.origin.beside, "who")):  # fmt: skip
        values = made[name].array
        values[:] = values[::-1].copy()
    pd.testing.assert_frame_equal(frame, before)
    frame.loc[:, "x"] = 0.0
    assert found.table.frame["x"].iloc[0] == before["x"].iloc[-1]


def test_a_frame_comes_back_with_its_dtypes() -> None:
    frame = pd.DataFrame(
        {
            "flag": pd.Series([True, False, None] * 20, dtype=object),
            "sure": [True, False] * 30,
            "n": pd.array([1, None, 3] * 20, dtype="Int64"),
            " small": np.arange(ROWS, dtype="int16") % 7,
            "word": pd.array(["a", "b", None] * 20, dtype="string"),
            "level": pd.Categorical(["x", "y", "x"] * 20),
            "when": pd.date_range("2020", periods=ROWS, freq="36h", tz="US/Pacific"),
            "month": pd.period_range("2020-01", periods=ROWS, freq="M"),
            "label": [0, 1] * 30,
        }
    )
    found = assemble(frame, "made", Roles("label", "auto", [], None, "keep"))
    back = form_of(found).restore(found.table.frame)
    expected = frame.astype({"flag": "boolean"}).rename(columns=str.strip)
    pd.testing.assert_frame_equal(back, expected)
