from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from tabsculpt.stats.delta_method import auc_influence, paired_difference, rmse_influence


def roc_auc_score(codes, score):  # as scikit-learn's, which takes a hundred times as long
    positive = np.asarray(codes, dtype=bool)
    m = positive.sum()
    return (rankdata(score)[positive].sum() - m * (m + 1) / 2) / (m * (len(score) - m))


def rmse(truth, prediction):
    return np.sqrt(np.mean((truth - prediction) ** 2))


def bootstrap(score, n: int, draws: int = 3000) -> float:
    rng = np.random.default_rng(0)
    return float(np.std([score(rng.integers(0, n, n)) for _ in range(draws)]))


def test_the_interval_of_an_rmse_difference_agrees_with_the_bootstrap():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=200)
    first, second = truth + rng.normal(size=200), truth + 1.3 * rng.standard_t(5, size=200)
    value = rmse(truth, first) - rmse(truth, second)
    found = paired_difference(rmse_influence(truth, first), rmse_influence(truth, second), value)
    error = bootstrap(lambda i: rmse(truth[i], first[i]) - rmse(truth[i], second[i]), 200)
    assert (found.high - found.low) / 2 == pytest.approx(1.97 * error, rel=0.08)
    assert found.beyond_noise


def test_the_interval_of_an_auc_difference_agrees_with_the_bootstrap():
    rng = np.random.default_rng(2)
    codes = (rng.random(300) < 0.3).astype(int)
    first, second = (rng.normal(codes, s) for s in (1.0, 1.2))
    both = [np.column_stack([1 - p, p]) for p in (first, second)]
    value = roc_auc_score(codes, first) - roc_auc_score(codes, second)
    found = paired_difference(*(auc_influence(codes, p) for p in both), value)
    error = bootstrap(
        lambda i: roc_auc_score(codes[i], first[i]) - roc_auc_score(codes[i], second[i]), 300, 1000
    )
    assert (found.high - found.low) / 2 == pytest.approx(1.97 * error, rel=0.1)


def test_rows_of_a_group_count_as_one():
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(20), 10)
    first, second = (rng.normal(size=20)[groups] for _ in range(2))
    first, second = first - first.mean(), second - second.mean()
    rows = paired_difference(first, second, 0.3)
    grouped = paired_difference(first, second, 0.3, groups)
    alone = paired_difference(first[::10], second[::10], 0.3)
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high))
    assert grouped.units == 20
    assert (grouped.high - grouped.low) / (rows.high - rows.low) == pytest.approx(3.3, rel=0.05)


def test_equal_predictions_differ_by_nothing():
    truth = np.arange(10.0)
    influence = rmse_influence(truth, truth + 1)
    found = paired_difference(influence, influence, 0.0)
    assert (found.low, found.high, found.beyond_noise) == (0.0, 0.0, False)


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(400):
        truth = rng.normal(size=100)
        first, second = truth + rng.normal(size=100), truth + rng.normal(size=100)
        value = rmse(truth, first) - rmse(truth, second)
        one, two = rmse_influence(truth, first), rmse_influence(truth, second)
        hits += not paired_difference(one, two, value).beyond_noise
    assert 0.91 < hits / 400 < 0.985


def test_one_group_alone_says_nothing_of_others():
    first, second = np.array([1.0, -1.0, 0.5]), np.zeros(3)
    found = paired_difference(first, second, 0.3, np.array([7, 7, 7]))
    assert (found.low, found.high, found.units) == (-np.inf, np.inf, 1)
    assert not found.beyond_noise


@pytest.mark.parametrize("positives", [2, 3, 5, 12])
def test_few_positives_do_not_make_equal_scores_differ(positives):
    rng = np.random.default_rng(positives)
    codes = (np.arange(60) < positives).astype(int)
    false_alarms = 0
    for _ in range(200):
        common = rng.normal(size=60)
        scores = [common + rng.normal(size=60) + codes for _ in range(2)]
        both = [auc_influence(codes, np.column_stack([-s, s])) for s in scores]
        value = roc_auc_score(codes, scores[0]) - roc_auc_score(codes, scores[1])
        false_alarms += paired_difference(*both, value, classes=codes).beyond_noise
    assert false_alarms / 200 < 0.097  # three standard deviations above 5 %


def test_one_positive_says_nothing():
    codes = (np.arange(30) == 4).astype(int)
    perfect, constant = codes.astype(float), np.full(30, 0.5)
    both = [auc_influence(codes, np.column_stack([1 - s, s])) for s in (perfect, constant)]
    found = paired_difference(*both, 0.5, classes=codes)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_the_variance_of_an_auc_is_delongs():
    rng = np.random.default_rng(6)
    codes = (np.arange(40) < 9).astype(int)
    score = rng.normal(codes)
    influence = auc_influence(codes, np.column_stack([-score, score]))
    above = score[codes == 1][:, None] > score[codes == 0]
    delong = above.mean(axis=1).var(ddof=1) / 9 + above.mean(axis=0).var(ddof=1) / 31
    found = paired_difference(influence, np.zeros(40), 0.0, classes=codes)
    assert found.error == pytest.approx(np.sqrt(delong))
    assert found.high > 1.97 * found.error  # Student's t


def test_a_class_without_test_rows_is_left_out_as_it_is_of_the_score():
    rng = np.random.default_rng(7)
    codes = rng.integers(0, 3, 240)
    kept = codes != 2
    raw = rng.normal(size=(240, 3)) + 2 * np.eye(3)[codes]
    probabilities = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    influence = auc_influence(codes[kept], probabilities[kept])

    def score(i):
        c, p = codes[kept][i], probabilities[kept][i]
        return np.mean([roc_auc_score(c == k, p[:, k]) for k in (0, 1)])

    found = paired_difference(influence, np.zeros(kept.sum()), 0.0, classes=codes[kept])
    error = bootstrap(score, int(kept.sum()), 1000)
    assert found.high == pytest.approx(1.97 * error, rel=0.12)


def test_ten_rows_do_not_make_equal_errors_differ():
    rng = np.random.default_rng(8)
    false_alarms = 0
    for _ in range(600):
        common = rng.normal(size=10)
        errors = [common + 0.7 * rng.normal(size=10) for _ in range(2)]
        both = [rmse_influence(np.zeros(10), e) for e in errors]
        value = rmse(0, errors[0]) - rmse(0, errors[1])
        false_alarms += paired_difference(*both, value).beyond_noise
    assert false_alarms / 600 < 0.08
