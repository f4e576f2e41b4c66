"""Rows drawn of a table that is too long."""

import numpy as np
import pandas as pd

from tabsculpt.table import Column, Kind, Schema, Table, Task, conform
from tabsculpt.table.subsample import at_most


def table(classes: list[str]) -> Table:
    names = tuple(sorted(set(classes)))
    columns = Column("x", Kind.INTEGER), Column("y", Kind.CATEGORICAL, names)
    frame = pd.DataFrame({"x": np.arange(len(classes)), "y": classes})
    return conform(frame, Schema(columns, "y", Task.BINARY))


def test_as_many_rows_as_asked_for_each_once_and_in_order_by_the_seed():
    whole = table(["a", "b"] * 50)
    rows = at_most(whole, 20, 3).frame.x.tolist()
    assert len(set(rows)) == 20
    assert rows == sorted(rows)
    assert rows == at_most(whole, 20, 3).frame.x.tolist()
    assert rows != at_most(whole, 20, 4).frame.x.tolist()


def test_a_class_of_one_row_stays_and_the_others_are_equally_likely():
    whole = table(["a"] * 999 + ["b"])
    drawn = [at_most(whole, 10, seed) for seed in range(200)]
    assert all((part.target == 1).sum() == 1 for part in drawn)
    mean = np.mean([part.frame.x[part.target == 0].mean() for part in drawn])
    assert abs(mean - 499) < 4 * 288 / np.sqrt(9 * 200)


def test_a_table_that_is_short_enough_stays_as_it_is():
    whole = table(["a", "b"] * 5)
    assert at_most(whole, 10, 0) is whole
    assert at_most(whole, None, 0) is whole
