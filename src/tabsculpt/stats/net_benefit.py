"""Decision curves: what it gains to treat by a prediction, at each threshold of its probability."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray, IntArray

THRESHOLDS = np.arange(1, 100) / 100


def net_benefit(
    truth: IntArray, probability: FloatArray, thresholds: npt.ArrayLike = THRESHOLDS
) -> FloatArray:
    """True positives less false positives at the odds of the threshold, a row.

    At threshold t a false positive counts t / (1 - t) of a true positive: who treats from a
    probability of t on takes (1 - t) / t needless treatments for one that was needed.

    Args:
        truth: 0 or 1, shape (n,).
        probability: of class 1, shape (n,); rows of t or more are treated.
        thresholds: between 0 and 1, shape (k,).

    Returns:
        TP / n - FP / n * t / (1 - t), shape (k,).

    References:
        Decision curve analysis: a novel method for evaluating prediction models, Vickers and
        Elkin, Medical Decision Making 26, 2006, https://doi.org/10.1177/0272989X06295361
    """
    cut = np.asarray(thresholds, dtype=np.float64)
    treated: npt.NDArray[Any] = probability[None, :] >= cut[:, None]
    positive = truth.astype(bool)
    true, false = treated[:, positive].sum(axis=1), treated[:, ~positive].sum(axis=1)
    benefit: FloatArray = (true - false * cut / (1 - cut)) / len(truth)
    return benefit


def treat_all(prevalence: float, thresholds: npt.ArrayLike = THRESHOLDS) -> FloatArray:
    """The net benefit of treating every row; that of treating none is 0."""
    cut = np.asarray(thresholds, dtype=np.float64)
    return prevalence - (1 - prevalence) * cut / (1 - cut)
