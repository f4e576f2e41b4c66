"""Scores of parts of the test rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from tabsculpt.metrics.subsets import subset_scores
from tabsculpt.profilers import Segment
from tabsculpt.table import Column, Kind, Schema, Task

NUMBER = Schema((Column("y", Kind.CONTINUOUS),), "y", Task.REGRESSION)
CLASSES = Schema((Column("y", Kind.CATEGORICAL, ("a", "b", "c")),), "y", Task.MULTICLASS)
STRATA = np.array([Segment.EASY, Segment.EASY, Segment.HARD, Segment.HARD])


def test_tails_are_those_of_train_and_of_the_truth():
    train = np.arange(101.0)  # percentiles 10 and 90
    truth = np.array([9.0, 5.0, 10.0, 95.0, 90.0])
    prediction = np.array([12.0, 1.0, 50.0, 5.0, 0.0])
    found = subset_scores(NUMBER, train, truth, prediction, None)
    assert found == {
        "rmse_low_tail": (pytest.approx(math.sqrt((9 + 16) / 2)), "min"),
        "mae_low_tail": (3.5, "min"),
        "rmse_high_tail": (90, "min"),
        "mae_high_tail": (90, "min"),
    }


def test_a_part_without_rows_has_no_score():
    found = subset_scores(NUMBER, np.arange(101.0), np.full(4, 50.0), np.arange(4.0), STRATA)
    undefined = {name for name, (value, _) in found.items() if math.isnan(value)}
    assert undefined == {
        "rmse_low_tail", "mae_low_tail", "rmse_high_tail", "mae_high_tail", "rmse_ambiguous",
    }  # fmt: skip
    assert found["rmse_easy"] == (pytest.approx(math.sqrt((50**2 + 49**2) / 2)), "min")
    assert found["rmse_hard"] == (pytest.approx(math.sqrt((48**2 + 47**2) / 2)), "min")


def test_classes_by_another_implementation():
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=60)
    prediction = rng.dirichlet(np.ones(3), size=60)
    found = subset_scores(CLASSES, truth, truth, prediction, None)
    assert len(found) == 9
    by_class = precision_recall_fscore_support(truth, prediction.argmax(axis=1))
    for name, values in zip(("precision", "recall", "f1"), by_class, strict=False):
        for klass, value in zip("abc", values, strict=True):
            assert found[f"{name}_class_{klass}"] == (pytest.approx(value), "max")


def test_a_class_that_is_absent_has_no_score():
    prediction = np.eye(3)[[0, 1, 0, 1]]
    found = subset_scores(CLASSES, np.arange(3), np.array([0, 0, 2, 2]), prediction, None)
    value = {name: score for name, (score, _) in found.items()}
    assert value["precision_class_a"] == value["recall_class_a"] == value["f1_class_a"] == 0.5
    assert (value["precision_class_b"], value["f1_class_b"]) == (0, 0)
    assert math.isnan(value["recall_class_b"])
    assert (value["recall_class_c"], value["f1_class_c"]) == (0, 0)
    assert math.isnan(value["precision_class_c"])


def test_strata_of_a_classification():
    prediction = np.array([[1.0, 0, 0], [0.5, 0.3, 0.2], [0, 1, 0], [0, 0, 1]])
    found = subset_scores(CLASSES, np.arange(3), np.array([0, 0, 0, 2]), prediction, STRATA)
    assert found["accuracy_easy"] == (1, "max")
    assert found["accuracy_hard"] == (0.5, "max")
    assert found["brier_easy"] == (pytest.approx((0.25 + 0.09 + 0.04) / 2), "min")
    assert found["brier_hard"] == (1, "min")
    assert math.isnan(found["accuracy_ambiguous"][0])


def test_predictions_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must be finite"):
        subset_scores(NUMBER, np.arange(3.0), np.arange(2.0), np.array([0, np.nan]), None)
    with pytest.raises(ValueError, match=r"\(n, classes\)"):
        subset_scores(CLASSES, np.arange(3), np.arange(3), np.arange(3.0), None)
