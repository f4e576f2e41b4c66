"""What copies give away and fresh samples do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from tabsculpt.errors import UserError
from tabsculpt.metrics.composite import Weights, composite
from tabsculpt.metrics.privacy import (
    Attacked,
    attack_accuracy,
    closer_to_train,
    exact_copies,
    membership_attack,
    nearest,
)
from tabsculpt.metrics.shadow import shadow_attack


@pytest.fixture
def fresh(draw):
    return Attacked.of(draw(400, 0), draw(200, 1), draw(400, 2), 0)


@pytest.fixture
def copied(draw):
    return Attacked.of(draw(400, 0), draw(200, 1), draw(400, 0), 0)


def test_copies_are_counted_whatever_their_order(draw):
    train = draw(100, 0, missing=0.2)
    assert exact_copies(train, train.take(np.arange(100)[::-1])) == 1
    assert exact_copies(train, draw(100, 1, missing=0.2)) == 0
    mixed = train.frame.copy()
    mixed.loc[:24, "x"] = 77.0
    assert exact_copies(train, type(train)(mixed, train.schema)) == 0.75


def test_the_attacks_see_equally_many_rows(fresh):
    assert fresh.members.shape == fresh.outsiders.shape
    assert len(fresh.members) == 200
    assert len(fresh.synthetic) == len(fresh.train) == 400


def test_neighbours_by_brute_force(fresh):
    found = nearest(fresh.members, fresh.synthetic, 3)
    assert found == pytest.approx(np.sort(cdist(fresh.members, fresh.synthetic), axis=1)[:, :3])


def test_fresh_rows_give_nothing_away(fresh):
    assert closer_to_train(fresh, 0) == pytest.approx(0.5, abs=0.08)
    found = membership_attack(fresh)
    assert found["membership_auc"] == pytest.approx(0.5, abs=0.08)
    assert found["membership_accuracy"] == pytest.approx(0.5, abs=0.08)
    assert shadow_attack(fresh, 0) == pytest.approx(0.5, abs=0.1)


def test_copies_give_their_originals_away(copied):
    assert closer_to_train(copied, 0) == 1  # though test has half as many rows
    assert membership_attack(copied) == {"membership_auc": 1, "membership_accuracy": 1}
    assert shadow_attack(copied, 0) > 0.9


def test_copies_of_the_test_rows_point_the_other_way(draw):
    attacked = Attacked.of(draw(200, 0), draw(200, 1), draw(200, 1), 0)
    assert closer_to_train(attacked, 0) == 0
    assert membership_attack(attacked) == {"membership_auc": 0, "membership_accuracy": 0}


def test_a_row_equally_close_to_both_counts_half(draw):
    same = Attacked.of(draw(100, 0), draw(100, 0), draw(50, 1), 0)
    assert closer_to_train(same, 0) == 0.5
    assert membership_attack(same)["membership_auc"] == 0.5


def test_the_accuracy_of_an_attack_by_hand():
    inside, outside = np.array([4.0, 3.0, 1.0]), np.array([2.0, 0.0, 5.0])  # median 2.5
    assert attack_accuracy(inside, outside) == pytest.approx(4 / 6)
    assert attack_accuracy(np.ones(3), np.ones(3)) == 0.5
    assert attack_accuracy(np.array([1.0, 2, 2]), np.array([2.0, 2, 3])) == pytest.approx(2 / 6)


def test_q_by_hand():
    even = composite(1.0, 0.8, 0.625, Weights())
    assert even["q_fidelity"] == 0.5
    assert even["q_diversity"] == 0.8
    assert even["q_privacy"] == pytest.approx(0.6)
    assert even["q"] == pytest.approx(1.9 / 3)
    assert composite(1.0, 0.8, 0.625, Weights(1, 0, 0))["q"] == 0.5
    assert composite(0.0, 1.0, 0.3, Weights())["q"] == pytest.approx(1)
    assert composite(0.0, 1.0, 1.0, Weights())["q_privacy"] == 0
    assert math.isnan(composite(0.0, math.nan, 1.0, Weights())["q"])
    assert math.isnan(composite(0.0, 1.0, math.nan, Weights())["q_privacy"])


@pytest.mark.parametrize("wrong", [(0.5, 0.5, 0.5), (1.2, -0.2, 0.0)])
def test_weights_that_are_none_are_refused(wrong):
    with pytest.raises(UserError, match="sum to 1"):
        Weights(*wrong)
