"""What a table holds, as it is said before any result."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.describe import held_out, table_lines
from tabsculpt.datasets.split import Splitting


def made(y: object, group: bool = False, **columns: object) -> Dataset:
    rng = np.random.default_rng(0)
    n = len(np.asarray(y))
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), **columns, "y": y})
    return assemble(frame, "made", Roles("y", "auto", [], "who" if group else None, "keep"))


def test_rows_columns_by_kind_missing_cells_and_what_was_read() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=60)
    y[:3] = np.nan
    lines = table_lines(made(y, c=["u", "v", None] * 20, k=[*range(54), *[None] * 6]))
    assert lines[0] == "57 rows, 4 features: 2 continuous (a, b), 1 integer (k), 1 categorical (c)"
    assert lines[1].startswith("target y: regression, -")
    assert lines[2] == "missing c 33.3%, k 10.5%"
    assert lines[3] == "read: 3 rows without a value of the target 'y' dropped"


def test_why_a_target_of_whole_numbers_has_its_task() -> None:
    few = table_lines(made(list(range(1, 11)) * 6))[1]
    assert few == (
        "target y: regression (10 whole numbers; dataset.task=multiclass to treat them as "
        "classes), 1 to 10"
    )
    many = table_lines(made([1, 2, 3] * 40))[1]
    assert "multiclass (3 whole numbers; dataset.task=regression" in many
    assert many.endswith("1 40, 2 40, 3 40")


def test_the_real_size_of_the_test_part_and_few_positives_in_it() -> None:
    y = ["yes" if i % 30 == 0 else "no" for i in range(180)]
    line, warning = held_out(made(y), [Splitting(0.33, 0)])
    assert line == "test part: 60 of 180 rows (test_size=0.33), 58 no and 2 yes"
    assert warning.startswith("2 rows of class 'yes' in the test part: differences can hardly be")
    assert held_out(made(["no", "yes"] * 90), [Splitting(0.33, 0)])[1] == ""


def test_test_size_is_a_share_of_the_groups() -> None:
    who = [f"p{i}" for i in range(12) for _ in range(3 * i + 1)]
    dataset = made(np.random.default_rng(0).normal(size=len(who)), True, who=who)
    assert "groups who: 12 groups of 1 to 34 rows" in table_lines(dataset)
    splittings = [Splitting(0.25, seed) for seed in range(3)]
    sizes = sorted(len(s.rows(dataset).test) for s in splittings)
    line, _ = held_out(dataset, splittings)
    assert line == (
        f"test part: {sizes[0]} to {sizes[-1]} of 210 rows (test_size=0.25 of the groups)"
    )


def test_lines_are_short_however_many_columns_there_are() -> None:
    columns = {
        f"a_rather_long_name_{i}": ["1", "2", "n.d.", None, "3", "4"] * 20 for i in range(40)
    }
    lines = table_lines(made(np.random.default_rng(0).normal(size=120), **columns))
    assert max(map(len, lines)) < 115
