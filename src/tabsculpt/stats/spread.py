"""How much a mean over splits varies: by what comes of the splits, and by what of the fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray

FITS_SHARE = 0.7
"""Of the spread that fits alone would give the splits' means, what is taken off it where there are
very many splits; see `fits_share`."""

LENT = 2
"""Degrees of freedom that other differences lend a variance, at most, see `moderated`."""
LEAST_FOR_TAILS = 6
"""Of fewer splits no kurtosis is taken: it says next to nothing, and the verdicts hold without."""


@dataclass(frozen=True)
class Spread:
    """Of the values of a difference over splits and fits.

    Attributes:
        between: variance of the splits' means; NaN below 2 splits.
        within: variance that the fits alone would give a split's mean; 0 with one fit a split.
        splits: how many; ``alone``: degrees of freedom of ``within``.
        alone: see ``splits``.
        borrowed: degrees of freedom that other differences lend it, see `moderated`.
        tails: excess kurtosis of the splits' means; of one difference by itself its own, which
            does not count, see `moderated`.
    """

    between: float
    within: float
    splits: int
    alone: int
    borrowed: float = 0.0
    tails: float = 0.0

    @classmethod
    def of(cls, differences: Sequence[FloatArray]) -> Spread:
        """Of the values of each split, shape (K,) each."""
        means = np.array([values.mean() for values in differences])
        counts = np.array([len(values) for values in differences])
        splits, alone = len(means), int(counts.sum()) - len(means)
        between = float(means.var(ddof=1)) if splits > 1 else np.nan
        squares = sum(
            float(((values - mean) ** 2).sum())
            for values, mean in zip(differences, means, strict=True)
        )
        within = squares / alone * float((1 / counts).mean()) if alone else 0.0
        return cls(between, within, splits, alone, tails=_excess(means))

    def of_mean(self, test_share: float, splits: Any = None) -> tuple[Any, Any, Any]:
        """Variance of the mean of the splits' means, what lasts of it, degrees of freedom.

        What lasts is what no number of splits takes away, as they share rows.

        Args:
            test_share: test rows by training rows.
            splits: another number of splits with as many fits each, or several in an array.
        """
        n = self.splits if splits is None else splits
        if self.splits < 2:
            return np.nan, np.nan, 0.0
        whole = self.between * (1 / n + test_share)
        if not self.alone:
            return whole, self.between * test_share, self._freedom(n - 1.0, n)
        alone = self.alone * n / self.splits
        pooled = (self.between * (n - 1) + self.within * alone) / (n - 1 + alone)
        taken = fits_share(n) * self.within
        fits_only = (self.between <= taken) | (self.between == 0)  # no sign of the split
        lasting = np.where(fits_only, 0.0, self.between - taken) * test_share
        variance = np.minimum(np.maximum(self.between, pooled) / n + lasting, whole)
        freedom = np.where(fits_only, n - 1.0 + alone, n - 1.0)
        return np.where(fits_only, pooled / n, variance), lasting, self._freedom(freedom, n)

    def _freedom(self, own: Any, n: Any) -> Any:
        """Degrees of freedom with those borrowed, fewer where tails are heavy and that counts."""
        freedom = own + self.borrowed
        if not self.borrowed or self.tails <= 0:
            return freedom
        return 2 / (self.tails / n + 2 / freedom)


def fits_share(splits: Any) -> Any:
    """Of the spread that fits alone would give the splits' means, what is taken off it.

    Taking off all of it calls equal pipelines different in up to 11 % of cases, as it is uncertain
    itself. 0.7 (1 - 1.5 / J) for J splits, 0.35 for 3 and 0.6 for 10, was chosen so that normal
    effects do in at most 6 % for 3 to 20 splits of 2 and 4 fits, whatever the split's part in the
    variance; ``python scripts/calibrate_verdicts.py designs`` measures it for others.
    """
    return FITS_SHARE * (1 - 1.5 / splits)


def moderated(spreads: Sequence[Spread]) -> list[Spread]:
    """Spreads of several differences, each drawn towards what is usual among them.

    Of three splits a variance is known with two degrees of freedom, and the quantile of t that
    holds for the best of twelve is 15. Twelve pipelines on the same splits tell more of the size of
    the noise than each does alone. As in moderated t-statistics (Smyth), a variance s^2 with d
    degrees of freedom becomes (d0 s0^2 + d s^2) / (d0 + d), with d0 + d of them. Deviations: d0 is
    2 (1 where there are two) and not estimated, since k is a dozen and not thousands; s0 is the
    mean of the k standard deviations, corrected for its bias, so that one that varies far more
    than the others widens theirs but little. So it holds where variances differ by a factor of
    nine, where effects have heavy tails, and where differences are correlated through the rows
    that they are taken from (``python scripts/calibrate_verdicts.py chosen``).

    Where tails are heavy a variance is less well known than its degrees of freedom say: they are
    then those by Satterthwaite, 2 / (g / J + 2 / d) for J splits with the mean excess kurtosis g of
    all differences, if positive. That of a single difference is hardly known from its splits, and
    those that come out too small are those that show no heavy tail; it is not looked at.

    Those of another number of splits or fits lend and borrow nothing, nor do those that do not
    vary.

    References:
        Linear Models and Empirical Bayes Methods for Assessing Differential Expression in
        Microarray Experiments, Smyth, Statistical Applications in Genetics and Molecular Biology
        3, 2004, https://doi.org/10.2202/1544-6115.1027; An Approximate Distribution of Estimates of
        Variance Components, Satterthwaite, 1946, https://doi.org/10.2307/3002019
    """
    alike: dict[tuple[int, int], list[Spread]] = {}
    for one in spreads:
        if one.between > 0:
            alike.setdefault((one.splits, one.alone), []).append(one)
    return [
        _drawn(one, alike[one.splits, one.alone]) if one.between > 0 else one for one in spreads
    ]


def _drawn(one: Spread, alike: Sequence[Spread]) -> Spread:
    lent, own = float(min(len(alike) - 1, LENT)), one.splits - 1
    tails = float(np.mean([each.tails for each in alike]))
    between = (lent * _usual([each.between for each in alike], own) + own * one.between) / (
        lent + own
    )
    if not one.alone:
        return replace(one, between=between, borrowed=lent, tails=tails)
    usual = _usual([each.within for each in alike], one.alone)
    within = (lent * usual + own * one.within) / (lent + own)
    return replace(one, between=between, within=within, borrowed=lent, tails=tails)


def _excess(means: FloatArray) -> float:
    """Excess kurtosis, zero on average where values are normal; 0 below 6 splits."""
    n = len(means)
    squares = (means - means.mean()) ** 2
    if n < LEAST_FOR_TAILS or not squares.any():
        return 0.0
    plain = float((squares**2).mean() / squares.mean() ** 2) - 3
    return ((n + 1) * plain + 6) * (n - 1) / ((n - 2) * (n - 3))


def _usual(variances: Sequence[float], freedom: int) -> float:
    """What variances with so many degrees of freedom come of, were it the same for all."""
    from scipy.special import gammaln

    unbiased = np.sqrt(2 / freedom) * np.exp(gammaln((freedom + 1) / 2) - gammaln(freedom / 2))
    return float(np.mean(np.sqrt(variances)) / unbiased) ** 2
