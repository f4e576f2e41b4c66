"""Metrics of predictions: known answers, formulas by hand, and truths they are not defined for."""

import math
from itertools import product

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from tabsculpt.metrics import metrics_for
from tabsculpt.table import Task

REGRESSION = {metric.name: metric.function for metric in metrics_for(Task.REGRESSION)}
CLASSES = {metric.name: metric.function for metric in metrics_for(Task.MULTICLASS)}


def random_numbers():
    rng = np.random.default_rng(3)
    truth = rng.normal(50, 10, size=200)
    return truth, truth + rng.normal(0, 4, size=200)


def random_classes(classes, n=120):
    rng = np.random.default_rng(classes)
    truth = rng.integers(0, classes, size=n)
    scores = rng.random((n, classes)).round(1) + 0.4 * np.eye(classes)[truth]
    return truth, scores / scores.sum(axis=1, keepdims=True)


def one_hot(labels, classes):
    return np.eye(classes)[labels]


def test_the_metrics_of_each_task_and_their_directions():
    directions = {metric.name: metric.direction for metric in metrics_for(Task.REGRESSION)}
    low = dict.fromkeys(("rmse", "mae", "median_absolute_error"), "min")
    assert directions == {**low, "r2": "max"}
    high = (
        "auc_roc", "auc_pr", "macro_f1", "accuracy", "precision", "recall", "gini",
        "probability_diversity",
    )  # fmt: skip
    for task in (Task.BINARY, Task.MULTICLASS):
        directions = {metric.name: metric.direction for metric in metrics_for(task)}
        assert directions == dict.fromkeys(high, "max") | {"brier": "min", "ece": "min"}


def test_regression_known_answers():
    truth, prediction = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 8.0])
    assert REGRESSION["rmse"](truth, prediction) == 2.0
    assert REGRESSION["mae"](truth, prediction) == 1.0
    assert REGRESSION["median_absolute_error"](truth, prediction) == 0.0
    assert REGRESSION["r2"](truth, prediction) == pytest.approx(1 - 16 / 5)


def test_regression_by_hand():
    truth, prediction = random_numbers()
    errors = prediction - truth
    spread = ((truth - truth.mean()) ** 2).sum()
    assert REGRESSION["rmse"](truth, prediction) == pytest.approx(math.sqrt((errors**2).mean()))
    assert REGRESSION["mae"](truth, prediction) == pytest.approx(abs(errors).mean())
    median = sorted(abs(errors))[99:101]
    assert REGRESSION["median_absolute_error"](truth, prediction) == pytest.approx(sum(median) / 2)
    assert REGRESSION["r2"](truth, prediction) == pytest.approx(1 - (errors**2).sum() / spread)


def test_predicting_the_mean_has_r2_zero_and_rmse_the_standard_deviation():
    truth, _ = random_numbers()
    constant = np.full(len(truth), truth.mean())
    assert REGRESSION["r2"](truth, constant) == pytest.approx(0)
    assert REGRESSION["rmse"](truth, constant) == pytest.approx(truth.std())


def test_r2_of_a_constant_truth_is_not_defined():
    constant = np.full(5, 2.0)
    assert math.isnan(REGRESSION["r2"](constant, constant))
    assert math.isnan(REGRESSION["r2"](np.array([1.0]), np.array([3.0])))
    assert REGRESSION["rmse"](constant, constant) == 0


def test_binary_known_answers():
    truth = np.array([0, 0, 1, 1])
    positive = np.array([0.1, 0.4, 0.35, 0.8])
    prediction = np.column_stack([1 - positive, positive])
    assert CLASSES["auc_roc"](truth, prediction) == 0.75
    assert CLASSES["auc_pr"](truth, prediction) == pytest.approx(5 / 6)
    assert CLASSES["gini"](truth, prediction) == 0.5
    squares = 0.1**2 + 0.4**2 + 0.65**2 + 0.2**2
    assert CLASSES["brier"](truth, prediction) == pytest.approx(squares / 4)
    assert CLASSES["probability_diversity"](truth, prediction) == 1
    assert CLASSES["accuracy"](truth, prediction) == 0.75
    assert CLASSES["precision"](truth, prediction) == pytest.approx((2 / 3 + 1) / 2)
    assert CLASSES["recall"](truth, prediction) == pytest.approx((1 + 1 / 2) / 2)
    assert CLASSES["macro_f1"](truth, prediction) == pytest.approx((0.8 + 2 / 3) / 2)


def pair_auc(positive, scores):
    """The share of (positive, negative) pairs in the right order, ties half."""
    pairs = list(product(scores[positive], scores[~positive]))
    return np.mean([(p > n) + (p == n) / 2 for p, n in pairs])


def stepwise_precision(positive, scores):
    """Precision at each threshold, weighted by the recall that it adds."""
    area, recall = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = scores >= threshold
        hit = positive[taken].sum()
        area += hit / taken.sum() * (hit / positive.sum() - recall)
        recall = hit / positive.sum()
    return area


@pytest.mark.parametrize(
    ("name", "by_hand"), [("auc_roc", pair_auc), ("auc_pr", stepwise_precision)]
)
def test_ranking_metrics_by_hand(name, by_hand):
    truth, prediction = random_classes(2)
    assert CLASSES[name](truth, prediction) == pytest.approx(by_hand(truth == 1, prediction[:, 1]))
    truth, prediction = random_classes(4)
    each = [by_hand(truth == code, prediction[:, code]) for code in range(4)]
    assert CLASSES[name](truth, prediction) == pytest.approx(np.mean(each))


@pytest.mark.parametrize("classes", [2, 4])
def test_label_metrics_by_confusion_matrix(classes):
    truth, prediction = random_classes(classes)
    confusion = np.zeros((classes, classes))
    np.add.at(confusion, (truth, prediction.argmax(axis=1)), 1)
    hits = np.diag(confusion)
    precision, recall = hits / confusion.sum(axis=0), hits / confusion.sum(axis=1)
    f1 = 2 * precision * recall / (precision + recall)
    assert CLASSES["accuracy"](truth, prediction) == pytest.approx(hits.sum() / len(truth))
    assert CLASSES["precision"](truth, prediction) == pytest.approx(precision.mean())
    assert CLASSES["recall"](truth, prediction) == pytest.approx(recall.mean())
    assert CLASSES["macro_f1"](truth, prediction) == pytest.approx(f1.mean())


def test_constant_probabilities_have_no_skill():
    truth = np.array([0, 0, 0, 1])
    prediction = np.full((4, 2), 0.5)
    assert CLASSES["auc_roc"](truth, prediction) == 0.5
    assert CLASSES["auc_pr"](truth, prediction) == 0.25
    assert CLASSES["accuracy"](truth, prediction) == 0.75
    assert CLASSES["macro_f1"](truth, prediction) == pytest.approx(6 / 7 / 2)
    assert CLASSES["gini"](truth, prediction) == 0
    assert CLASSES["brier"](truth, prediction) == 0.25
    assert CLASSES["ece"](truth, prediction) == 0.25
    assert CLASSES["probability_diversity"](truth, prediction) == 0.25


def test_a_class_absent_from_truth_is_left_out_of_the_areas():
    truth, prediction = random_classes(3)
    kept = truth != 1
    truth, prediction = truth[kept], prediction[kept]
    each = [pair_auc(truth == code, prediction[:, code]) for code in (0, 2)]
    assert CLASSES["auc_roc"](truth, prediction) == pytest.approx(np.mean(each))


def test_a_class_absent_from_truth_counts_only_where_it_is_predicted():
    truth = np.array([0, 0, 2, 2])
    assert CLASSES["macro_f1"](truth, one_hot([0, 0, 2, 2], 3)) == 1
    assert CLASSES["recall"](truth, one_hot([0, 0, 2, 1], 3)) == pytest.approx((1 + 0.5 + 0) / 3)


def test_areas_are_not_defined_for_one_class():
    prediction = np.array([[0.2, 0.8], [0.6, 0.4]])
    for name in ("auc_roc", "auc_pr", "gini"):
        assert math.isnan(CLASSES[name](np.array([1, 1]), prediction))
    assert CLASSES["accuracy"](np.array([1, 1]), prediction) == 0.5


def test_the_squares_of_several_classes_are_summed():
    truth, prediction = random_classes(4)
    by_hand = np.mean(
        [
            ((row - one_hot(label, 4)) ** 2).sum()
            for label, row in zip(truth, prediction, strict=True)
        ]
    )
    assert CLASSES["brier"](truth, prediction) == pytest.approx(by_hand)
    truth, prediction = random_classes(2)
    assert CLASSES["brier"](truth, prediction) == pytest.approx(
        brier_score_loss(truth, prediction[:, 1])
    )
    assert CLASSES["brier"](truth, one_hot(truth, 2)) == 0
    assert CLASSES["brier"](truth, one_hot(1 - truth, 2)) == 1


def test_calibration_by_bins():
    positive = np.array([0.55, 0.6, 0.6, 0.95, 0.05, 1.0])  # bins (0.5, 0.6] and (0.9, 1]
    truth = np.array([1, 1, 0, 1, 1, 1])
    prediction = np.column_stack([1 - positive, positive])
    gaps = abs(2 / 3 - np.mean([0.55, 0.6, 0.6])) / 2 + abs(2 / 3 - np.mean([0.95, 0.95, 1])) / 2
    assert CLASSES["ece"](truth, prediction) == pytest.approx(gaps)
    assert CLASSES["ece"](truth, one_hot(truth, 2)) == 0
    assert CLASSES["ece"](truth, one_hot(1 - truth, 2)) == 1


def test_probabilities_that_repeat_are_less_diverse():
    truth = np.zeros(8, dtype=int)
    prediction = np.tile([[0.2, 0.8], [0.3, 0.7]], (4, 1))
    assert CLASSES["probability_diversity"](truth, prediction) == 2 / 8
    prediction[0] += [1e-12, -1e-12]
    assert CLASSES["probability_diversity"](truth, prediction) == 2 / 8


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_predictions_that_are_not_finite_are_refused(task, wrong):
    truth = np.array([0, 1]) if task is not Task.REGRESSION else np.array([0.5, 1.0])
    prediction = (
        np.array([0.5, wrong]) if task is Task.REGRESSION else np.array([[1, 0], [wrong, 1]])
    )
    for metric in metrics_for(task):
        with pytest.raises(ValueError, match="must be finite"):
            metric.function(truth, prediction)


@pytest.mark.parametrize("task", list(Task))
def test_shapes_that_do_not_fit_are_refused(task):
    prediction = np.array([0.5]) if task is Task.REGRESSION else np.array([[1.0, 0.0]])
    for metric in metrics_for(task):
        with pytest.raises(ValueError, match=r"\(2,\)"):
            metric.function(np.array([0, 1]), prediction)


def test_a_class_code_without_a_column_is_refused():
    with pytest.raises(ValueError, match="class codes"):
        CLASSES["accuracy"](np.array([0, 2]), one_hot([0, 1], 2))
