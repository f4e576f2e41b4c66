"""Reliability, Cox's line and net benefit, beside scikit-learn and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from tabsculpt.stats.calibration import calibration_line, reliability
from tabsculpt.stats.net_benefit import net_benefit, treat_all


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 1.5, size=4000)
    return (rng.random(4000) < expit(odds)).astype(np.int64), odds


def test_quantile_bins_are_those_of_scikit_learn(drawn):
    truth, odds = drawn
    found = reliability(truth, expit(odds))
    observed, predicted = calibration_curve(truth, expit(odds), n_bins=10, strategy="quantile")
    assert found.observed == pytest.approx(observed)
    assert found.predicted == pytest.approx(predicted)
    assert found.counts.tolist() == [400] * 10


def test_the_error_is_weighted_by_rows():
    probability = np.array([0.1] * 6 + [0.8] * 2)
    truth = np.array([0, 0, 0, 0, 0, 1, 1, 0])
    found = reliability(truth, probability)
    assert found.counts.tolist() == [6, 2]
    assert found.ece == pytest.approx((6 * abs(0.1 - 1 / 6) + 2 * abs(0.8 - 0.5)) / 8)


def test_the_line_is_the_logistic_regression_without_penalty(drawn):
    truth, odds = drawn
    p = expit(0.4 + 2.5 * odds)  # too extreme, and too high on the whole
    found = calibration_line(truth, p)
    clipped = logit(np.clip(p, 1e-6, 1 - 1e-6))
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(clipped[:, None], truth)
    assert found.slope == pytest.approx(reference.coef_.item(), abs=1e-5)
    assert found.slope == pytest.approx(0.4, abs=0.05)
    # the intercept with slope 1 makes the mean prediction that of the truth
    assert expit(clipped + found.intercept).mean() == pytest.approx(truth.mean(), abs=1e-9)
    assert found.clipped == int((p > 1 - 1e-6).sum() + (p < 1e-6).sum())


def test_true_probabilities_have_slope_one_and_intercept_zero(drawn):
    truth, odds = drawn
    found = calibration_line(truth, expit(odds))
    assert found.slope == pytest.approx(1, abs=0.1)
    assert found.intercept == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("probability", [[0.1, 0.2, 0.7, 0.9], [0.5] * 4, [0.9, 0.8, 0.2, 0.1]])
def test_there_is_no_slope_where_it_is_infinite_or_undefined(probability):
    found = calibration_line(np.array([0, 0, 1, 1]), np.array(probability))
    assert np.isnan(found.slope)
    assert np.isfinite(found.intercept)


def test_one_class_has_no_line():
    assert np.isnan(calibration_line(np.ones(5, int), np.linspace(0.1, 0.9, 5)).intercept)


def test_overconfident_certainties_keep_a_finite_line():
    truth = np.array([0, 1, 0, 1, 1, 0])
    found = calibration_line(truth, np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0]))
    assert 0 < found.slope < 0.1
    assert found.clipped == 6


def test_net_benefit_by_hand():
    truth = np.array([1, 1, 0, 0, 0])
    probability = np.array([0.9, 0.3, 0.6, 0.2, 0.1])
    # from 0.2 on: two true and two false positives; from 0.5 on: one and one; from 0.75 on: one
    found = net_benefit(truth, probability, [0.2, 0.5, 0.75])
    assert found == pytest.approx([(2 - 2 * 0.25) / 5, (1 - 1) / 5, 1 / 5])
    assert treat_all(0.4, [0.2, 0.4]) == pytest.approx([0.4 - 0.6 * 0.25, 0])
    assert net_benefit(truth, np.ones(5), [0.2, 0.4]) == pytest.approx(treat_all(0.4, [0.2, 0.4]))
