"""How much columns of codes say of each other: scores, mutual information, and a tree of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from tabsculpt.table import FloatArray, IntArray

Parents = list[tuple[int, ...]]
"""For each column the columns that it depends on directly, the strongest dependence first."""

MOST_CELLS = 1_000_000
"""No column gets parents with which its table of probabilities would have more entries."""

ROWS_EACH = 2
"""Nor parents with so many combinations of codes that fewer rows are left for each, on average.

A score can prefer such parents on a few rows, but what then is learnt are these rows by heart.
"""


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
    from scipy.sparse import csr_array

    n, d = codes.shape
    starts = np.cumsum(sizes) - sizes
    cells = (np.ones(n * d, np.int32), (starts + codes).ravel(), np.arange(0, n * d + 1, d))
    hot = csr_array(cells, shape=(n, int(sizes.sum())))
    by_code = hot.T.tocsr()
    entropies = np.array([_entropy(codes[:, column], n) for column in range(d)])
    weights = np.zeros((d, d))
    for a, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        counts = (by_code[start : start + size] @ hot).toarray()
        logs = np.add.reduceat((counts * np.log(np.maximum(counts, 1))).sum(axis=0), starts)
        weights[a] = np.maximum(0, entropies[a] + entropies - (np.log(n) - logs / n))
    np.fill_diagonal(weights, 0)
    return weights


def _fits(n: int, cases: int, size: int) -> bool:
    """Whether a table of probabilities is not too large for the memory, nor for the rows."""
    return cases * size <= MOST_CELLS and cases * ROWS_EACH <= n


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
