"""Whether a difference holds over other splits, fits and draws: the corrected resampled t-test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from tabsculpt.stats.spread import Spread, moderated
from tabsculpt.table import FloatArray

SURE = 0.975
"""Probability from which a verdict is given: in one direction, so that both take 5 %."""
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
        freedom: degrees of freedom of the error; 0 below 2 splits.
        p: two-sided, that the mean is zero; NaN below 3 splits.
        splits: number of splits; ``fits``: the least number of fits in one.
        above, within, below: probability that the true difference lies above, within and below
            the region of practical equivalence; NaN below 3 splits.
        sure: probability from which a verdict is given: `SURE`, or more where the two arms were
            chosen after a look at several pairs.
        spread: what error and freedom come of; ``test_share``: with how much the splits share.
    """

    mean: float
    low: float
    high: float
    error: float
    freedom: float
    p: float
    splits: int
    fits: int
    above: float
    within: float
    below: float
    sure: float
    spread: Spread
    test_share: float

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
    are separated where each split has several fits: with B the variance of the splits' means and
    W / K what K fits alone would give it, m/n stands before B less a part of W / K (see
    `tabsculpt.stats.spread.fits_share`), and 1/J before B, or before B and W / K together where B
    is the smaller. Where nothing is left of B, all values count as alike, with all their degrees of
    freedom. With one fit a split all of s^2 is taken for the split's. How many intervals then hold
    the true value is printed by ``scripts/calibrate_verdicts.py``.

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
    mean = float(np.mean([values.mean() for values in differences]))
    fits = min(len(values) for values in differences)
    sure = 1 - (1 - SURE) / looks
    return _judged(mean, fits, Spread.of(differences), test_share, rope, sure)


def judged_together(found: Sequence[Resampled], ropes: Sequence[float]) -> list[Resampled]:
    """Differences on the same splits, such as of several arms from one, with moderated variances.

    See `tabsculpt.stats.spread.moderated`. Meant for those among which the best is chosen: each
    holds by the share of the 5 % that it has (``looks`` of `resampled_difference`), and all of them
    together. A single one, named beforehand, is judged by itself: were it nine times as variable as
    the others, it would be called different in up to 20 % of cases here.

    Args:
        found: see `resampled_difference`.
        ropes: half the width of the region of practical equivalence of each.
    """
    spreads = moderated([one.spread for one in found])
    return [
        _judged(one.mean, one.fits, spread, one.test_share, rope, one.sure)
        for one, spread, rope in zip(found, spreads, ropes, strict=True)
    ]


def _judged(
    mean: float, fits: int, spread: Spread, test_share: float, rope: float, sure: float
) -> Resampled:
    variance, _, freedom = (float(part) for part in spread.of_mean(test_share))
    error, splits = float(np.sqrt(variance)), spread.splits

    def result(
        low: float, high: float, p: float, above: float, within: float, below: float
    ) -> Resampled:
        return Resampled(mean, low, high, error, freedom, p, splits, fits, above, within, below,
                         sure, spread, test_share)  # fmt: skip

    if splits < LEAST_SPLITS:
        return result(-np.inf, np.inf, np.nan, np.nan, np.nan, np.nan)
    if not error:
        above, below = float(mean > rope), float(mean < -rope)
        return result(mean, mean, float(mean == 0), above, 1 - above - below, below)
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(freedom, sure)) * error
    p = float(2 * stdtr(freedom, -abs(mean) / error))
    above, within, below = (float(part) for part in _parts(mean, error, freedom, rope))
    return result(mean - reach, mean + reach, p, above, within, below)


def splits_needed(found: Resampled, rope: float) -> int | None:
    """How many splits would settle a difference, were its mean and spread to stay; None: over 1000.

    That is the least to be expected and no promise: a mean that stands out by chance shrinks with
    more splits. Of results that ask for a number, it settles 46 to 55 % where the true
    difference is as large as the standard deviation of a split, and 27 to 35 % where it is half as
    large (``python scripts/calibrate_verdicts.py needed``).

    Args:
        found: of at least two splits.
        rope: see `resampled_difference`.
    """
    if found.splits < 2 or not found.error:
        return None
    counts = np.arange(max(LEAST_SPLITS, found.splits), MOST_SPLITS + 1)
    variances, _, freedoms = found.spread.of_mean(found.test_share, counts)
    enough = np.max(_parts(found.mean, np.sqrt(variances), freedoms, rope), axis=0) >= found.sure
    return int(counts[enough][0]) if enough.any() else None


def _parts(mean: float, error: Any, freedom: Any, rope: float) -> tuple[Any, Any, Any]:
    """Probabilities of t about a mean above, within and below the region of equivalence."""
    from scipy.special import stdtr

    above = stdtr(freedom, (mean - rope) / error)
    below = stdtr(freedom, (-rope - mean) / error)
    return above, 1 - above - below, below
