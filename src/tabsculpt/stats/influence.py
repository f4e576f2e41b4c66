"""Intervals of a difference over draws of the test rows, by the influence of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray, IntArray


@dataclass(frozen=True)
class Difference:
    """A difference of two scores on the same test rows.

    Attributes:
        value: first minus second, in the metric's unit.
        low, high: 95 % interval over draws of the test rows.
        n: test rows.
        units: what is independent of each other: the test rows, or their groups.
    """

    value: float
    low: float
    high: float
    n: int
    units: int

    @property
    def beyond_noise(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def paired_difference(
    first: FloatArray,
    second: FloatArray,
    value: float,
    groups: npt.NDArray[Any] | None = None,
) -> Difference:
    """The interval of a difference of two scores that are smooth functions of the test rows.

    By the delta method: a score moves with each test row by the row's influence, so the
    difference has the standard error sd(influence difference) / sqrt(n). It holds what another
    draw of test rows would change; not what another split, another fit or another draw of
    synthetic rows would.

    Args:
        first: influence of each test row on the first score, shape (n,), mean zero.
        second: the same for the second score and the same rows.
        value: first score minus second score.
        groups: the group of each row, shape (n,), where rows of a group are not independent; the
            influences are then summed by group first (a cluster-robust standard error).

    Returns:
        The difference and its 95 % interval (Student's t, degrees of freedom: units less one),
        which has no ends where all rows are of one group.

    References:
        The infinitesimal jackknife, Jaeckel, 1972; for the AUC it is the method of DeLong,
        DeLong, Clarke-Pearson, Biometrics 44, 1988, https://doi.org/10.2307/2531595
    """
    from scipy.stats import t

    n = len(first)
    _, unit = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    sums = np.bincount(unit, weights=first - second)
    units = len(sums)
    if units < 2:
        return Difference(value, -np.inf, np.inf, n, units)
    error = float(np.sqrt(units / (units - 1) * np.sum(sums**2))) / n
    reach = float(t.ppf(0.975, units - 1)) * error
    return Difference(value, value - reach, value + reach, n, units)


def rmse_influence(truth: FloatArray, prediction: FloatArray) -> FloatArray:
    """Influence of each row on the root mean squared error, shape (n,): (e^2 - mse) / (2 rmse)."""
    squared = (truth - prediction) ** 2
    mean = squared.mean()
    influence: FloatArray = (squared - mean) / (2 * np.sqrt(mean)) if mean else np.zeros(len(truth))
    return influence


def auc_influence(codes: IntArray, probabilities: FloatArray) -> FloatArray:
    """Influence of each row on the AUC-ROC, shape (n,); macro one-vs-rest for several classes.

    A positive row moves the AUC by (share of negatives below it - AUC) n / n_positive, a negative
    row by (share of positives above it - AUC) n / n_negative (DeLong et al., 1988).
    """
    classes = [1] if probabilities.shape[1] == 2 else list(range(probabilities.shape[1]))
    parts = [_binary_auc_influence(codes == c, probabilities[:, c]) for c in classes]
    influence: FloatArray = np.mean(parts, axis=0)
    return influence


def _binary_auc_influence(positive: npt.NDArray[np.bool_], score: FloatArray) -> FloatArray:
    from scipy.stats import rankdata

    n, m = len(score), int(positive.sum())
    if m in (0, n):
        return np.zeros(n)
    overall, own = rankdata(score), np.empty(n)
    own[positive] = rankdata(score[positive])
    own[~positive] = rankdata(score[~positive])
    placement = np.where(positive, (overall - own) / (n - m), 1 - (overall - own) / m)
    auc = placement[positive].mean()
    influence: FloatArray = (placement - auc) * np.where(positive, n / m, n / (n - m))
    return influence
