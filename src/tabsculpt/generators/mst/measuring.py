"""All that looks at the rows: noisy counts of columns, and of the pairs of a spanning tree."""

from __future__ import annotations

import importlib
import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from tabsculpt.extras import require
from tabsculpt.generators.mst.accounting import Budget
from tabsculpt.table import FloatArray, IntArray

SUPPORT = 3.0
"""Cells whose noisy count is below so many deviations of the noise are counted together."""

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Merged:
    """Cells of a column, those with next to no rows being one.

    Attributes:
        code: of each cell, shape (cells,); the last code is that of the merged ones.
        weights: of each code in a noisy count, so that its noise is like that of the others.
        noisy: the counts of the codes, so weighted.
    """

    code: IntArray
    weights: FloatArray
    noisy: FloatArray

    @classmethod
    def of(cls, noisy: FloatArray, deviation: float) -> Merged:
        rare = noisy < SUPPORT * deviation
        if rare.sum() < 2:
            return cls(np.arange(len(noisy)), np.ones(len(noisy)), noisy)
        kept = int((~rare).sum())
        code = np.where(rare, kept, np.cumsum(~rare) - 1)
        weights = np.append(np.ones(kept), 1 / np.sqrt(rare.sum()))
        return cls(code, weights, np.append(noisy[~rare], noisy[rare].sum()) * weights)

    @property
    def shares(self) -> FloatArray:
        """The expected share of each code, from the noisy counts alone, shape (codes,)."""
        return _shares((self.noisy / self.weights)[None, :])[0]

    def undo(self, codes: IntArray, rng: np.random.Generator) -> IntArray:
        """A cell for each code, shape (n,); any of the merged ones, all alike likely."""
        order = np.argsort(self.code, kind="stable")
        counts = np.bincount(self.code)
        starts = np.cumsum(counts) - counts
        inside = (rng.random(len(codes)) * counts[codes]).astype(np.int64)
        cells: IntArray = order[starts[codes] + inside]
        return cells


@dataclass(frozen=True, eq=False)
class Tree:
    """The distribution that the noisy counts are those of.

    Attributes:
        order: pairs (parent, child) of the places of columns, parents first; the root's parent
            is -1.
        tables: for each the child's shares given the parent's code, shape (parent, child).
    """

    order: list[Pair]
    tables: list[FloatArray]


def measure(
    codes: IntArray, sizes: list[int], budget: Budget, steps: int, rng: np.random.Generator
) -> tuple[list[Merged], Tree]:
    """Count columns, choose a tree of pairs, count these, and fit a distribution to the counts.

    Args:
        codes: the cells of the rows, shape (n, d).
        sizes: how many cells each column has.
        budget: of d columns.
        steps: of mirror descent.
        rng: of the noise.

    Returns:
        What became of each column's cells, and the distribution of what they became.
    """
    noisy = count_columns(codes, sizes, budget.one_way, rng)
    merged = [Merged.of(counts, budget.one_way) for counts in noisy]
    short = recode(codes, merged)
    if len(sizes) == 1:
        return merged, Tree([(-1, 0)], [merged[0].shares[None, :]])
    pairs = _choose(short, _alone(merged), budget.choice, rng)
    widths = [len(m.weights) for m in merged]
    counts = {
        (a, b): _count(
            short[:, a] * widths[b] + short[:, b], widths[a] * widths[b], budget.two_way, rng
        )
        for a, b in pairs
    }
    return merged, _private_pgm(merged, counts, budget, steps)


def count_columns(
    codes: IntArray, sizes: list[int], deviation: float, rng: np.random.Generator
) -> list[FloatArray]:
    """How many rows are in each cell of each column, with noise.

    Args:
        codes: the cells of the rows, shape (n, d).
        sizes: how many cells each column has.
        deviation: of the noise on each count.
        rng: of the noise.
    """
    return [_count(codes[:, k], size, deviation, rng) for k, size in enumerate(sizes)]


def recode(codes: IntArray, merged: list[Merged]) -> IntArray:
    """The codes of the cells of rows, shape (n, d)."""
    return np.column_stack([one.code[codes[:, k]] for k, one in enumerate(merged)])


def _count(codes: IntArray, size: int, deviation: float, rng: np.random.Generator) -> FloatArray:
    """How many rows have each code, with noise, shape (size,): a row more moves one by one."""
    return np.bincount(codes, minlength=size) + rng.normal(0, deviation, size)


def _choose(
    codes: IntArray, alone: list[FloatArray], epsilon: float, rng: np.random.Generator
) -> list[Pair]:
    """A spanning tree of pairs whose counts are far from independence, by exponential mechanisms.

    Args:
        codes: shape (n, d).
        alone: the expected counts of each column.
        epsilon: of each of the d - 1 mechanisms.
        rng: of the choice.
    """
    count = codes.shape[1]
    scores: dict[Pair, float] = {}
    for a in range(count):
        for b in range(a + 1, count):
            expected = np.outer(alone[a], alone[b]) / alone[a].sum()
            found = np.bincount(codes[:, a] * len(alone[b]) + codes[:, b], minlength=expected.size)
            # A row more moves this sum of absolute differences by one at most.
            scores[a, b] = float(np.abs(found - expected.ravel()).sum())
    part = list(range(count))
    chosen: list[Pair] = []
    while len(chosen) < count - 1:
        open_pairs = [pair for pair in scores if part[pair[0]] != part[pair[1]]]
        logs = np.array([epsilon / 2 * scores[pair] for pair in open_pairs])
        chances = np.exp(logs - logs.max())
        a, b = open_pairs[int(rng.choice(len(open_pairs), p=chances / chances.sum()))]
        chosen.append((a, b))
        part = [part[a] if one == part[b] else one for one in part]
    return chosen


def _alone(merged: list[Merged]) -> list[FloatArray]:
    """The expected counts of each column's codes, of one total, from the noisy ones alone."""
    total = max(float(np.mean([(one.noisy / one.weights).sum() for one in merged])), 1.0)
    return [total * one.shares for one in merged]


def _private_pgm(
    merged: list[Merged], counts: dict[Pair, FloatArray], budget: Budget, steps: int
) -> Tree:
    """The distribution along the counted pairs, from the first column on, that fits best."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jax import enable_x64

        with enable_x64(True):
            mbi = _package()
            domain = mbi.Domain(list(range(len(merged))), [len(m.weights) for m in merged])
            noisy = _measurements(mbi, merged, counts, budget)
            model = mbi.estimation.MirrorDescent().estimate(domain, noisy, iters=steps)
            order = _from_root(list(counts), len(merged))
            found = [model.project((0,)).values[None, :]]
            found += [model.project(pair).values for pair in order[1:]]
            return Tree(order, [_shares(np.asarray(counts)) for counts in found])


def _package() -> Any:
    """The package ``mbi``, with the log of what it imports bound to the process's own stream.

    The handler that absl makes when it is imported keeps the stream of that moment, and closes it
    when anybody configures logging anew, as submitit does: where output was redirected then, that
    would be the end of it.
    """
    mbi = require("dp", "mbi", "mst")
    handler = importlib.import_module("absl.logging").get_absl_handler().python_handler
    handler.stream = sys.__stderr__
    return mbi


def _measurements(
    mbi: Any, merged: list[Merged], counts: dict[Pair, FloatArray], budget: Budget
) -> list[Any]:
    query, one = mbi.marginal_loss.WeightedQuery, mbi.LinearMeasurement
    ones = [one(m.noisy, (k,), budget.one_way, query(m.weights)) for k, m in enumerate(merged)]
    return [*ones, *(one(noisy, pair, budget.two_way) for pair, noisy in counts.items())]


def _from_root(pairs: list[Pair], count: int) -> list[Pair]:
    """The pairs of a spanning tree as parent and child, parents first."""
    order: list[Pair] = [(-1, 0)]
    seen = {0}
    while len(seen) < count:
        a, b = next(p for p in pairs if (p[0] in seen) != (p[1] in seen))
        order.append((a, b) if a in seen else (b, a))
        seen.add(order[-1][1])
    return order


def _shares(counts: FloatArray) -> FloatArray:
    """Rows that sum to one; all alike where there is nothing."""
    positive = np.maximum(counts.astype(np.float64), 0) + 1e-12
    shares: FloatArray = positive / positive.sum(axis=1, keepdims=True)
    return shares
