"""The Wilcoxon signed-rank test of paired values, with an effect size and a location."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tabsculpt.table import FloatArray, IntArray

ENUMERATED = 14
"""With ties, the exact distribution is enumerated up to so many pairs (2^14 sign patterns)."""
EXACT = 50
"""Without ties, it is computed up to so many; beyond, the normal approximation is used.

Up to as many pairs the interval is bootstrapped, which takes time of their square; beyond, it
holds the shifts that the signed-rank test does not reject (Hodges and Lehmann, 1963)."""
RESAMPLES = 1000
_CHUNK = 4_000_000
_BLOCK = 32


@dataclass(frozen=True)
class Paired:
    """Two-sided test that paired differences are symmetric about zero.

    Attributes:
        n: pairs whose values differ.
        n_zero: pairs whose values are the same, which the test leaves out.
        statistic: the smaller of the two rank sums.
        p: two-sided; 1 where no pair differs.
        exact: whether ``p`` is from the exact distribution.
        effect: matched-pairs rank-biserial correlation, in [-1, 1]: the share of the rank sum of
            positive differences less that of negative ones (Kerby, 2014).
        hodges_lehmann: the median of the Walsh averages of all differences, zeros included, first
            less second in the metric's unit; ``low``, ``high``: its 95 % percentile bootstrap
            interval over pairs, or that of the test itself beyond 50 pairs.
        smallest_p: the smallest two-sided p that so many differing pairs allow, 2 / 2^n.
        shapiro_p: Shapiro-Wilk test that the differences are normal; None below 3 pairs or where
            they do not vary.
    """

    n: int
    n_zero: int
    statistic: float
    p: float
    exact: bool
    effect: float
    hodges_lehmann: float
    low: float
    high: float
    smallest_p: float
    shapiro_p: float | None


def signed_rank(first: FloatArray, second: FloatArray, seed: int) -> Paired:
    """Compare paired values.

    Zero differences are left out (Wilcoxon's own treatment) and counted. The exact distribution is
    used where it can be: without ties up to 50 differing pairs, with ties up to 14.

    Args:
        first: shape (n,), finite, n at least 1.
        second: the values paired with them.
        seed: of the bootstrap.

    References:
        Individual Comparisons by Ranking Methods, Wilcoxon, 1945,
        https://doi.org/10.2307/3001968; The Simple Difference Formula, Kerby, 2014,
        https://doi.org/10.2466/11.IT.3.1; Estimates of Location Based on Rank Tests, Hodges and
        Lehmann, 1963, https://doi.org/10.1214/aoms/1177704172
    """
    from scipy.stats import rankdata, shapiro

    differences = first - second
    moved = differences[differences != 0]
    n = len(moved)
    ranks = rankdata(np.abs(moved))
    up, total = float(ranks[moved > 0].sum()), float(ranks.sum())
    p, exact = two_sided_p(differences)
    low, high = _interval(differences, seed)
    varies = len(differences) >= 3 and np.ptp(differences) > 0
    return Paired(
        n=n,
        n_zero=len(differences) - n,
        statistic=min(up, total - up),
        p=p,
        exact=exact,
        effect=(2 * up - total) / total if n else 0.0,
        hodges_lehmann=float(walsh_median(differences)),
        low=low,
        high=high,
        smallest_p=min(1.0, 2.0 / 2.0 ** min(n, 1000)),
        shapiro_p=float(shapiro(differences).pvalue) if varies else None,
    )


def walsh_median(values: FloatArray) -> FloatArray:
    """The Hodges-Lehmann estimate: the median of (x_i + x_j) / 2 over all i <= j.

    Args:
        values: shape (..., n).

    Returns:
        Shape (...).
    """
    rows, columns = np.triu_indices(values.shape[-1])
    median: FloatArray = np.median(values[..., rows] + values[..., columns], axis=-1) / 2
    return median


def two_sided_p(differences: FloatArray) -> tuple[float, bool]:
    """The p-value of `signed_rank` alone, and whether it is exact.

    Args:
        differences: shape (n,); zeros are left out.
    """
    from scipy.stats import rankdata, wilcoxon

    moved = differences[differences != 0]
    n = len(moved)
    ranks = rankdata(np.abs(moved))
    ties = len(np.unique(ranks)) < n
    if not n:
        return 1.0, True
    if ties and n <= ENUMERATED:
        return _enumerated(ranks, float(ranks[moved > 0].sum())), True
    if not ties and n <= EXACT:
        return float(wilcoxon(moved, method="exact").pvalue), True
    return float(wilcoxon(moved, method="approx", correction=True).pvalue), False


def _enumerated(ranks: FloatArray, up: float) -> float:
    """Two-sided p of a sum of positive ranks, over every pattern of signs."""
    n = len(ranks)
    positive = np.arange(2**n)[:, None] >> np.arange(n) & 1
    sums = positive @ ranks  # whole and half numbers, so that equal sums are equal
    return min(1.0, 2 * float(min((sums <= up).mean(), (sums >= up).mean())))


def _interval(differences: FloatArray, seed: int) -> tuple[float, float]:
    n = len(differences)
    rows, columns = np.triu_indices(n)
    sums = differences[rows] + differences[columns]
    if n > EXACT:
        return _not_rejected(np.sort(sums) / 2, n)
    order = np.argsort(sums)
    step = max(1, _CHUNK // len(sums))
    medians = [
        _medians(sums[order], _multiplicities(n, seed, start, min(start + step, RESAMPLES))[order])
        for start in range(0, RESAMPLES, step)
    ]
    low, high = np.quantile(np.concatenate(medians) / 2, [0.025, 0.975])
    return float(low), float(high)


def _not_rejected(averages: FloatArray, n: int) -> tuple[float, float]:
    """The Walsh averages, sorted, at the normal approximation's quantiles of the rank sum."""
    deviation = 1.959964 * np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    place = int(np.floor(n * (n + 1) / 4 - deviation))
    return float(averages[place]), float(averages[-1 - place])


@lru_cache(maxsize=1)  # the pairs of arms of a cell are resampled alike
def _multiplicities(n: int, seed: int, start: int, stop: int) -> IntArray:
    """How often the sum of two values stands among those of a resample.

    Drawing values c_i times each makes c_i c_j sums of i and j, and c_i (c_i + 1) / 2 of i and i.

    Returns:
        Shape (sums, resamples from start to stop), the sums as `np.triu_indices` orders them.
    """
    drawn = np.random.default_rng(seed).integers(n, size=(RESAMPLES, n))[start:stop]
    places = drawn + n * np.arange(len(drawn))[:, None]
    counts = np.bincount(places.ravel(), minlength=n * len(drawn)).reshape(-1, n).T
    counts = counts.astype(np.int16 if n < 181 else np.int32)  # n (n + 1) / 2 sums in all
    rows, columns = np.triu_indices(n)
    found: IntArray = counts[rows] * counts[columns]
    own = rows == columns
    found[own] = counts * (counts + 1) // 2
    return found


def _medians(values: FloatArray, weights: IntArray) -> FloatArray:
    """The median of each column of repeated values.

    Args:
        values: shape (k,), sorted.
        weights: how often each is repeated, shape (k, columns), with the same sum in each column.
    """
    total = int(weights[:, 0].sum())
    starts = np.arange(0, len(values), _BLOCK)
    ends = np.add.reduceat(weights, starts, axis=0, dtype=weights.dtype).cumsum(axis=0)
    return (
        _ranked(values, weights, ends, (total - 1) // 2)
        + _ranked(values, weights, ends, total // 2)
    ) / 2


def _ranked(values: FloatArray, weights: IntArray, ends: IntArray, rank: int) -> FloatArray:
    """The value of a rank, counted from 0, of each column: first its block, then its place."""
    block = (ends <= rank).sum(axis=0)
    columns = np.arange(weights.shape[1])
    before = np.where(block > 0, ends[block - 1, columns], 0)
    places = block * _BLOCK + np.arange(_BLOCK)[:, None]
    inside = weights[np.minimum(places, len(values) - 1), columns]
    place = (before + np.cumsum(inside, axis=0) <= rank).sum(axis=0)
    found: FloatArray = values[block * _BLOCK + place]
    return found
