"""Fewer rows of a long table, for what takes too long on all of them."""

from __future__ import annotations

import numpy as np

from tabsculpt.table import IntArray, Table, Task


def at_most(table: Table, rows: int | None, seed: int) -> Table:
    """A table of no more than that many rows, drawn without replacement, in their order.

    Each class that occurs keeps a row; beyond that all rows are equally likely.

    Args:
        table: n rows.
        rows: at least the number of classes; None for all.
        seed: of the draw.

    Returns:
        The table itself where it is no longer than that.
    """
    if rows is None or len(table) <= rows:
        return table
    return table.take(places_of(table, rows, seed))


def places_of(table: Table, rows: int | None, seed: int) -> IntArray:
    """The positions of the rows that `at_most` keeps, ascending."""
    if rows is None or len(table) <= rows:
        return np.arange(len(table))
    order = np.random.default_rng(seed).permutation(len(table))
    if table.schema.task is not Task.REGRESSION:
        first = np.zeros(len(order), dtype=bool)
        first[np.unique(table.target[order], return_index=True)[1]] = True
        order = order[np.argsort(~first, kind="stable")]
    return np.sort(order[:rows])
