"""Constraints: read, counted in real rows, and enforced on synthetic ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.files import Csv
from tabsculpt.datasets.notes import phrase
from tabsculpt.errors import UserError
from tabsculpt.generators.marginal import Marginal
from tabsculpt.generators.on_grid import fit_on_grid, load_on_grid
from tabsculpt.metrics.quality import measure
from tabsculpt.table import Schema
from tabsculpt.table.constraints import Constraint, Rules

ROWS = 200
CONSTRAINTS = ["0 <= low <= 100", "low <= high", "`sum of both` == low + high", "fixed(city, land)"]


def load(folder: Path, constraints: list[str], **changes: Any) -> Dataset:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 80, ROWS)
    high = low + rng.integers(0, 20, ROWS)
    place = rng.integers(0, 3, ROWS)
    frame = pd.DataFrame(
        {
            "low": low,
            "high": high,
            "sum of both": low + high,
            "city": np.array(["Rome", "Milan", "Lyon"])[place],
            "land": np.array(["I", "I", "F"])[place],
            "day": pd.date_range("2020", periods=ROWS),
            "hour": pd.date_range("2020", periods=ROWS, freq="h"),
            "y": rng.normal(size=ROWS).round(3),
        }
    ).assign(**changes)
    frame.to_csv(folder / "mine.csv", index=False)
    return Csv(str(folder / "mine.csv"), "y", constraints=constraints).load()


def test_they_hold_in_synthetic_rows_and_quality_counts_where_they_do_not(tmp_path: Path) -> None:
    table = load(tmp_path, CONSTRAINTS).table
    rules = Rules.learn(table.schema.constraints, table.frame)
    model = fit_on_grid(Marginal(), table, 0, "cpu")
    made = model.sample(150, 1)
    assert len(made) == 150
    assert rules.hold(made.frame).all()
    assert made.frame.dtypes.equals(table.frame.dtypes)
    model.save(tmp_path)
    again = load_on_grid(Marginal(), tmp_path).sample(150, 1)
    assert again.fingerprint() == made.fingerprint()
    free = load(tmp_path, []).table
    loose = fit_on_grid(Marginal(), free, 0, "cpu").sample(150, 1)
    broken = (~rules.hold(loose.frame)).mean()
    assert broken > 0.3
    unruly = type(made)(loose.frame, table.schema)
    [found] = [m for m in measure(table, table, unruly, 0) if m.metric == "constraint_violations"]
    assert (found.value, found.reference, found.direction) == (broken, 0.0, "min")


def test_real_rows_that_break_one_are_counted_before_any_work(tmp_path: Path) -> None:
    high = np.r_[np.full(3, -1), np.full(ROWS - 3, 99)]
    found = load(tmp_path, ["low <= high", "0 <= low"], high=high)
    assert phrase(found.notes)[-1] == "the constraint low <= high does not hold in 3 rows"
    assert len(found.table) == ROWS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("low <=", "expected a comparison"),
        ("low + high", "expected a comparison"),
        ("city == 'Rome'", "'Rome' is no number"),
        ("abs(low) > 1", "only columns, numbers"),
        ("lo <= high", "did you mean 'low'?"),
        ("city <= land", "computes with city, which holds no numbers"),
        ("1 <= 2", "it names no column"),
        ("day <= hour", "mixes dates in D and dates in s"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, [text])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_values_break_nothing_and_zero_division_is_no_error() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [2.0, 1.0, 0.0]})
    assert Constraint("a <= b").holds(frame, set()).tolist() == [True, True, False]
    assert Constraint("a / b < 1").holds(frame, set()).tolist() == [True, True, False]


def test_names_of_columns_are_no_part_of_what_draws_depend_on(tmp_path: Path) -> None:
    schema = load(tmp_path, CONSTRAINTS).table.schema
    assert Schema.from_json(schema.to_json()) == schema
    unnamed = schema.unnamed()
    assert unnamed.constraints[1:3] == ("`0` <= `1`", "`2` == `0` + `1`")
    assert Constraint(unnamed.constraints[3]).columns == ("3", "4")
    assert "constraints" not in load(tmp_path, []).table.schema.to_json()
