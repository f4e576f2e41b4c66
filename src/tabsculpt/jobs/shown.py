"""Which rows of a job's tables are shown to whoever reads the report."""

from __future__ import annotations

import numpy as np

from tabsculpt.table import FloatArray, IntArray, Table, Task


def shown_rows(
    train: Table, synthetic: Table, dropped: Table | None, hardness: FloatArray | None, most: int
) -> dict[str, tuple[Table, IntArray]]:
    """By sort a table and the positions of the rows of it that are shown.

    Real and synthetic ones are the first of each class, as many of one as of another; the hard
    ones are the hardest of the train part, hardest first, and those dropped the first of them.

    Args:
        train: the real rows.
        synthetic: those that were kept.
        dropped: those that were not; None where none were.
        hardness: of the train rows, shape (n,), high is hard; None without a profile.
        most: rows of each sort.
    """
    shown = {
        "real": (train, _first(train, most)),
        "synthetic": (synthetic, _first(synthetic, most)),
    }
    if hardness is not None and len(hardness) == len(train):
        shown["hard"] = train, np.argsort(-hardness, kind="stable")[:most]
    if dropped is not None and len(dropped):
        shown["dropped"] = dropped, np.arange(min(most, len(dropped)))
    return shown


def _first(table: Table, most: int) -> IntArray:
    """Positions of the first rows of each class, class by class; of a regression the first rows."""
    if table.schema.task is Task.REGRESSION:
        return np.arange(min(most, len(table)))
    target = table.target
    present = np.unique(target)
    each = max(1, most // max(1, len(present)))
    firsts = [np.flatnonzero(target == value)[:each] for value in present[:most]]
    return np.concatenate([np.empty(0, dtype=np.int64), *firsts])
