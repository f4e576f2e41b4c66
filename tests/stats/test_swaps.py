"""Few test rows do not make equal scores differ, whatever the metric."""

from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.metrics import classification
from tabsculpt.stats import swaps
from tabsculpt.stats.delta_method import auc_influence, paired_difference
from tabsculpt.stats.swaps import SCORES, swapped_difference

METRICS = {name: getattr(classification, name) for name in ("auc_roc", "auc_pr", "macro_f1")}


def probabilities(score):
    high = 1 / (1 + np.exp(-score))
    return np.column_stack([1 - high, high])


@pytest.fixture
def few_swaps(monkeypatch):
    monkeypatch.setattr(swaps, "SWAPS", 299)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("classes", [2, 3])
def test_scores_of_exchanged_rows_are_the_metrics_of_these_rows(metric, classes):
    rng = np.random.default_rng(classes)
    truth = rng.integers(0, classes, 40)
    arms = [[np.round(rng.dirichlet(np.ones(classes), 40), 1) for _ in range(2)] for _ in range(2)]
    swap = np.stack([np.zeros(40, dtype=bool), np.ones(40, dtype=bool), rng.random(40) < 0.5])
    found = SCORES[metric](truth, *arms, swap)
    means = [np.mean([METRICS[metric](truth, p) for p in arm]) for arm in arms]
    assert found[:2] == pytest.approx([means[0] - means[1], means[1] - means[0]], abs=1e-6)
    if metric == "macro_f1":  # exchanged as they are, not as ranks
        mixed = [
            [np.where(s[:, None], a, b) for a, b in zip(*arms, strict=True)]
            for s in (~swap[2], swap[2])
        ]
        means = [np.mean([METRICS[metric](truth, p) for p in arm]) for arm in mixed]
        assert found[2] == pytest.approx(means[0] - means[1])


@pytest.mark.parametrize("positives", [2, 3, 5, 8])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.usefixtures("few_swaps")
def test_few_positives_do_not_make_equal_scores_differ(positives, metric):
    rng = np.random.default_rng(positives)
    codes = (np.arange(60) < positives).astype(int)
    alarms = 0
    for _ in range(100):
        common = rng.normal(size=60) + codes
        first, second = ([probabilities(common + rng.normal(size=60))] for _ in range(2))
        alarms += swapped_difference(metric, codes, first, second).beyond_noise
    assert alarms <= 12  # the 99 % quantile of a binomial of 6 %


@pytest.mark.usefixtures("few_swaps")
def test_ten_rows_do_not_make_equal_errors_differ():
    rng = np.random.default_rng(8)
    alarms = 0
    for _ in range(300):
        common = rng.normal(size=10)
        first, second = ([common + 0.7 * rng.normal(size=10)] for _ in range(2))
        alarms += swapped_difference("rmse", np.zeros(10), first, second).beyond_noise
    assert alarms / 300 <= 0.06 + 2 * (0.06 * 0.94 / 300) ** 0.5


@pytest.mark.parametrize("metric", METRICS)
def test_a_difference_that_is_there_is_found(metric):
    rng = np.random.default_rng(1)
    codes = (np.arange(120) < 15).astype(int)
    good, none = (
        probabilities(4 * codes - 2 + rng.normal(size=120)),
        probabilities(rng.normal(size=120) - 1),
    )
    found = swapped_difference(metric, codes, [good, good], [none, none])
    assert found.low > 0
    assert found.value == pytest.approx(METRICS[metric](codes, good) - METRICS[metric](codes, none))


def test_one_row_of_a_class_or_one_group_says_nothing():
    codes = (np.arange(30) == 4).astype(int)
    both = [np.column_stack([1 - s, s]) for s in (codes.astype(float), np.full(30, 0.5))]
    for metric in METRICS:
        found = swapped_difference(metric, codes, [both[0]], [both[1]])
        assert (found.low, found.high) == (-np.inf, np.inf)
    truth = np.arange(30.0)
    found = swapped_difference("rmse", truth, [truth], [truth + 1], np.zeros(30))
    assert (found.low, found.high, found.units) == (-np.inf, np.inf, 1)


def test_rows_of_a_group_are_exchanged_together():
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(8), 10)
    errors = [rng.normal(size=8)[groups] for _ in range(2)]
    rows, grouped = (
        swapped_difference("rmse", np.zeros(80), [errors[0]], [errors[1]], by)
        for by in (None, groups)
    )
    assert (grouped.high - grouped.low) / (rows.high - rows.low) > 2
    assert grouped.units == 8


def test_with_many_rows_it_agrees_with_delong():
    rng = np.random.default_rng(5)
    codes = (np.arange(300) < 100).astype(int)
    common = rng.normal(size=300) + codes
    first, second = (probabilities(common + rng.normal(size=300)) for _ in range(2))
    found = swapped_difference("auc_roc", codes, [first], [second])
    delong = paired_difference(
        *(auc_influence(codes, p) for p in (first, second)), found.value, classes=codes
    )
    assert found.error == pytest.approx(delong.error, rel=0.1)


def test_large_classes_are_taken_as_linear(monkeypatch):
    rng = np.random.default_rng(6)
    codes = (np.arange(200) < 80).astype(int)
    first, second = (probabilities(codes + rng.normal(size=200)) for _ in range(2))
    exact = swapped_difference("auc_roc", codes, [first], [second])
    monkeypatch.setattr(swaps, "LARGEST", 0)
    linear = swapped_difference("auc_roc", codes, [first], [second])
    assert linear.value == pytest.approx(exact.value, abs=1e-6)
    assert linear.error == pytest.approx(exact.error, rel=0.1)
