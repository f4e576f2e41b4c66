"""Scores of predicted class probabilities.

Each function takes the truth as class codes, shape (n,), n at least 1, and probabilities, shape
(n, classes), and raises ValueError for shapes that do not fit and for values that are not finite.
The positive class of a binary task is the last. The predicted class is the most probable one,
the first of equals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.stats.calibration import calibration_line
from tabsculpt.table import FloatArray, IntArray

BINS = 10


def auc_roc(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Area under the receiver operating characteristic; of several classes, one against the rest.

    Formula: share of pairs of a positive and a negative row that p puts in order, ties half; in
    [0, 1].

    Several classes count alike (macro); those without a row in the truth are left out, as their
    area is not defined. NaN where the truth has one class only.
    """
    return _one_against_rest(_area, truth, prediction)


def auc_pr(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Average precision, the step-wise area under the precision-recall curve.

    Formula: Σ (Rₖ − Rₖ₋₁) Pₖ over the thresholds, R recall, P precision; in [0, 1].

    Classes as for `auc_roc`. A ranking without skill scores the share of the positive class.
    """
    return _one_against_rest(_average_precision, truth, prediction)


def macro_f1(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """The mean of the classes' F1 scores.

    Formula: mean over classes of 2 TP / (2 TP + FP + FN); in [0, 1].

    As in scikit-learn it runs over the classes that occur in the truth or are predicted; one that
    only occurs, or is only predicted, has 0.
    """
    hits, predicted, occurring = _counts(truth, prediction)
    return float(np.mean(2 * hits / (predicted + occurring)))


def accuracy(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """The share of rows whose class is predicted.

    Formula: rows with argmax p = y / n; in [0, 1].
    """
    return float(np.mean(_labels(truth, prediction) == truth))


def precision(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """The mean of the classes' precisions; classes as for `macro_f1`.

    Formula: mean over classes of TP / (TP + FP), 0 where never predicted; in [0, 1].
    """
    hits, predicted, _ = _counts(truth, prediction)
    return float(np.mean(hits / np.maximum(predicted, 1)))


def recall(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """The mean of the classes' recalls; classes as for `macro_f1`.

    Formula: mean over classes of TP / (TP + FN), 0 where it never occurs; in [0, 1].
    """
    hits, _, occurring = _counts(truth, prediction)
    return float(np.mean(hits / np.maximum(occurring, 1)))


def gini(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """2 AUC - 1, in [-1, 1]: 0 is no skill; classes and NaN as for `auc_roc`.

    Formula: 2 auc_roc − 1; in [-1, 1].
    """
    return 2 * auc_roc(truth, prediction) - 1


def brier(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Mean squared distance of the probabilities from what came true; low is good.

    Formula: Σ (p₁ − y)² / n; of several classes Σ Σ (pₖ − 1[y = k])² / n; in [0, 2].

    Of two classes the square for the positive class alone, in [0, 1], as is usual; of several the
    sum over the classes, in [0, 2], which is the definition of the source.

    Source: Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather
    Review 78, 1950.
    """
    check(truth, prediction)
    squares = (prediction - np.eye(prediction.shape[1])[truth]) ** 2
    return float(squares[:, 1].mean() if prediction.shape[1] == 2 else squares.sum(axis=1).mean())


def ece(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Expected calibration error, in [0, 1]; low is good.

    Formula: Σ over ten bins of confidence (rows of the bin / n) · |accuracy − mean confidence|; in
    [0, 1].

    The confidence of a row is the probability of its predicted class. Ten bins of equal width,
    (0, 0.1] to (0.9, 1]; the mean over the rows of |accuracy - mean confidence| of their bin.

    Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017,
    https://arxiv.org/abs/1706.04599, equation 3.
    """
    right = _labels(truth, prediction) == truth
    confidence = prediction.max(axis=1)
    which = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return float(np.abs(np.bincount(which, right - confidence, BINS)).sum() / len(truth))


def calibration_slope(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """Slope of the outcome's log-odds on the predicted ones; 1 where probabilities come true.

    Formula: b of logit P(y = 1) = a + b · logit p, by maximum likelihood; best at 1.

    Below 1 predictions are too extreme, above 1 too timid. Of several classes one against the
    rest, the mean over classes as for `auc_roc`. NaN where the truth has one class only, where
    predictions are all alike, and where they tell the classes apart without a mistake.

    Source: Cox, "Two further applications of a model for binary regression", Biometrika 45, 1958.
    """

    def slope(positive: npt.NDArray[np.bool_], scores: FloatArray) -> float:
        return calibration_line(positive.astype(np.int64), scores).slope

    return _one_against_rest(slope, truth, prediction)


def _one_against_rest(
    score: Callable[[npt.NDArray[Any], FloatArray], float],
    truth: npt.NDArray[Any],
    prediction: FloatArray,
) -> float:
    check(truth, prediction)
    occurring = np.unique(truth)
    if len(occurring) < 2:
        return float("nan")
    scored = [1] if prediction.shape[1] == 2 else occurring
    return float(np.mean([score(truth == code, prediction[:, code]) for code in scored]))


def _area(positive: npt.NDArray[np.bool_], scores: FloatArray) -> float:
    """The share of (positive, negative) pairs that the scores put in order, ties half."""
    hits, taken = _curve(positive, scores)
    misses = taken - hits
    twice = np.sum(np.diff(misses) * (hits[1:] + hits[:-1]))
    return float(twice / (2 * hits[-1] * misses[-1]))


def _average_precision(positive: npt.NDArray[np.bool_], scores: FloatArray) -> float:
    hits, taken = _curve(positive, scores)
    return float(np.sum(np.diff(hits) * hits[1:] / taken[1:]) / hits[-1])


def _curve(positive: npt.NDArray[np.bool_], scores: FloatArray) -> tuple[IntArray, IntArray]:
    """Positive rows and all rows at or above each threshold, from none of them to all."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf))  # of rows with equal scores
    hits = np.cumsum(positive[order])[last]
    return np.concatenate([[0], hits]), np.concatenate([[0], last + 1])


def _counts(truth: npt.NDArray[Any], prediction: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Rows that are predicted rightly, predicted, and there, of each class that is either."""
    labels, classes = _labels(truth, prediction), prediction.shape[1]
    predicted, occurring = np.bincount(labels, minlength=classes), np.bincount(truth, None, classes)
    hits = np.bincount(truth[labels == truth], minlength=classes)
    either = predicted + occurring > 0
    return hits[either], predicted[either], occurring[either]


def _labels(truth: npt.NDArray[Any], prediction: FloatArray) -> IntArray:
    check(truth, prediction)
    return np.asarray(prediction.argmax(axis=1), dtype=np.int64)


def check(truth: npt.NDArray[Any], prediction: FloatArray) -> None:
    """Raise ValueError for shapes that do not fit and for values that are not finite."""
    if not truth.size or prediction.ndim != 2 or truth.shape != prediction.shape[:1]:
        raise ValueError(
            f"truth {truth.shape} must be (n,), prediction {prediction.shape} (n, classes)"
        )
    if not np.isfinite(prediction).all():
        raise ValueError("predicted probabilities must be finite")
    if truth.min() < 0 or truth.max() >= prediction.shape[1]:
        raise ValueError("truth must be class codes, each with a column in the prediction")
