"""Cross-fitting: predictions for each row from models that have not seen it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tabsculpt.table import IntArray, Table, Task


def folds(table: Table, count: int, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Split rows for cross-fitting: groups kept whole, else classes at their shares if possible.

    Args:
        table: n rows.
        count: folds wanted; at most n are made.
        seed: which partition.

    Yields:
        Positions of the rows to fit on and of the rows to predict.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    rows = np.arange(len(table))
    if table.groups is not None and len(np.unique(table.groups)) > 1:
        by_group = GroupKFold(
            min(count, len(np.unique(table.groups))), shuffle=True, random_state=seed
        )
        yield from by_group.split(rows, groups=table.groups)
        return
    count = min(count, len(table))
    if table.schema.task is not Task.REGRESSION:
        present = np.bincount(table.target)
        if present[present > 0].min() >= count:
            yield from StratifiedKFold(count, shuffle=True, random_state=seed).split(
                rows, table.target
            )
            return
    yield from KFold(count, shuffle=True, random_state=seed).split(rows)
