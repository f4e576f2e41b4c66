"""Whether a difference holds over other splits, fits and draws: the corrected resampled t-test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray

SURE = 0.975
"""Probability from which a verdict is given: in one direction, so that both take 5 %."""
FITS_SHARE = 0.35
"""Of the spread that fits alone would give the splits' means, what is taken off it. Taking off all
of it calls equal pipelines different in up to 10 % of cases, as it is uncertain itself; with this
it is at most 6 % for 3, 5 and 10 splits of 2 and 4 fits, whatever the split's part in the variance
(``python scripts/calibrate_verdicts.py designs``)."""
LEAST_SPLITS = 3
"""Fewer splits give no verdict: two allow a standard deviation of one degree of freedom."""
MOST_SPLITS = 1000


class Verdict(StrEnum):
    """What the differences say of the first of two arms, in words."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = "practically equal"
    UNKNOWN = "not enough data"


@dataclass(frozen=True)
class Resampled:
    """A mean difference over splits and fits, and what is known of it.

    Attributes:
        mean: of the differences, in the metric's unit; of the splits' means.
        low, high: its 95 % interval, or a wider one, see ``sure``; without ends below 3 splits.
        error: its standard error; NaN below 2 splits.
        lasting: part of its variance that no number of splits takes away, as they share rows.
        freedom: degrees of freedom of the error; 0 below 2 splits.
        p: two-sided, that the mean is zero; NaN below 3 splits.
        splits: number of splits; ``fits``: the least number of fits in one.
        above, within, below: probability that the true difference lies above, within and below
            the region of practical equivalence; NaN below 3 splits.
        sure: probability from which a verdict is given: `SURE`, or more where the two arms were
            chosen after a look at several pairs.
    """

    mean: float
    low: float
    high: float
    error: float
    lasting: float
    freedom: float
    p: float
    splits: int
    fits: int
    above: float
    within: float
    below: float
    sure: float = SURE

    def verdict(self, direction: str) -> Verdict:
        """In words; ``direction`` is "min" where low values are good, else "max"."""
        return verdict_of(self.above, self.within, self.below, direction, self.sure)


def verdict_of(above: float, within: float, below: float, direction: str, sure: float) -> Verdict:
    """The verdict on the first of two arms by what is probable of first less second.

    Args:
        above: probability that it lies above the region of practical equivalence; ``within``,
            ``below``: within and below it.
        within: see ``above``.
        below: see ``above``.
        direction: "min" where low values are good, else "max".
        sure: probability from which a verdict is given.
    """
    better, worse = (below, above) if direction == "min" else (above, below)
    for found, probability in (
        (Verdict.BETTER, better),
        (Verdict.WORSE, worse),
        (Verdict.EQUAL, within),
    ):
        if probability >= sure:
            return found
    return Verdict.UNKNOWN


def resampled_difference(
    differences: list[FloatArray], test_share: float, rope: float, looks: int = 1
) -> Resampled:
    """Judge a difference by its values on several splits of one table.

    Splits share rows, so their mean varies more than the spread between them says: with J splits
    of n training and m test rows the variance of the mean is (1/J + m/n) s^2 (Nadeau and Bengio).
    That holds for what comes of the split; what comes of the fit is drawn anew in each. So both
    are told apart where each split has several fits: with B the variance of the splits' means and
    W / K what K fits alone would give it, m/n stands before B - 0.35 W / K (see `FITS_SHARE`), and
    1/J before B, or before B and W / K together where B is the smaller. Where nothing is left of
    B, all values count as alike, with all their degrees of freedom. With one fit a split all of
    s^2 is taken for the split's. How many intervals then hold the true value is printed by
    ``scripts/calibrate_verdicts.py``.

    The same t distribution, read as a posterior under a flat prior, gives the probabilities of the
    region of practical equivalence: with one fit a split it is the Bayesian correlated t-test of
    Benavoli et al.

    Args:
        differences: for each split the difference of two arms in each of its fits, shape (K,), K
            at least 1, averaged over draws of synthetic rows and over predictors: those are no
            independent evidence.
        test_share: test rows by training rows, m/n.
        rope: half the width of the region of practical equivalence, in the metric's unit.
        looks: among how many pairs this one was chosen for its values; the 5 % are shared by them
            all (Bonferroni).

    References:
        Inference for the Generalization Error, Nadeau and Bengio, Machine Learning 52, 2003,
        https://doi.org/10.1023/A:1024068626366; Time for a Change: a Tutorial for Comparing
        Multiple Classifiers Through Bayesian Analysis, Benavoli, Corani, Demsar, Zaffalon, JMLR
        18, 2017, https://jmlr.org/papers/v18/16-305.html
    """
    means = np.array([values.mean() for values in differences])
    counts = np.array([len(values) for values in differences])
    mean, splits, fits = float(means.mean()), len(means), int(counts.min())
    variance, lasting, freedom = _variance(differences, means, counts, test_share)
    error, sure = float(np.sqrt(variance)), 1 - (1 - SURE) / looks
    known = error, lasting, freedom
    if splits < LEAST_SPLITS:
        nothing = (np.nan, np.nan, np.nan)
        return Resampled(mean, -np.inf, np.inf, *known, np.nan, splits, fits, *nothing, sure)
    if not error:
        above, below = float(mean > rope), float(mean < -rope)
        within, p = 1 - above - below, float(mean == 0)
        return Resampled(mean, mean, mean, *known, p, splits, fits, above, within, below, sure)
    from scipy.stats import t

    reach = float(t.ppf(sure, freedom)) * error
    p = float(2 * t.sf(abs(mean) / error, freedom))
    above, within, below = (float(part) for part in _parts(mean, error, freedom, rope))
    ends = mean - reach, mean + reach
    return Resampled(mean, *ends, *known, p, splits, fits, above, within, below, sure)


def splits_needed(found: Resampled, rope: float) -> int | None:
    """How many splits would settle a difference, were its mean and spread to stay; None: over 1000.

    Args:
        found: of at least two splits.
        rope: see `resampled_difference`.
    """
    if found.splits < 2 or not found.error:
        return None
    counts = np.arange(max(LEAST_SPLITS, found.splits), MOST_SPLITS + 1)
    passing = (found.error**2 - found.lasting) * found.splits  # of one split
    errors = np.sqrt(found.lasting + passing / counts)
    freedom = counts * (found.freedom + 1) / found.splits - 1
    enough = np.max(_parts(found.mean, errors, freedom, rope), axis=0) >= found.sure
    return int(counts[enough][0]) if enough.any() else None


def _parts(mean: float, error: Any, freedom: Any, rope: float) -> tuple[Any, Any, Any]:
    """Probabilities of t about a mean above, within and below the region of equivalence."""
    from scipy.stats import t

    above, below = t.sf((rope - mean) / error, freedom), t.cdf((-rope - mean) / error, freedom)
    return above, 1 - above - below, below


def _variance(
    differences: list[FloatArray], means: FloatArray, counts: FloatArray, test_share: float
) -> tuple[float, float, float]:
    """Of the mean of the splits' means, what lasts of it, and its degrees of freedom."""
    splits = len(means)
    if splits < 2:
        return np.nan, np.nan, 0.0
    between = float(means.var(ddof=1))  # of means: B / K
    alone = int(counts.sum()) - splits
    if not alone:
        return between * (1 / splits + test_share), between * test_share, float(splits - 1)
    squares = sum(
        float(((values - mean) ** 2).sum()) for values, mean in zip(differences, means, strict=True)
    )
    within = squares / alone * float((1 / counts).mean())  # W / K
    pooled = (between * (splits - 1) + within * alone) / (splits - 1 + alone)
    if between <= FITS_SHARE * within or not between:  # no sign of the split
        return pooled / splits, 0.0, float(splits - 1 + alone)
    lasting = (between - FITS_SHARE * within) * test_share
    variance = max(between, pooled) / splits + lasting
    whole = between * (1 / splits + test_share)
    return min(variance, whole), lasting, float(splits - 1)
