"""How right each prediction is: correctness in [0, 1] and loss, for classes and for numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.table import FloatArray, Table, Task

HUBER = 1.345
TOLERANCE = 0.8
NOISE = 0.25
LEAST_WEIGHT = 0.01


@dataclass(frozen=True, eq=False)
class Correctness:
    """Correctness in [0, 1] and losses, both of shape (E, n)."""

    correctness: FloatArray
    losses: FloatArray


def pointwise_scores(table: Table, outputs: FloatArray, scale: float | None = None) -> Correctness:
    """Hold the predictions of each checkpoint against the given labels.

    Classification: the probability of the given class, and minus its logarithm.

    Regression, for residuals r of checkpoint e and row i: the correctness
    p = exp(-|r| / s) takes the probability's place, a Laplace likelihood relative to its mode, and
    the loss is (r / s)^2. The scale s is `residual_scale`. Both are free of the target's unit.

    Args:
        table: n rows.
        outputs: shape (E, n), or (E, n, classes) probabilities.
        scale: s, where it is that of other rows; None for that of these.
    """
    target = table.target
    if table.schema.task is Task.REGRESSION:
        residuals = np.abs(outputs - target)
        relative = residuals / (scale or residual_scale(residuals[-1], target))
        return Correctness(np.exp(-relative), relative**2)
    given = outputs[:, np.arange(len(target)), target]
    return Correctness(given, -np.log(np.maximum(given, 1e-12)))


def residual_scale(residuals: FloatArray, target: FloatArray) -> float:
    """The residual at which correctness has fallen to 1/e, in the target's unit, above 0.

    0.8 times the weighted geometric mean of the noise, weight 1/4 (median absolute residual of the
    last checkpoint; the mean where that is 0) and the target's spread, weight 3/4 (mean absolute
    deviation from the median). The noise alone makes the same share of the rows wrong however
    small their residuals are, clean rows or not. Where nothing is learnt the two are alike. Factor
    and weight were chosen by measurement on planted errors, and each set's own errors are found
    as well with what the other sets choose (``scripts/benchmark_calibration.py``).

    Args:
        residuals: shape (n,), absolute, of the last checkpoint.
        target: shape (n,).
    """
    noise = float(np.median(residuals)) or float(residuals.mean())
    spread = float(np.abs(target - np.median(target)).mean())
    return TOLERANCE * noise**NOISE * spread ** (1 - NOISE) or spread or 1.0


def trust(table: Table, last: FloatArray) -> FloatArray:
    """The weight of each row in the next fit, in [0.01, 1], shape (n,).

    Regression: Huber's, min(1, 1.345 sigma / |r|) with sigma = 1.4826 median |r|. Classification:
    min(1, 2 p) with p the probability of the given class, so that rows that the model thinks
    wrong count less.

    Source: Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics
    35, 1964. The weight for classes is its counterpart here.

    Args:
        table: n rows.
        last: outputs of the last checkpoint, shape (n,) or (n, classes).
    """
    if table.schema.task is not Task.REGRESSION:
        given = last[np.arange(len(table)), table.target]
        return np.clip(2 * given, LEAST_WEIGHT, 1.0)
    residuals = np.abs(last - table.target)
    sigma = 1.4826 * float(np.median(residuals))
    if sigma == 0:
        return np.ones(len(table))
    return np.clip(HUBER * sigma / np.maximum(residuals, 1e-300), LEAST_WEIGHT, 1.0)


def dynamics_of(table: Table, outputs: FloatArray, scale: float | None = None) -> Dynamics:
    """Dynamics of a model without gradients: its outputs, judged (see `judge`)."""
    pointwise = pointwise_scores(table, outputs, scale)
    return Dynamics(outputs, pointwise.correctness, pointwise.losses)
