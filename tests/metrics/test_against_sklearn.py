"""Scores of predicted classes are scikit-learn's, with ties and with classes that are absent."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as theirs

from tabsculpt.metrics import classification as ours


def case(seed: int):
    """A truth and probabilities rounded so that many are equal; some classes may not occur."""
    rng = np.random.default_rng(seed)
    classes, n = int(rng.integers(2, 6)), int(rng.integers(4, 60))
    truth = rng.integers(int(rng.integers(2, classes + 1)), size=n)
    truth[:2] = 0, 1
    raw = rng.dirichlet(np.full(classes, 0.7), size=n)
    coarse = np.round(raw, int(rng.integers(1, 4))) + 1e-3
    return truth, coarse / coarse.sum(axis=1, keepdims=True)


def one_against_rest(score, truth, prediction):
    codes = [1] if prediction.shape[1] == 2 else np.unique(truth)
    return np.mean([score(truth == code, prediction[:, code]) for code in codes])


@pytest.mark.parametrize("seed", range(60))
def test_scores_are_those_of_scikit_learn(seed):
    truth, prediction = case(seed)
    labels = prediction.argmax(axis=1)
    macro = {"average": "macro", "zero_division": 0}
    expected = {
        ours.auc_roc: one_against_rest(theirs.roc_auc_score, truth, prediction),
        ours.auc_pr: one_against_rest(theirs.average_precision_score, truth, prediction),
        ours.accuracy: theirs.accuracy_score(truth, labels),
        ours.macro_f1: theirs.f1_score(truth, labels, **macro),
        ours.precision: theirs.precision_score(truth, labels, **macro),
        ours.recall: theirs.recall_score(truth, labels, **macro),
    }
    for score, value in expected.items():
        assert score(truth, prediction) == pytest.approx(value, abs=1e-12), score.__name__


def test_no_order_can_be_scored_where_one_class_occurs():
    truth, prediction = np.ones(3, dtype=int), np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    assert np.isnan([ours.auc_roc(truth, prediction), ours.auc_pr(truth, prediction)]).all()
    assert ours.accuracy(truth, prediction) == pytest.approx(1 / 3)
