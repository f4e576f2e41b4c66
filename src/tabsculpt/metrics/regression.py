"""Errors of predicted numbers, in the target's own unit where they have one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray


def rmse(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Root mean squared error, in the target's unit.

    Formula: √( Σ (y − f)² / n ); in [0, inf).

    Args:
        truth: shape (n,), n at least 1.
        prediction: shape (n,).

    Raises:
        ValueError: shapes that do not fit, or values that are not finite.
    """
    check(truth, prediction)
    return float(np.sqrt(np.mean((truth - prediction) ** 2)))


def mae(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Mean absolute error, in the target's unit; arguments and errors as for `rmse`.

    Formula: Σ |y − f| / n; in [0, inf).
    """
    check(truth, prediction)
    return float(np.mean(np.abs(truth - prediction)))


def median_absolute_error(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Median absolute error, in the target's unit; arguments and errors as for `rmse`.

    Formula: median |y − f|; in [0, inf).
    """
    check(truth, prediction)
    return float(np.median(np.abs(truth - prediction)))


def r2(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Coefficient of determination: 1 minus squared error over variance of the truth.

    Formula: 1 − Σ (y − f)² / Σ (y − ȳ)²; in (-inf, 1].

    NaN where the truth does not vary. Arguments and errors as for `rmse`.
    """
    check(truth, prediction)
    if np.ptp(truth) == 0:
        return float("nan")
    errors, spread = (truth - prediction) ** 2, (truth - truth.mean()) ** 2
    return float(1 - errors.sum() / spread.sum())


def check(truth: npt.NDArray[Any], prediction: FloatArray) -> None:
    """Raise ValueError for shapes that do not fit and for values that are not finite."""
    if not truth.size or truth.ndim != 1 or truth.shape != prediction.shape:
        raise ValueError(f"truth {truth.shape} and prediction {prediction.shape} must be (n,)")
    if not (np.isfinite(truth).all() and np.isfinite(prediction).all()):
        raise ValueError("truth and prediction must be finite")
