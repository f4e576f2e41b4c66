"""Singling out, linkability and inference, on rows whose risk is known."""

from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.metrics.disclosure.linkage import Attack, inference_risks, linkability_risk
from tabsculpt.metrics.disclosure.risk import Share, risk_of
from tabsculpt.metrics.disclosure.risks import RISKS, disclosure_risks
from tabsculpt.metrics.disclosure.singling_out import Condition, match_counts, univariate_risk
from tabsculpt.metrics.disclosure.values import Values, differences
from tabsculpt.metrics.quality import measure
from tabsculpt.table import concat


def values(matrix, numeric=None):
    matrix = np.asarray(matrix, dtype=float)
    flags = np.ones(matrix.shape[1], dtype=bool) if numeric is None else np.array(numeric)
    return Values(matrix, flags)


def test_copies_of_train_have_every_risk_and_fresh_rows_none(draw):
    train, test, fresh = draw(400, 0), draw(200, 1), draw(400, 2)
    copied = disclosure_risks(train, test, train, 0)
    free = disclosure_risks(train, test, fresh, 0)
    for name in RISKS:
        assert copied[name, None].low > 0.85, name
        assert free[name, None].low < 0 < free[name, None].high, name
        assert free[name, None].high < 0.3, name


def test_a_table_of_which_half_are_copies_has_half_the_risk(draw):
    train, test = draw(400, 0), draw(200, 1)
    half = concat([train.take(np.arange(200)), draw(200, 3)])
    risk = disclosure_risks(train, test, half, 0)["linkability", None]
    assert risk.low < 0.5 < risk.high


def test_the_risk_is_the_share_beyond_the_control_with_wilsons_interval():
    risk = risk_of(Share.of(60, 100), Share.of(20, 100), 100)
    assert risk.value == pytest.approx((0.6 - 0.2) / 0.8)
    # Wilson (1927): half widths .0943 for 60 of 100 and .0777 for 20 of 100
    half = np.hypot(0.0943 / 0.8, 0.0777 * 0.4 / 0.64)
    assert (risk.high - risk.low) / 2 == pytest.approx(half, abs=2e-4)
    assert np.isnan(risk_of(Share.of(5, 10), Share.of(10, 10), 10).value)


def test_a_predicate_is_counted_by_the_rows_that_it_is_true_of():
    matrix = np.array([[1.0, 0], [2, 1], [np.nan, 1], [9, 0]])
    at_least, missing = Condition(0, ">=", 2.0), Condition(0, "missing")
    alone = (at_least, Condition(1, "==", 1.0))
    assert match_counts([(at_least,), (missing,), alone], matrix).tolist() == [2, 1, 1]


def test_more_rows_of_train_than_of_test_are_no_risk_of_their_own():
    risks = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = [values(rng.normal(size=(n, 4)).round(2)) for n in (400, 100, 400)]
        risks.append(univariate_risk(*rows, seed).value)
    assert np.mean(risks) == pytest.approx(0, abs=0.03)


def test_rows_are_compared_by_gower():
    numbers = differences(np.array([0.0, np.nan]), np.array([5.0, np.nan]), True, 10.0)
    assert numbers.tolist() == [[0.5, 1], [1, 0]]
    codes = differences(np.array([0.0, 1.0]), np.array([1.0, np.nan]), False, 1.0)
    assert codes.tolist() == [[1, 1], [0, 1]]


def test_only_the_column_that_leaks_can_be_inferred():
    rng = np.random.default_rng(0)
    person, other = rng.normal(size=(100, 3)), rng.normal(size=(100, 3))
    synthetic = person.copy()
    synthetic[:, 0] = rng.permutation(synthetic[:, 0])  # the others stay together
    _, each = inference_risks(Attack.of(values(person), values(other), values(synthetic)))
    assert each[0].low < 0 < each[0].high
    assert each[1].low > 0.1


def test_halves_of_records_that_were_never_together_cannot_be_linked():
    rng = np.random.default_rng(1)
    person, other = rng.normal(size=(200, 4)), rng.normal(size=(200, 4))
    shuffled = np.column_stack([rng.permutation(column) for column in person.T])
    attack = Attack.of(values(person), values(other), values(shuffled))
    risk = linkability_risk(attack, 0)
    assert risk.low < 0 < risk.high < 0.1


def test_too_few_rows_give_a_reason(draw):
    found = measure(draw(15, 0), draw(15, 1), draw(15, 2), 0)
    [risk] = [m for m in found if m.metric == "linkability"]
    assert (risk.value, risk.low) == (None, None)
    assert "needs 20 rows of train and of test" in risk.reason
