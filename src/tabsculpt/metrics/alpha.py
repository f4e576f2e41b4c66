"""Alpha-precision, beta-recall and authenticity: fidelity, diversity, and rows that are not copies.

Source: Alaa, van Breugel, Saveliev, van der Schaar, "How Faithful is your Synthetic Data?
Sample-level Metrics for Evaluating and Auditing Generative Models", ICML 2022,
https://arxiv.org/abs/2102.08921. Deviations: the points are the rows themselves
(`tabsculpt.metrics.features.FeatureSpace`), not their embedding by a network, and the centre is
their mean; a real point is looked for among its 5 nearest real neighbours, for with one even two
real samples have a beta-recall near 0.5.
"""

from __future__ import annotations

import numpy as np

from tabsculpt.metrics.pair import MOST_NEIGHBOURS, Pair
from tabsculpt.table import FloatArray

LEVELS = np.linspace(0, 1, 31)


def alpha_precision(pair: Pair) -> float:
    """How well the others fill the real support, from its centre to its rim; in [0, 1], max.

    The alpha-support is the smallest ball about the mean of the real points that holds a share
    alpha of them. With P the share of the others inside, the result is 1 - 2 times the integral
    over alpha of |P - alpha|: 1 where every ball holds its share, lower for outliers and for points
    crowded in the middle. Where many real points are equally far from the centre, as with few
    categories, no table reaches 1.
    """
    centre = pair.real.points.mean(axis=0)
    inside = _from(pair.other.points, centre)[:, None] <= np.quantile(
        _from(pair.real.points, centre), LEVELS
    )
    return _integrated(inside.mean(axis=0))


def beta_recall(pair: Pair) -> float:
    """How well the supports of the others cover the real points; in [0, 1], max.

    A real point is covered by the beta-support (the ball about the mean of the others that holds
    a share beta of them) if its nearest other point is in it, and no farther away than its 5th
    nearest real one. With R the share covered, 1 - 2 times the integral over beta of |R - beta|.
    """
    far = _from(pair.other.points, pair.other.points.mean(axis=0))
    covered = pair.between.min(axis=1) <= pair.real.radius(MOST_NEIGHBOURS)
    inside = far[pair.between.argmin(axis=1)][:, None] <= np.quantile(far, LEVELS)
    return _integrated((covered[:, None] & inside).mean(axis=0))


def authenticity(pair: Pair) -> float:
    """The share of others that are no near copies of a real point; in [0, 1], max.

    A near copy is no farther from its nearest real point than that one is from its own nearest real
    neighbour. About half of the rows of a second real sample of the same size are authentic.
    """
    own = pair.real.radius(1)[pair.between.argmin(axis=0)]
    return float((pair.between.min(axis=0) > own).mean())


def _from(points: FloatArray, centre: FloatArray) -> FloatArray:
    far: FloatArray = np.linalg.norm(points - centre, axis=1)
    return far


def _integrated(curve: FloatArray) -> float:
    return float(1 - 2 * np.trapezoid(np.abs(curve - LEVELS), LEVELS))
