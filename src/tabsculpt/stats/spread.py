"""How much a mean over splits varies: by what comes of the splits, and by what of the fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray

FITS_SHARE = 0.35
"""Of the spread that fits alone would give the splits' means, what is taken off it. Taking off all
of it calls equal pipelines different in up to 10 % of cases, as it is uncertain itself; with this
it is at most 6 % for 3, 5 and 10 splits of 2 and 4 fits, whatever the split's part in the variance
(``python scripts/calibrate_verdicts.py designs``)."""

LENT = 2
"""Degrees of freedom that other differences lend a variance, at most, see `moderated`."""


@dataclass(frozen=True)
class Spread:
    """Of the values of a difference over splits and fits.

    Attributes:
        between: variance of the splits' means; NaN below 2 splits.
        within: variance that the fits alone would give a split's mean; 0 with one fit a split.
        splits: how many; ``alone``: degrees of freedom of ``within``.
        alone: see ``splits``.
        borrowed: degrees of freedom that other differences lend it, see `moderated`.
    """

    between: float
    within: float
    splits: int
    alone: int
    borrowed: float = 0.0

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
        return cls(between, within, splits, alone)

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
        if not self.alone:
            lasting = self.between * test_share
            return self.between / n + lasting, lasting, n - 1.0 + self.borrowed
        alone = self.alone * n / self.splits
        pooled = (self.between * (n - 1) + self.within * alone) / (n - 1 + alone)
        if self.between <= FITS_SHARE * self.within or not self.between:  # no sign of the split
            return pooled / n, 0.0, n - 1.0 + alone + self.borrowed
        lasting = (self.between - FITS_SHARE * self.within) * test_share
        variance = np.maximum(self.between, pooled) / n + lasting
        whole = self.between * (1 / n + test_share)
        return np.minimum(variance, whole), lasting, n - 1.0 + self.borrowed


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

    Those of another number of splits or fits lend and borrow nothing, nor do those that do not
    vary.

    References:
        Linear Models and Empirical Bayes Methods for Assessing Differential Expression in
        Microarray Experiments, Smyth, Statistical Applications in Genetics and Molecular Biology
        3, 2004, https://doi.org/10.2202/1544-6115.1027
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
    between = (lent * _usual([each.between for each in alike], own) + own * one.between) / (
        lent + own
    )
    if not one.alone:
        return replace(one, between=between, borrowed=lent)
    usual = _usual([each.within for each in alike], one.alone)
    within = (lent * usual + own * one.within) / (lent + own)
    return replace(one, between=between, within=within, borrowed=lent)


def _usual(variances: Sequence[float], freedom: int) -> float:
    """What variances with so many degrees of freedom come of, were it the same for all."""
    from scipy.special import gammaln

    unbiased = np.sqrt(2 / freedom) * np.exp(gammaln((freedom + 1) / 2) - gammaln(freedom / 2))
    return float(np.mean(np.sqrt(variances)) / unbiased) ** 2
