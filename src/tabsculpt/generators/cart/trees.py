"""A tree per column: which rows of the training table a drawn row takes its next value from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.generators.arf.leaves import Tree
from tabsculpt.table import FloatArray, IntArray

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Leaves:
    """The values of one encoded column in the leaves of a tree over the columns before it.

    Attributes:
        tree: over the columns before; of one leaf where there are none.
        ranks: for each column of codes among those before, by its place, the order of its codes.
        starts: where each node's values begin in ``values`` and the last one's end, (nodes + 1,).
        values: of the training rows, leaf by leaf, ascending within each, shape (n,).
    """

    tree: Tree
    ranks: dict[int, IntArray]
    starts: IntArray
    values: FloatArray

    @classmethod
    def grow(
        cls,
        before: pd.DataFrame,
        sizes: Mapping[str, int],
        values: pd.Series,
        size: int,
        **how: Any,
    ) -> Leaves:
        """Grow the tree of one column.

        Args:
            before: encoded columns, shape (n, k).
            sizes: of each of them the number of codes, 0 for numbers.
            values: of the column, shape (n,).
            size: its number of codes, 0 for numbers.
            how: settings of the library's trees.
        """
        known = values.to_numpy(dtype=np.float64)
        score = _score(known, size)
        ranks = {
            place: _ranks(before[name].to_numpy(), sizes[name], score)
            for place, name in enumerate(before)
            if sizes[name]
        }
        tree = _tree(_ranked(before, ranks), values.to_numpy(), size, how)
        leaf = tree.apply(_ranked(before, ranks))
        order = np.lexsort((known, leaf))
        starts = np.searchsorted(leaf[order], np.arange(len(tree.left) + 1))
        return cls(tree, ranks, starts, known[order])

    def draw(self, before: pd.DataFrame, smooth: bool, rng: np.random.Generator) -> FloatArray:
        """A value for each row of the columns before, shape (n,).

        Args:
            before: encoded columns, shape (n, k).
            smooth: whether a number is drawn anywhere between neighbours in its leaf.
            rng: gives a number for each draw.
        """
        leaf = self.tree.apply(_ranked(before, self.ranks))
        first, count = self.starts[leaf], np.diff(self.starts)[leaf]
        if not smooth:
            return self.values[first + (rng.random(len(leaf)) * count).astype(np.int64)]
        place = rng.random(len(leaf)) * (count - 1)
        low = place.astype(np.int64).clip(0, np.maximum(count - 2, 0))
        below, above = self.values[first + low], self.values[first + np.minimum(low + 1, count - 1)]
        drawn: FloatArray = below + (above - below) * (place - low)
        return drawn

    def to_arrays(self) -> Arrays:
        """Arrays by name, the inverse of `of_arrays`."""
        tree, ranks = self.tree, {f"ranks {k}": v for k, v in self.ranks.items()}
        parts = {"left": tree.left, "right": tree.right, "feature": tree.feature}
        rest = {"threshold": tree.threshold, "starts": self.starts, "values": self.values}
        return {**parts, **rest, **ranks}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Leaves:
        nodes = (arrays[name] for name in ("left", "right", "feature", "threshold"))
        ranks = {
            int(name.removeprefix("ranks ")): values
            for name, values in arrays.items()
            if name.startswith("ranks ")
        }
        return cls(Tree(*nodes), ranks, arrays["starts"], arrays["values"])


def _tree(rows: FloatArray, values: npt.NDArray[Any], size: int, how: dict[str, Any]) -> Tree:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    grown = (DecisionTreeClassifier if size else DecisionTreeRegressor)(**how).fit(rows, values)
    nodes = np.arange(grown.tree_.node_count)
    inner = grown.tree_.children_left >= 0
    left = np.where(inner, grown.tree_.children_left, nodes)
    right = np.where(inner, grown.tree_.children_right, nodes)
    return Tree(left, right, np.where(inner, grown.tree_.feature, 0), grown.tree_.threshold)


def _score(values: FloatArray, size: int) -> FloatArray:
    """One number a row by which the codes of other columns are put into order, shape (n,).

    Numbers are that themselves. Of two codes it is the second; of more, the less frequent ones
    from the most frequent.
    """
    if size <= 2:
        return values
    codes = values.astype(np.int64)
    counts = np.bincount(codes, minlength=size)
    return np.argsort(np.argsort(-counts, kind="stable"), kind="stable")[codes].astype(np.float64)


def _ranks(codes: npt.NDArray[Any], size: int, score: FloatArray) -> IntArray:
    """The place of each code by the mean score of its rows, shape (size,).

    With numbers and with two classes the best split of the codes is one of this order.
    """
    sums, counts = np.bincount(codes, score, size), np.bincount(codes, minlength=size)
    order = np.argsort(sums / np.maximum(counts, 1), kind="stable")
    return np.argsort(order, kind="stable").astype(np.int64)


def _ranked(before: pd.DataFrame, ranks: Mapping[int, IntArray]) -> FloatArray:
    """The rows with ranks for codes; before the first column, a column of zeros."""
    if not before.shape[1]:
        return np.zeros((len(before), 1))
    rows = before.to_numpy(dtype=np.float64, copy=True)
    for place, order in ranks.items():
        rows[:, place] = order[rows[:, place].astype(np.int64)]
    return rows
