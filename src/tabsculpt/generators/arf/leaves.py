"""The leaves of a forest: which training rows each holds, and where it begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray, IntArray

_LEAST = 1e-12
"""Sums of squares are kept above this where they divide."""


@dataclass(frozen=True)
class Tree:
    """A decision tree without the branches that hold too few rows.

    A row that belongs into such a branch goes the other way. Where both branches of a node are
    such, the node is a leaf.

    Attributes:
        left: the node for values up to the threshold, shape (nodes,); of a leaf itself.
        right: the node for values above it.
        feature: the column that is compared.
        threshold: with what.
    """

    left: IntArray
    right: IntArray
    feature: IntArray
    threshold: FloatArray

    @classmethod
    def prune(cls, tree: Any, rows: FloatArray, least: int) -> Tree:
        """From a ``sklearn.tree`` classifier.

        Args:
            tree: that was fitted.
            rows: that are counted, shape (n, d).
            least: of them in each leaf.
        """
        nodes = np.arange(tree.tree_.node_count)
        left, right = tree.tree_.children_left, tree.tree_.children_right
        counts = np.asarray(tree.decision_path(rows).sum(axis=0)).ravel()
        inner = left >= 0
        scarce = [inner & (counts[side] < least) for side in (left, right)]
        leaf = ~inner | (scarce[0] & scarce[1])
        return cls(
            left=np.where(leaf, nodes, np.where(scarce[0], right, left)),
            right=np.where(leaf, nodes, np.where(scarce[1], left, right)),
            feature=np.where(inner, tree.tree_.feature, 0),
            threshold=tree.tree_.threshold,
        )

    def apply(self, rows: FloatArray) -> IntArray:
        """The leaf of each row, shape (n,)."""
        # The library compares in single precision.
        rows, each = rows.astype(np.float32), np.arange(len(rows))
        nodes = np.zeros(len(rows), dtype=np.int64)
        while True:
            below = rows[each, self.feature[nodes]] <= self.threshold[nodes]
            deeper = np.where(below, self.left[nodes], self.right[nodes])
            if (deeper == nodes).all():
                return nodes
            nodes = deeper

    def boxes(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The bounds of each node, shape (nodes, d) each, given those of the root, shape (d,)."""
        lows, highs = (np.tile(bound, (len(self.left), 1)) for bound in (low, high))
        waiting = [0]
        while waiting:
            node = waiting.pop()
            left, right = self.left[node], self.right[node]
            for child in {left, right} - {node}:
                lows[child], highs[child] = lows[node], highs[node]
                waiting.append(child)
            if left != right:
                column, threshold = self.feature[node], self.threshold[node]
                highs[left, column] = min(highs[left, column], threshold)
                lows[right, column] = max(lows[right, column], threshold)
        return lows, highs


@dataclass(frozen=True)
class Leaves:
    """The rows of each leaf of some trees, each tree holding all rows.

    Attributes:
        members: the rows' numbers, tree after tree and leaf after leaf, shape (trees * n,).
        first: the place of each leaf's first one in ``members``, shape (leaves,).
        counts: how many each leaf has.
    """

    members: IntArray
    first: IntArray
    counts: IntArray

    @classmethod
    def of(cls, trees: Sequence[Tree], rows: FloatArray) -> tuple[Leaves, list[IntArray]]:
        """The leaves that rows fall into, and for each tree the nodes that these leaves are."""
        nodes = [tree.apply(rows) for tree in trees]
        found = [np.unique(one, return_counts=True) for one in nodes]
        members = np.concatenate([one.argsort(kind="stable") for one in nodes])
        counts = np.concatenate([count for _, count in found])
        first = np.cumsum(counts) - counts
        return cls(members, first, counts), [leaves for leaves, _ in found]

    def scramble(self, rows: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        """New rows, shape (n, d): each value is that of any row of one leaf for all columns."""
        leaves = rng.choice(len(self.counts), size=n, p=self.counts / self.counts.sum())
        drawn = np.empty((n, rows.shape[1]))
        for column in range(rows.shape[1]):
            place = self.first[leaves] + rng.integers(0, self.counts[leaves])
            drawn[:, column] = rows[self.members[place], column]
        return drawn

    def moments(self, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of each leaf's rows, shape (leaves, d) each."""
        means = self._mean(rows)
        squares = np.maximum(self._mean(rows**2) - means**2, 0)
        unbiased = self.counts / np.maximum(self.counts - 1, 1)
        return means, np.sqrt(squares * unbiased[:, None])

    def correlations(self, rows: FloatArray) -> FloatArray:
        """Correlations of the columns about the means of their leaves, pooled, shape (d, d)."""
        means, trees = self._mean(rows), len(self.members) / len(rows)
        covariance = trees * rows.T @ rows - (means * self.counts[:, None]).T @ means
        scale = np.sqrt(np.maximum(np.diag(covariance), _LEAST))
        found: FloatArray = covariance / np.outer(scale, scale)
        return found

    def shares(self, codes: FloatArray, size: int) -> FloatArray:
        """The share of each code in each leaf, shape (leaves, size)."""
        leaf = np.repeat(np.arange(len(self.counts)), self.counts)
        cells = leaf * size + codes[self.members].astype(np.int64)
        counted = np.bincount(cells, minlength=len(self.counts) * size)
        return counted.reshape(-1, size) / self.counts[:, None]

    def _mean(self, rows: FloatArray) -> FloatArray:
        sums: FloatArray = np.add.reduceat(rows[self.members], self.first, axis=0)
        return sums / self.counts[:, None]


def leaf_bounds(
    trees: Sequence[Tree], nodes: Sequence[IntArray], low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least and greatest values of the leaves, tree after tree, shape (leaves, d) each.

    Args:
        trees: each with its leaves in ``nodes``.
        nodes: the leaves' nodes.
        low: least values in all, shape (d,).
        high: greatest values in all.
    """
    bounds = []
    for tree, kept in zip(trees, nodes, strict=True):
        lows, highs = tree.boxes(low, high)
        bounds.append((lows[kept], highs[kept]))
    return np.vstack([lows for lows, _ in bounds]), np.vstack([highs for _, highs in bounds])
