"""Which columns of codes depend directly on which: a tree, or a graph found by hill climbing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray, IntArray

Parents = list[tuple[int, ...]]
"""For each column the columns that it depends on directly, the strongest dependence first."""

MOST_CELLS = 1_000_000
"""No column gets parents with which its table of probabilities would have more entries."""

ROWS_EACH = 2
"""Nor parents with so many combinations of codes that fewer rows are left for each, on average.

A score can prefer such parents on a few rows, but what then is learnt are these rows by heart.
"""

MOST_PAIRS = 20_000
"""Pairs of parents are looked at where all columns together have no more of them: up to 35 columns.

Each costs as much as any score of a column, about 0.1 ms on 400 rows.
"""

_GAIN = 1e-9
"""A step of the search raises the score by more than this, or is none."""


class Score(StrEnum):
    """How good a column's parents are, as a logarithm.

    k2: the probability of the column's codes given its parents', every table of probabilities
    being as likely as any other beforehand. bdeu: the same, when all tables together are worth one
    row of uniform codes beforehand. bic: the likelihood with the best table, less half the
    logarithm of the number of rows for each free entry of the table.
    """

    K2 = "k2"
    BDEU = "bdeu"
    BIC = "bic"


@dataclass
class Scorer:
    """Scores of columns given parents, each computed once.

    Source: D. Heckerman, D. Geiger, D. M. Chickering, "Learning Bayesian networks: the combination
    of knowledge and statistical data", 1995, https://doi.org/10.1007/BF00994016 (K2, BDeu);
    G. Schwarz, "Estimating the dimension of a model", 1978,
    https://doi.org/10.1214/aos/1176344136 (BIC).

    Attributes:
        codes: shape (n, d).
        sizes: the number of codes of each column, shape (d,).
        score: which.
    """

    codes: IntArray
    sizes: IntArray
    score: Score
    _known: dict[tuple[int, frozenset[int]], float] = field(default_factory=dict)

    def __call__(self, column: int, parents: frozenset[int] | set[int]) -> float:
        """The score of one column; minus infinity where there are too many combinations."""
        key = column, frozenset(parents)
        if key not in self._known:
            self._known[key] = self._local(column, sorted(parents))
        return self._known[key]

    def _local(self, column: int, parents: list[int]) -> float:
        # A combination of parents that no row has adds nothing to k2 and bdeu: only those that
        # occur are counted.
        size = int(self.sizes[column])
        cases = math.prod(int(self.sizes[p]) for p in parents)
        if parents and not _fits(len(self.codes), cases, size):
            return -math.inf
        rows = combine(self.codes, self.sizes, parents)
        cells = _counts(rows * size + self.codes[:, column])
        totals = _counts(rows)
        match self.score:
            case Score.K2:
                return _dirichlet(cells, 1.0) - _dirichlet(totals, float(size))
            case Score.BDEU:
                weight = 1.0 / cases
                return _dirichlet(cells, weight / size) - _dirichlet(totals, weight)
            case Score.BIC:
                likelihood = cells @ np.log(cells) - totals @ np.log(totals)
                free = cases * (size - 1)
                return float(likelihood) - 0.5 * math.log(len(self.codes)) * free


def combine(codes: IntArray, sizes: IntArray, columns: tuple[int, ...] | list[int]) -> IntArray:
    """One number for the combination of codes in each row, shape (n,); the last runs fastest."""
    rows = np.zeros(len(codes), dtype=np.int64)
    for column in columns:
        rows = rows * sizes[column] + codes[:, column]
    return rows


def chow_liu(codes: IntArray, sizes: IntArray) -> Parents:
    """The tree of the largest likelihood: a spanning tree of most mutual information.

    Its root is the column that shares most information with all others. A column has no parent
    with too many codes for the rows, so the tree can be several.

    Source: C. K. Chow, C. N. Liu, "Approximating discrete probability distributions with
    dependence trees", 1968, https://doi.org/10.1109/TIT.1968.1054142
    """
    weights = mutual_information(codes, sizes)
    fits = [[_fits(len(codes), int(a), int(b)) for b in sizes] for a in sizes]
    parents: Parents = [()] * len(sizes)
    root = int(weights.sum(axis=0).argmax())
    nearest, best = np.full(len(sizes), root), np.where(fits[root], weights[root], 0.0)
    outside = np.arange(len(sizes)) != root
    while outside.any():
        column = int(np.where(outside, best, -1).argmax())
        parents[column] = (int(nearest[column]),) if best[column] > 0 else ()
        outside[column] = False
        reach = np.where(fits[column], weights[column], 0.0)
        nearest, best = np.where(reach > best, column, nearest), np.maximum(reach, best)
    return parents


def mutual_information(codes: IntArray, sizes: IntArray) -> FloatArray:
    """Of each pair of columns in nats, shape (d, d); 0 on the diagonal."""
    n, d = codes.shape
    weights = np.zeros((d, d))
    entropies = [_entropy(codes[:, column], n) for column in range(d)]
    for a in range(d):
        for b in range(a):
            both = _entropy(combine(codes, sizes, [a, b]), n)
            weights[a, b] = weights[b, a] = max(0.0, entropies[a] + entropies[b] - both)
    return weights


def climb(scorer: Scorer, most: int) -> Parents:
    """The graph without cycles whose score no single edge more, less or turned round raises.

    Nor two more edges into one column at once: of two columns that say something about a third
    together and nothing alone, as in an exclusive or, neither edge raises the score by itself.

    Source: D. Koller, N. Friedman, "Probabilistic graphical models", 2009, section 18.4.3.

    Args:
        scorer: of the columns.
        most: parents of a column.
    """
    d = len(scorer.sizes)
    parents: list[set[int]] = [set() for _ in range(d)]
    while True:
        leads = _leads(parents)
        moves = [
            move
            for child in range(d)
            for parent in range(d)
            if parent != child and (move := _move(scorer, parents, leads, parent, child, most))
        ]
        gain, parent, child, step = max(moves, default=(0.0, 0, 0, ""))
        if gain <= _GAIN:
            child, pair = _best_pair(scorer, parents, leads, most)
            if not pair:
                break
            parents[child] |= pair
            continue
        if step == "add":
            parents[child].add(parent)
        else:
            parents[child].remove(parent)
            if step == "turn":
                parents[parent].add(child)
    return [
        tuple(sorted(parents[child], key=lambda parent: (-scorer(child, {parent}), parent)))
        for child in range(d)
    ]


def in_order(parents: Parents) -> list[int]:
    """The columns, each after its parents."""
    leads = _leads([set(one) for one in parents])
    return [int(column) for column in np.argsort(leads.sum(axis=0), kind="stable")]


def _move(
    scorer: Scorer,
    parents: list[set[int]],
    leads: npt.NDArray[np.bool_],
    parent: int,
    child: int,
    most: int,
) -> tuple[float, int, int, str] | None:
    """The best step on the edge from ``parent`` to ``child``, with its gain; None if none."""
    mine = parents[child]
    now = scorer(child, mine)
    if parent not in mine:
        if len(mine) >= most or leads[child, parent]:
            return None
        return scorer(child, mine | {parent}) - now, parent, child, "add"
    drop = scorer(child, mine - {parent}) - now
    others = mine - {parent}
    if len(parents[parent]) >= most or any(leads[parent, other] for other in others):
        return drop, parent, child, "drop"
    back = scorer(parent, parents[parent] | {child}) - scorer(parent, parents[parent])
    return (drop + max(back, 0.0), parent, child, "turn" if back > 0 else "drop")


def _best_pair(
    scorer: Scorer, parents: list[set[int]], leads: npt.NDArray[np.bool_], most: int
) -> tuple[int, set[int]]:
    """The column whose score two more parents raise most, and these; none where none do."""
    d = len(parents)
    best, chosen = _GAIN, (0, set[int]())
    if d * (d - 1) * (d - 2) // 2 > MOST_PAIRS:
        return chosen
    for child, mine in enumerate(parents):
        if len(mine) + 2 > most:
            continue
        free = [p for p in range(d) if p != child and p not in mine and not leads[child, p]]
        for pair in combinations(free, 2):
            gain = scorer(child, mine | set(pair)) - scorer(child, mine)
            if gain > best:
                best, chosen = gain, (child, set(pair))
    return chosen


def _fits(n: int, cases: int, size: int) -> bool:
    """Whether a table of probabilities is not too large for the memory, nor for the rows."""
    return cases * size <= MOST_CELLS and cases * ROWS_EACH <= n


def _leads(parents: list[set[int]]) -> npt.NDArray[np.bool_]:
    """Whether a path leads from one column to another, shape (d, d)."""
    leads = np.zeros((len(parents), len(parents)), dtype=bool)
    for child, mine in enumerate(parents):
        leads[list(mine), child] = True
    for middle in range(len(parents)):
        leads |= np.outer(leads[:, middle], leads[middle])
    return leads


def _counts(rows: IntArray) -> IntArray:
    """How often each number occurs, of those that do."""
    return np.unique(rows, return_counts=True)[1]


def _dirichlet(counts: IntArray, prior: float) -> float:
    """The sum over cells of log Gamma(count + prior) - log Gamma(prior)."""
    from scipy.special import gammaln

    return float((gammaln(counts + prior) - gammaln(prior)).sum())


def _entropy(rows: IntArray, n: int) -> float:
    """Of the numbers' shares, in nats."""
    counts = _counts(rows)
    return float(np.log(n) - counts @ np.log(counts) / n)
