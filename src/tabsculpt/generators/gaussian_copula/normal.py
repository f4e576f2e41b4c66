"""Draws from a multivariate normal distribution of which something is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tabsculpt.table import FloatArray

_SWEEPS = 30
"""Rounds of Gibbs sampling where several intervals are given; one needs none."""

_TINY = 1e-12


def draw_normal(
    covariance: FloatArray,
    points: Mapping[int, float],
    intervals: Mapping[int, tuple[float, float]],
    n: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw rows of mean zero, shape (n, d), with some coordinates known.

    Exact for any points and one interval; several intervals are met by Gibbs sampling, which
    comes close: J. Geweke, "Efficient simulation from the multivariate normal and Student-t
    distributions subject to linear constraints", 1991, section 3.

    Args:
        covariance: shape (d, d); it may be singular.
        points: the coordinates whose value is known.
        intervals: the other coordinates that are known to lie between two ends, which may be
            infinite.
        n: how many rows.
        rng: of the draws.
    """
    rows = np.empty((n, len(covariance)))
    known = list(points)
    rows[:, known] = list(points.values())
    if within := list(intervals):
        mean, spread = _conditional(covariance, within, known, rows[:, known])
        rows[:, within] = _truncated(mean, spread, np.array(list(intervals.values())), rng)
        known += within
    rest = [place for place in range(len(covariance)) if place not in known]
    mean, spread = _conditional(covariance, rest, known, rows[:, known])
    rows[:, rest] = mean + rng.standard_normal((n, len(rest))) @ _root(spread).T
    return rows


def _conditional(
    covariance: FloatArray, rest: list[int], known: list[int], values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean, shape (n, len(rest)), and covariance of the rest where the known have ``values``."""
    across = covariance[np.ix_(rest, known)]
    gain = across @ np.linalg.pinv(covariance[np.ix_(known, known)], rcond=1e-9, hermitian=True)
    return values @ gain.T, covariance[np.ix_(rest, rest)] - gain @ across.T


def _root(covariance: FloatArray) -> FloatArray:
    """A square root; eigenvalues that rounding made negative are zero."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root: FloatArray = vectors * np.sqrt(values.clip(0))
    return root


def _truncated(
    mean: FloatArray, covariance: FloatArray, ends: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Rows, shape as ``mean`` (n, k), each coordinate between its ``ends``, shape (k, 2)."""
    rows = np.empty_like(mean)
    places = list(range(len(ends)))
    for place in places:
        rows[:, place] = draw_between(mean[:, place], covariance[place, place], ends[place], rng)
    for place in places * (_SWEEPS if len(places) > 1 else 0):
        others = [other for other in places if other != place]
        shift, left = _conditional(covariance, [place], others, (rows - mean)[:, others])
        rows[:, place] = draw_between(mean[:, place] + shift[:, 0], left[0, 0], ends[place], rng)
    return rows


def draw_between(
    mean: FloatArray, variance: float, ends: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """One normal number per mean, shape (n,), between the ends, shape (2,) or (2, n)."""
    from scipy.special import ndtr, ndtri

    deviation = max(variance, _TINY) ** 0.5
    low, high = (ndtr((end - mean) / deviation) for end in ends)
    share = rng.uniform(low, np.maximum(low, high)).clip(_TINY, 1 - _TINY)
    numbers: FloatArray = np.clip(mean + deviation * ndtri(share), *ends)
    return numbers
