"""Whether predicted probabilities are those that come true: reliability by bins, Cox's line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tabsculpt.table import FloatArray, IntArray

BINS = 10
NEAR = 1e-6
"""Probabilities are kept so far from 0 and 1 where their log-odds are needed."""
STEPS = 100


@dataclass(frozen=True, eq=False)
class Reliability:
    """Predicted and observed probability of the positive class, by quantile bins.

    Attributes:
        predicted, observed: means of each bin, lowest first, shape (k,).
        counts: rows of each.
    """

    predicted: FloatArray
    observed: FloatArray
    counts: IntArray

    @property
    def ece(self) -> float:
        """Expected calibration error: mean distance of the two, bins weighted by their rows."""
        distance = np.abs(self.predicted - self.observed)
        return float(np.average(distance, weights=self.counts))


@dataclass(frozen=True)
class Line:
    """Calibration of log-odds; slope 1 and intercept 0 where probabilities come true.

    Attributes:
        slope: of the outcome's log-odds on the predicted ones; below 1: predictions too extreme.
        intercept: with the slope held at 1; above 0: predictions too low on the whole.
        clipped: probabilities nearer to 0 or 1 than 1e-6, which were set there.

    NaN where predictions are all alike, or tell the classes apart without a mistake.
    """

    slope: float
    intercept: float
    clipped: int


def reliability(truth: IntArray, probability: FloatArray, bins: int = BINS) -> Reliability:
    """Cut rows into bins of as many each, by their predicted probability.

    Rows of equal probability share a bin, so there are fewer bins where many are alike.

    Args:
        truth: 0 or 1, shape (n,), n at least 1.
        probability: of class 1, shape (n,).
        bins: at most.

    References:
        Obtaining Well Calibrated Probabilities Using Bayesian Binning, Naeini, Cooper, Hauskrecht,
        AAAI 2015 (ECE), with quantile bins as in Verified Uncertainty Calibration, Kumar, Liang,
        Ma, NeurIPS 2019, https://arxiv.org/abs/1909.10155
    """
    edges = np.unique(np.quantile(probability, np.arange(1, bins) / bins))
    place = np.digitize(probability, edges)
    counts = np.bincount(place, minlength=len(edges) + 1)
    some = counts > 0
    means = [
        np.bincount(place, weights=values, minlength=len(counts))[some] / counts[some]
        for values in (probability, truth)
    ]
    return Reliability(means[0], means[1], counts[some])


def calibration_line(truth: IntArray, probability: FloatArray) -> Line:
    """Fit the outcome's log-odds to the predicted ones by maximum likelihood, without penalty.

    Args:
        truth: 0 or 1, shape (n,).
        probability: of class 1, shape (n,).

    References:
        Two further applications of a model for binary regression, Cox, Biometrika 45, 1958,
        https://doi.org/10.1093/biomet/45.3-4.562; the intercept with slope 1: Van Calster et al.,
        "Calibration: the Achilles heel of predictive analytics", BMC Medicine 17, 2019,
        https://doi.org/10.1186/s12916-019-1466-7
    """
    kept = np.clip(probability, NEAR, 1 - NEAR)
    clipped = int((kept != probability).sum())
    odds = np.log(kept / (1 - kept))
    if len(np.unique(truth)) < 2:
        return Line(np.nan, np.nan, clipped)
    ones = np.ones_like(odds)
    [intercept] = _fitted(ones[:, None], truth, odds)
    apart = odds[truth == 1].min() >= odds[truth == 0].max()
    other_way = odds[truth == 1].max() <= odds[truth == 0].min()
    if apart or other_way or np.ptp(odds) == 0:
        return Line(np.nan, float(intercept), clipped)
    _, slope = _fitted(np.column_stack([ones, odds]), truth, np.zeros_like(odds))
    return Line(float(slope), float(intercept), clipped)


def _fitted(design: FloatArray, truth: IntArray, offset: FloatArray) -> FloatArray:
    """Coefficients of a logistic regression by Newton's method, steps halved where they worsen."""
    from scipy.special import expit

    found = np.zeros(design.shape[1])
    value = _loss(design @ found + offset, truth)
    for _ in range(STEPS):
        p = expit(design @ found + offset)
        weights = np.maximum(p * (1 - p), 1e-12)
        slope = design.T @ (truth - p)
        step = np.linalg.lstsq(design.T @ (design * weights[:, None]), slope, rcond=None)[0]
        while (new := _loss(design @ (found + step) + offset, truth)) > value + 1e-12:
            step = step / 2
            if np.abs(step).max() < 1e-12:
                return found
        found, value = found + step, new
        if np.abs(step).max() < 1e-10:
            break
    return found


def _loss(odds: FloatArray, truth: IntArray) -> float:
    return float(np.sum(np.logaddexp(0, odds) - truth * odds))
