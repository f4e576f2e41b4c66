"""The Wilcoxon signed-rank test of paired values, with an effect size and a location."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tabsculpt.table import FloatArray

ENUMERATED = 14
"""With ties, the exact distribution is enumerated up to so many pairs (2^14 sign patterns)."""
EXACT = 50
"""Without ties, it is computed up to so many; beyond, the normal approximation is used."""
LEAST_PAIRS = 6
"""Fewer pairs allow no 95 % interval: the widest one holds the shift in 1 - 2 / 2^n of cases."""
DIGITS = 12
"""Differences that agree to so many digits of the largest value differ by rounding alone."""


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
            less second in the metric's unit; ``low``, ``high``: the 95 % interval of the shifts
            that the test does not reject (Hodges and Lehmann, 1963), without ends below 6 pairs.
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


def signed_rank(first: FloatArray, second: FloatArray) -> Paired:
    """Compare paired values.

    Zero differences are left out (Wilcoxon's own treatment) and counted. The exact distribution is
    used where it can be: without ties up to 50 differing pairs, with ties up to 14. Differences
    that agree to 12 digits of the largest value are taken as equal, as SciPy's documentation
    advises: those of proportions, such as 3/146, otherwise differ in their last bit, which breaks
    ties at random.

    Args:
        first: shape (n,), finite, n at least 1.
        second: the values paired with them.

    References:
        Individual Comparisons by Ranking Methods, Wilcoxon, 1945,
        https://doi.org/10.2307/3001968; The Simple Difference Formula, Kerby, 2014,
        https://doi.org/10.2466/11.IT.3.1; Estimates of Location Based on Rank Tests, Hodges and
        Lehmann, 1963, https://doi.org/10.1214/aoms/1177704172
    """
    from scipy.stats import rankdata, shapiro

    differences = differences_of(first, second)
    moved = differences[differences != 0]
    n = len(moved)
    ranks = rankdata(np.abs(moved))
    up, total = float(ranks[moved > 0].sum()), float(ranks.sum())
    p, exact = two_sided_p(differences)
    low, high = _interval(differences)
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


def differences_of(first: FloatArray, second: FloatArray) -> FloatArray:
    """First less second, rounded so that differences that are equal but for rounding are equal."""
    largest = float(np.max(np.abs([first, second]))) or 1.0
    rounded: FloatArray = np.round(first - second, DIGITS - int(np.floor(np.log10(largest))))
    return rounded


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


def _interval(differences: FloatArray) -> tuple[float, float]:
    """The Walsh averages between which the signed-rank test rejects no shift at 5 %."""
    n = len(differences)
    if n < LEAST_PAIRS:
        return -np.inf, np.inf
    rows, columns = np.triu_indices(n)
    averages = np.sort(differences[rows] + differences[columns]) / 2
    place = _rejected(n)
    return float(averages[place]), float(averages[-1 - place])


@lru_cache(maxsize=100)
def _rejected(n: int) -> int:
    """The largest rank sum that the two-sided test rejects at 5 %."""
    if n > EXACT:
        deviation = 1.959964 * np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return int(np.floor(n * (n + 1) / 4 - deviation))
    ways = np.ones(1)  # of choosing ranks whose sum is the position
    for rank in range(1, n + 1):
        ways = np.concatenate([ways, np.zeros(rank)]) + np.concatenate([np.zeros(rank), ways])
    return int(np.searchsorted(np.cumsum(ways) / 2.0**n, 0.025, side="right")) - 1
