"""The split of a data set into a train and a test part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.datasets import Dataset
from tabsculpt.engine.identity import LATER
from tabsculpt.errors import UserError
from tabsculpt.table import IntArray, Task

LEAST_TRAIN = 5
LEAST_TEST = 2


@dataclass(frozen=True, eq=False)
class Split:
    """Sorted positions of the rows of each part; together they are all rows, each once."""

    train: IntArray
    test: IntArray


@dataclass(frozen=True)
class Splitting:
    """Which rows are tested on.

    Attributes:
        test_size: their share, where there are no folds.
        seed: which split.
        folds: number of parts that are tested on in turn; None for one split by ``test_size``.
        fold: which of them, from 0.
        n_train: rows of the train part, in place of ``test_size``; the rest is tested on.
    """

    test_size: float
    seed: int
    folds: int | None = None
    fold: int | None = None
    n_train: int | None = field(default=None, metadata=LATER)

    def rows(self, dataset: Dataset) -> Split:
        """Both parts of a data set; see `split_rows`, `fold_rows` and `draw_rows`."""
        if self.n_train is not None:
            return draw_rows(dataset, self.n_train, self.seed)
        if self.folds is None or self.fold is None:
            return split_rows(dataset, self.test_size, self.seed)
        return fold_rows(dataset, self.folds, self.fold, self.seed)

    def __str__(self) -> str:
        if self.n_train is not None:
            return f"n_train={self.n_train}"
        return f"test_size={self.test_size:g}" if self.folds is None else f"folds={self.folds}"


def fold_rows(dataset: Dataset, folds: int, fold: int, seed: int) -> Split:
    """One split of a cross-validation; over its folds, every row is tested on once.

    Groups stay together, and classes keep their shares, as in `split_rows`.

    Args:
        dataset: all rows.
        folds: number of parts.
        fold: which of them is tested on, from 0.
        seed: of the shuffling, in [0, 2**31).

    Raises:
        UserError: the data set has a test part of its own, or a part is too small.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    if dataset.test_rows is not None:
        raise UserError(f"{dataset.name} comes with a test part of its own: split.folds is null")
    table = dataset.table
    n = len(table)
    regression = table.schema.task is Task.REGRESSION
    kind = GroupKFold if dataset.groups is not None else KFold if regression else StratifiedKFold
    splitter = kind(n_splits=folds, shuffle=True, random_state=seed)
    classes = None if regression else table.target
    try:
        parts = list(splitter.split(np.empty((n, 0)), classes, dataset.groups))
    except ValueError as error:
        raise UserError(f"split.folds={folds}: {error}") from None
    split = Split(*(np.sort(part).astype(np.int64) for part in parts[fold]))
    _require_parts(dataset, split)
    return split


def split_rows(dataset: Dataset, test_size: float, seed: int) -> Split:
    """Split the rows of a data set; the same seed gives the same split.

    A test part that the data set came with is kept as it is. Otherwise the rows of a group stay
    together where there are groups (``test_size`` is then a share of the groups), classes keep
    their shares where the task is a classification, and the rest is drawn at random.

    Args:
        dataset: all rows.
        test_size: the share of the test part, between 0 and 1.
        seed: in [0, 2**31).

    Returns:
        Both parts.

    Raises:
        UserError: ``test_size`` is out of range, or leaves a part too small or without a class.
    """
    if not 0 < test_size < 1:
        raise UserError(f"split.test_size must be between 0 and 1, and is {test_size}")
    test = dataset.test_rows
    if test is None:
        test = _grouped(dataset.groups, test_size, seed) if dataset.groups is not None else None
    if test is None:
        test = _drawn(dataset, test_size, seed)
    rows = np.arange(len(dataset.table), dtype=np.int64)
    split = Split(np.setdiff1d(rows, test), np.sort(test).astype(np.int64))
    _require_parts(dataset, split)
    return split


def draw_rows(dataset: Dataset, n_train: int, seed: int) -> Split:
    """Draw a train part of a number of rows; the rest, or the fixed test part, is tested on.

    Draws of one seed are nested: the rows of a smaller train part are in every larger one. Classes
    keep their shares, to a row each, and groups stay whole: as many are drawn as fit.

    Args:
        dataset: all rows.
        n_train: rows of the train part.
        seed: of the order in which they are drawn, in [0, 2**31).

    Raises:
        UserError: there are too few rows, or a part is too small or lacks a class.
    """
    table = dataset.table
    every = np.arange(len(table), dtype=np.int64)
    fixed = dataset.test_rows
    free = every if fixed is None else np.setdiff1d(every, fixed)
    most = len(free) - (LEAST_TEST if fixed is None else 0)
    if not LEAST_TRAIN <= n_train <= most:
        raise UserError(
            f"split.n_train is {n_train}; {dataset.name} has {len(free)} rows to draw from, so "
            f"{LEAST_TRAIN} to {most} are possible"
        )
    rng = np.random.default_rng(seed)
    if dataset.groups is not None:
        train = _whole_groups(free, dataset.groups[free], n_train, rng)
    else:
        classes = None if table.schema.task is Task.REGRESSION else table.target[free]
        train = free[_in_shares(len(free), classes, rng)[:n_train]]
    test = np.setdiff1d(every, train) if fixed is None else fixed
    split = Split(np.sort(train), np.sort(test).astype(np.int64))
    _require_parts(dataset, split, f"split.n_train={n_train}")
    return split


def _in_shares(
    n: int, classes: npt.NDArray[Any] | None, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """An order of rows each of whose beginnings has the classes in their shares."""
    order = rng.permutation(n)
    if classes is None:
        return order
    place = np.empty(n)
    for code in np.unique(classes):
        mine = order[classes[order] == code]
        place[mine] = (np.arange(len(mine)) + rng.random()) / len(mine)
    return np.argsort(place, kind="stable")


def _whole_groups(
    rows: IntArray, groups: npt.NDArray[Any], n_train: int, rng: np.random.Generator
) -> IntArray:
    """The rows of groups drawn one after the other, as long as they fit."""
    names, of = np.unique(groups, return_inverse=True)
    order = rng.permutation(len(names))
    sizes = np.bincount(of)[order]
    fitting = int(np.searchsorted(np.cumsum(sizes), n_train, side="right"))
    if not fitting:
        raise UserError(
            f"split.n_train is {n_train}; the first group drawn has {sizes[0]} rows, and groups "
            "stay whole, so choose more"
        )
    return rows[np.isin(of, order[:fitting])]


def _grouped(groups: npt.NDArray[Any], test_size: float, seed: int) -> IntArray:
    from sklearn.model_selection import GroupShuffleSplit

    splitter = GroupShuffleSplit(n_splits=1, test_size=test_size, random_state=seed)
    try:
        _, test = next(splitter.split(groups, groups=groups))
    except ValueError:
        raise UserError(
            f"split.test_size={test_size} leaves one part without a group "
            f"({len(np.unique(groups))} groups); choose another"
        ) from None
    return np.asarray(test, dtype=np.int64)


def _drawn(dataset: Dataset, test_size: float, seed: int) -> IntArray:
    from sklearn.model_selection import train_test_split

    table = dataset.table
    classes = None if table.schema.task is Task.REGRESSION else table.target
    try:
        _, test = train_test_split(
            np.arange(len(table)), test_size=test_size, random_state=seed, stratify=classes
        )
    except ValueError as error:
        raise UserError(f"split.test_size={test_size}: {error}") from None
    return np.asarray(test, dtype=np.int64)


def _require_parts(dataset: Dataset, split: Split, key: str = "split.test_size") -> None:
    if len(split.train) < LEAST_TRAIN or len(split.test) < LEAST_TEST:
        raise UserError(
            f"{key} leaves {len(split.train)} train and {len(split.test)} test rows; "
            f"at least {LEAST_TRAIN} and {LEAST_TEST} are needed, so choose another"
        )
    if dataset.table.schema.task is Task.REGRESSION:
        return
    codes = dataset.table.target
    unseen = sorted(set(codes[split.test]) - set(codes[split.train]))
    if unseen or len(np.unique(codes[split.train])) < 2:
        names = ", ".join(repr(dataset.table.schema.classes[code]) for code in unseen)
        raise UserError(
            f"the split leaves the train part without a class ({names or 'all but one'}); "
            f"choose another {key.partition('=')[0]} or seed"
        )
