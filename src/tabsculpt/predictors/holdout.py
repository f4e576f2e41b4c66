"""The validation part that early stopping and ensembles need, held out of the training rows."""

from __future__ import annotations

import numpy as np

from tabsculpt.errors import TooFewRowsError
from tabsculpt.table import IntArray, Table, Task

LEAST_ROWS = 5


def holdout(table: Table, seed: int) -> tuple[IntArray, IntArray]:
    """Part a table's rows as AutoGluon does when it is given no validation data.

    The validation share falls with the number of rows (`holdout_fraction`). Classes keep their
    shares where each has room in the validation part, else the draw is simple; rows that are the
    only ones of their class stay in training, and no class ever leaves it.

    Args:
        table: at least 5 rows.
        seed: of the draw.

    Returns:
        Positions of the training and of the validation rows in the order drawn, on which a forest
        depends; neither is empty.

    Raises:
        TooFewRowsError: fewer than 5 rows, or every class has a single row.

    References:
        AutoGluon 1.6.3, ``autogluon.core.utils.utils``: ``default_holdout_frac`` and
        ``generate_train_test_split``. The same seed gives the same parts, save that a row moved
        back because its class had left training is the first of its class, not a random one, and
        that tables of fewer than 5 rows are refused.
    """
    from sklearn.model_selection import train_test_split

    if len(table) < LEAST_ROWS:
        raise TooFewRowsError(
            f"{len(table)} training rows: holding out a validation part needs {LEAST_ROWS}"
        )
    rows = np.arange(len(table))
    codes = None if table.schema.task is Task.REGRESSION else table.target
    movable = rows if codes is None else rows[np.bincount(codes)[codes] > 1]
    if not len(movable):
        raise TooFewRowsError("each class has one training row: none can be held out")
    size = int(np.ceil(holdout_fraction(len(table)) * len(movable)))
    stratify = codes[movable] if codes is not None and _has_room(codes[movable], size) else None
    kept, held = train_test_split(movable, test_size=size, random_state=seed, stratify=stratify)
    single = np.setdiff1d(rows, movable)
    lost = _one_of_each_lost_class(held, codes) if codes is not None else rows[:0]
    return np.concatenate([kept, single, lost]), held[~np.isin(held, lost)]


def holdout_fraction(rows: int) -> float:
    """AutoGluon's validation share: 500 rows within 10 and 20 %, then 2,500 within 1 and 10 %."""
    if rows < 5000:
        return max(0.1, min(0.2, 500 / rows))
    return max(0.01, min(0.1, 2500 / rows))


def _has_room(codes: IntArray, size: int) -> bool:
    """Whether both parts can have a row of each class, without which no stratified draw is made."""
    return len(np.unique(codes)) <= min(size, len(codes) - size)


def _one_of_each_lost_class(held: IntArray, codes: IntArray) -> IntArray:
    """The first held row of each class that has all its rows in ``held``."""
    lost, first = np.unique(codes[held], return_index=True)
    every = np.bincount(codes)[lost] == np.bincount(codes[held])[lost]
    return np.asarray(held[first[every]], dtype=np.int64)
