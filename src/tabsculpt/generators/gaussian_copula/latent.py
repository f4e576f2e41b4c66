"""The correlations of normal numbers of which, for some columns, intervals alone are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tabsculpt.generators.gaussian_copula.normal import draw_between
from tabsculpt.table import FloatArray

_SWEEPS = 40
"""Rounds in which each interval is drawn in anew; the first half is forgotten."""


def latent_correlation(
    scores: FloatArray, intervals: Mapping[int, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Correlations of the columns, shape (d, d).

    A code that is put anywhere in its interval says less of the others than the row does: of two
    classes, of 80 and 20 % of the rows and four standard deviations apart in a number, the
    correlation with that number comes out as .46 and not as .91. So the numbers within the
    intervals are drawn given the other columns of the row, as often as the correlations take to
    settle (stochastic expectation maximisation).

    Sources: P. D. Hoff, "Extending the rank likelihood for semiparametric copula estimation", 2007,
    https://arxiv.org/abs/math/0610937 (the draws); G. Celeux, J. Diebolt, "The SEM algorithm", 1985
    (the average over rounds, where the first draws from a posterior of the correlations).

    Args:
        scores: normal numbers, shape (n, d); within an interval they are where to begin.
        intervals: for each column that is known by these, their ends, shape (2, n).
        rng: of the draws.
    """
    if not intervals:
        return _correlation(scores)
    scores, kept = scores.copy(), []
    for sweep in range(_SWEEPS):
        correlation = _correlation(scores)
        if sweep >= _SWEEPS // 2:
            kept.append(correlation)
        ridge = np.eye(len(correlation)) * len(correlation) / len(scores)
        precision = np.linalg.inv(correlation + ridge)
        for place, ends in intervals.items():
            row = precision[place]
            mean = scores[:, place] - scores @ row / row[place]
            scores[:, place] = draw_between(mean, 1 / row[place], ends, rng)
    found: FloatArray = np.mean(kept, axis=0)
    return found


def _correlation(scores: FloatArray) -> FloatArray:
    """Pearson's, 0 where a column does not vary."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.atleast_2d(np.corrcoef(scores, rowvar=False))
    found = np.where(np.isfinite(found), found, 0.0)
    np.fill_diagonal(found, 1.0)
    return found
