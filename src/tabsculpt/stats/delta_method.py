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
        low, high: interval over draws of the test rows, of 95 % where no other level was asked for.
        error: its standard error, NaN where none is known.
        n: test rows.
        units: what is independent of each other: the test rows, or their groups.
    """

    value: float
    low: float
    high: float
    error: float
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
    classes: npt.NDArray[Any] | None = None,
    level: float = 0.95,
) -> Difference:
    """The interval of a difference of two scores that are smooth functions of the test rows.

    By the delta method: a score moves with each test row by the row's influence, so the variance
    of the difference is the sum of squared influence differences over n^2. It holds what another
    draw of test rows would change; not what another split, another fit or another draw of
    synthetic rows would.

    Rows of a class are a sample of their own, as in DeLong's variance of an AUC: influences are
    centred within their class, whose sum of squares has n_c / (n_c - 1) before it. Degrees of
    freedom are Satterthwaite's over the classes, each class having 2 / (g / n_c + 2 / (n_c - 1))
    with the excess kurtosis g of its influences, if positive; a class of two rows, whose variance
    is hardly known, leaves one.

    Args:
        first: influence of each test row on the first score, shape (n,), mean zero.
        second: the same for the second score and the same rows.
        value: first score minus second score.
        groups: the group of each row, shape (n,), where rows of a group are not independent; the
            influences are then summed by group first (a cluster-robust standard error), and
            classes do not count.
        classes: the class of each row, shape (n,), for scores of classifications.
        level: of the interval.

    Returns:
        The difference and its 95 % interval (Student's t), which has no ends where all rows are of
        one group, or a class has a single row.

    References:
        The infinitesimal jackknife, Jaeckel, 1972; Comparing the Areas under Two or More Correlated
        Receiver Operating Characteristic Curves, DeLong, DeLong, Clarke-Pearson, Biometrics 44,
        1988, https://doi.org/10.2307/2531595; An Approximate Distribution of Estimates of Variance
        Components, Satterthwaite, 1946, https://doi.org/10.2307/3002019
    """
    from scipy.stats import t

    n = len(first)
    _, unit = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    sums = np.bincount(unit, weights=first - second).astype(np.float64)
    strata: IntArray = np.zeros(len(sums), dtype=np.int64)
    if classes is not None and groups is None:
        strata = np.unique(classes, return_inverse=True)[1].astype(np.int64)
    variance, freedom = _variance(sums, strata)
    if not freedom:
        return Difference(value, -np.inf, np.inf, np.nan, n, len(sums))
    error = float(np.sqrt(variance)) / n
    reach = float(t.ppf((1 + level) / 2, freedom)) * error
    return Difference(value, value - reach, value + reach, error, n, len(sums))


def _variance(sums: FloatArray, strata: IntArray) -> tuple[float, float]:
    """Of the total of independent values, and its degrees of freedom; 0 if a stratum has one."""
    counts = np.bincount(strata)
    if counts.min() < 2:
        return 0.0, 0.0
    centred = sums - (np.bincount(strata, sums) / counts)[strata]
    squares, fourths = (np.bincount(strata, centred**power) for power in (2, 4))
    parts = squares * counts / (counts - 1)
    total = float(parts.sum())
    if not total:
        return 0.0, float(counts.min() - 1)
    excess = np.maximum(0, counts * fourths / np.where(squares > 0, squares, 1) ** 2 - 3)
    own = 2 / (excess / counts + 2 / (counts - 1))
    freedom = total**2 / float((parts**2 / own).sum())
    return total, min(freedom, 1.0) if counts.min() == 2 else freedom


def rmse_influence(truth: FloatArray, prediction: FloatArray) -> FloatArray:
    """Influence of each row on the root mean squared error, shape (n,), by leaving the row out.

    (n - 1) times what the error of the other rows is above its mean over the rows left out, with
    the sign turned (the jackknife): with few rows the derivative, (e^2 - mse) / (2 rmse), makes
    intervals too narrow.
    """
    squared = (truth - prediction) ** 2
    n = len(squared)
    if n < 2:
        return np.zeros(n)
    others = np.sqrt(np.maximum(squared.sum() - squared, 0) / (n - 1))
    influence: FloatArray = (n - 1) * (others.mean() - others)
    return influence


def auc_influence(codes: IntArray, probabilities: FloatArray) -> FloatArray:
    """Influence of each row on the AUC-ROC, shape (n,); macro one-vs-rest for several classes.

    A positive row moves the AUC by (share of negatives below it - AUC) n / n_positive, a negative
    row by (share of positives above it - AUC) n / n_negative (DeLong et al., 1988). Classes without
    a row are left out, as they are of the score (`tabsculpt.metrics.classification.auc_roc`).
    """
    classes = [1] if probabilities.shape[1] == 2 else np.unique(codes)
    parts = [binary_auc_influence(codes == c, probabilities[:, c]) for c in classes]
    influence: FloatArray = np.mean(parts, axis=0)
    return influence


def binary_auc_influence(positive: npt.NDArray[np.bool_], score: FloatArray) -> FloatArray:
    """Influence of each row on the AUC-ROC of one class; see `auc_influence`."""
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
