"""Cross-fitting: predictions for each row from models that have not seen it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tabsculpt.profilers.features import own_order
from tabsculpt.table import IntArray, Table, Task


def folds(table: Table, count: int, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Split rows for cross-fitting: groups kept whole, else classes at their shares if possible.

    Which fold a row is in, and the order of the rows to fit on, depend on what the rows hold and
    not on where they stand (`features.own_order`), so that scores move with their rows.

    Args:
        table: n rows.
        count: how many folds; at most n are made.
        seed: which partition.

    Yields:
        Positions of the rows to fit on and of the rows to predict.
    """
    order = own_order(table, seed)
    for fit, predict in _positions(table.take(order), count, seed):
        yield order[fit], order[predict]


def _positions(table: Table, count: int, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    rows = np.arange(len(table))
    groups, target = table.groups, table.target
    if groups is not None and len(np.unique(groups)) > 1:
        count = min(count, len(np.unique(groups)))
        splitter = GroupKFold(count, shuffle=True, random_state=seed)
        yield from splitter.split(rows, groups=groups)
        return
    count = min(count, len(table))
    classes = table.schema.task is not Task.REGRESSION
    if classes and np.unique(target, return_counts=True)[1].min() >= count:
        yield from StratifiedKFold(count, shuffle=True, random_state=seed).split(rows, target)
        return
    yield from KFold(count, shuffle=True, random_state=seed).split(rows)
