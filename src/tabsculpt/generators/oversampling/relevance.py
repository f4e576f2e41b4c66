"""How relevant the values of a number are, where extreme values are what matters."""

from __future__ import annotations

import numpy as np

from tabsculpt.table import FloatArray

_MOST = 1001
"""Values that the medcouple is computed from at most: it takes the square of their number."""


def relevance(values: FloatArray, of: FloatArray) -> FloatArray:
    """The relevance of numbers, from 0 at the median to 1 at and beyond the fences of the boxplot.

    In between it is piecewise cubic Hermite interpolation with slopes of 0 at these three points.

    Sources: L. Torgo, R. Ribeiro, "Utility-based regression", 2007,
    https://doi.org/10.1007/978-3-540-74976-9_63; R. Ribeiro, N. Moniz, "Imbalanced regression and
    extreme value prediction", 2020, section 3 (control points from the adjusted boxplot, slopes of
    0), https://doi.org/10.1007/s10994-020-05900-9

    Args:
        values: shape (n,), what the boxplot is drawn of, at least one.
        of: shape (m,), numbers in the same unit.

    Returns:
        Shape (m,), in [0, 1].
    """
    median = np.median(values)
    low, high = fences(values)
    reach = np.where(of < median, median - low, high - median)
    with np.errstate(divide="ignore", invalid="ignore"):
        way = np.abs(of - median) / reach
    way = np.where(of == median, 0.0, np.minimum(way, 1.0))
    rising: FloatArray = way**2 * (3 - 2 * way)
    return rising


def fences(values: FloatArray) -> tuple[float, float]:
    """Where the boxplot adjusted for skewness puts the ends of what is usual.

    Source: M. Hubert, E. Vandervieren, "An adjusted boxplot for skewed distributions", 2008,
    https://doi.org/10.1016/j.csda.2007.11.008
    """
    first, third = np.quantile(values, [0.25, 0.75])
    skew, spread = medcouple(values), third - first
    down, up = (-4, 3) if skew >= 0 else (-3, 4)
    low = first - 1.5 * np.exp(down * skew) * spread
    high = third + 1.5 * np.exp(up * skew) * spread
    return float(low), float(high)


def medcouple(values: FloatArray) -> float:
    """A robust measure of skewness, in [-1, 1]; positive where the upper half reaches further.

    The median over all pairs of a value from each half of how much nearer one is to the median
    than the other. Deviation: of more than 1,001 values, as many quantiles stand for them.

    Source: G. Brys, M. Hubert, A. Struyf, "A robust measure of skewness", 2004,
    https://doi.org/10.1198/106186004X12632
    """
    if len(values) > _MOST:
        values = np.quantile(values, np.linspace(0, 1, _MOST))
    centred = np.sort(values) - np.median(values)
    lower, upper = centred[centred <= 0][:, None], centred[centred >= 0][None, :]
    with np.errstate(invalid="ignore"):
        kernel = (upper + lower) / (upper - lower)
    ties = int((centred == 0).sum())
    if ties:
        order = np.arange(ties)
        # pairs of values at the median itself: -1, 0 or 1, so that they cancel
        kernel[-ties:, :ties] = np.sign(order[None, :] - order[::-1, None])
    return float(np.median(kernel))
