from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tabsculpt.stats.influence import auc_influence, paired_difference, rmse_influence


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
