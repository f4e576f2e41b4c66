"""A difference over several data sets: the hierarchical model of the correlated t-test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tabsculpt.stats.resampled import SURE, Verdict, verdict_of
from tabsculpt.table import FloatArray

LEAST_DATASETS = 3
"""With fewer data sets no prediction is made for further ones."""
BINS = 1024
SPREADS, SHAPES = 40, 6
"""Values of the spread between data sets, and of the shape of their distribution, summed over."""
WIDEST = 1000
"""The largest spread considered, by the standard deviation of the means."""


@dataclass(frozen=True)
class Hierarchical:
    """What several data sets say of a further one.

    Attributes:
        mean: of the differences over data sets, the posterior's mean.
        low, high: its 95 % credible interval.
        above, within, below: probability that the difference of a further data set most probably
            lies above, within and below the region of practical equivalence.
        datasets: how many there are.
    """

    mean: float
    low: float
    high: float
    above: float
    within: float
    below: float
    datasets: int

    def verdict(self, direction: str) -> Verdict:
        """In words; ``direction`` is "min" where low values are good, else "max"."""
        if self.datasets < LEAST_DATASETS:
            return Verdict.UNKNOWN
        return verdict_of(self.above, self.within, self.below, direction, SURE)


def hierarchical_difference(
    means: FloatArray, errors: FloatArray, freedoms: FloatArray, rope: float
) -> Hierarchical:
    """Pool the differences of two arms over data sets, each known with an error of its own.

    The true difference of a data set is drawn from a Student's t distribution with a location, a
    spread and degrees of freedom that are unknown themselves; what its splits say of it is the t
    distribution of `resampled_difference`. Priors are those of Corani et al. as in their package
    baycomp: uniform for location and spread, nu - 1 from a gamma distribution whose shape is
    uniform in [1, 2] and whose rate is in [0.01, 0.1]. The posterior is summed over a grid rather
    than sampled, so that the same results give the same probabilities. Deviation: the error within
    a data set has the prior 1 / sigma, as in the test on one data set, and not a uniform one.

    Args:
        means: the difference on each data set, shape (q,), in units that can be compared.
        errors: their standard errors, shape (q,); ``freedoms``: degrees of freedom of each.
        freedoms: shape (q,).
        rope: half the width of the region of practical equivalence, above zero.

    References:
        Statistical Comparison of Classifiers through Bayesian Hierarchical Modelling, Corani,
        Benavoli, Demsar, Mangili, Zaffalon, Machine Learning 106, 2017,
        https://doi.org/10.1007/s10994-017-5641-9
    """
    from scipy.special import stdtr

    errors = np.maximum(errors, 1e-3 * rope)
    limit = float(np.max(np.abs(means) + errors)) + rope
    width = 8 * limit / BINS
    edges = np.linspace(-4 * limit, 4 * limit, BINS + 1)
    standard = (edges - means[:, None]) / errors[:, None]
    masses = np.diff(stdtr(freedoms[:, None], standard), axis=1)
    centres = (edges[:-1] + edges[1:]) / 2
    inside = np.abs(centres) <= limit
    spreads, weights = _spreads(width, float(means.std()) or rope)
    logs, parts = [], []
    for spread, weight in zip(spreads, weights, strict=True):
        for nu in _shapes():
            likelihood = _smoothed(masses, width / spread, nu)[:, inside]
            logs.append(np.log(np.maximum(likelihood, 1e-300)).sum(axis=0) + np.log(weight))
            ends = (np.array([[-rope], [rope]]) - centres[inside]) / spread
            below, not_above = stdtr(nu, ends)
            parts.append(np.stack([1 - not_above, not_above - below, below]).argmax(axis=0))
    posterior = np.exp(np.array(logs) - np.max(logs))
    posterior /= posterior.sum()
    region = np.bincount(np.concatenate(parts), posterior.ravel(), 3)
    places, at = centres[inside], posterior.sum(axis=0)
    low, high = np.interp([0.025, 0.975], np.cumsum(at) - at / 2, places)
    above, within, below = (float(part) for part in region)
    mean = float(at @ places)
    return Hierarchical(mean, float(low), float(high), above, within, below, len(means))


def _spreads(width: float, among: float) -> tuple[FloatArray, FloatArray]:
    """Spreads between data sets, and the part of the uniform prior that each stands for."""
    edges = np.append(0, np.geomspace(width / 2, max(WIDEST * among, 10 * width), SPREADS))
    return (edges[1:] + edges[:-1]) / 2, np.diff(edges)


@lru_cache(maxsize=1)
def _shapes() -> tuple[float, ...]:
    """Degrees of freedom of equal prior probability."""
    from scipy.stats import gamma

    alpha, beta = (grid.ravel()[:, None] for grid in np.meshgrid(
        np.linspace(1.05, 1.95, 10), np.linspace(0.0145, 0.0955, 10)))  # fmt: skip
    values = np.geomspace(1e-3, 2000, 4000)
    below = gamma.cdf(values, alpha, scale=1 / beta).mean(axis=0)
    middle = (np.arange(SHAPES) + 0.5) / SHAPES
    return tuple(float(1 + nu) for nu in np.interp(middle, below, values))


def _smoothed(masses: FloatArray, step: float, nu: float) -> FloatArray:
    """Likelihood of a location at the centre of each bin, shape (q, bins), but for a constant.

    Args:
        masses: of the likelihood of each data set by bin.
        step: width of a bin in spreads.
        nu: degrees of freedom of the distribution of data sets.
    """
    from scipy.fft import irfft, next_fast_len, rfft
    from scipy.special import stdtr

    bins = masses.shape[1]
    ends = (np.arange(-bins, bins + 2) - 0.5) * step
    kernel = np.diff(stdtr(nu, ends))  # at shifts of -bins to bins
    size = next_fast_len(3 * bins + 1, real=True)
    whole = irfft(rfft(masses, size, axis=1) * rfft(kernel, size), size, axis=1)
    smoothed: FloatArray = whole[:, bins : 2 * bins]
    return smoothed
