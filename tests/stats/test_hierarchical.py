"""The hierarchical model gives the probabilities that sampling it gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tabsculpt.stats.hierarchical import hierarchical_difference
from tabsculpt.stats.resampled import Verdict

ROPE = 0.01


def sampled(means, errors, freedoms, draws=1500, chains=300):
    """The same posterior by random-walk Metropolis, many chains at once: location, log spread,
    log (nu - 1), shape and rate of its prior, and the difference of each data set."""
    rng = np.random.default_rng(0)
    q = len(means)
    limit = float(np.max(np.abs(means) + errors)) + ROPE
    widest = 1000 * means.std()
    at = np.zeros((chains, 5 + q))
    at[:, 1], at[:, 2] = np.log(means.std()), np.log(20)
    at[:, 3], at[:, 4] = 1.5, 0.05
    at[:, 5:] = means

    def log_density(x):
        location, spread, nu = x[:, 0], np.exp(x[:, 1]), 1 + np.exp(x[:, 2])
        inside = (np.abs(location) < limit) & (spread < widest)
        inside &= (x[:, 3] > 1) & (x[:, 3] < 2) & (x[:, 4] > 0.01) & (x[:, 4] < 0.1)
        shape, rate = np.clip(x[:, 3], 1, 2), np.clip(x[:, 4], 0.01, 0.1)
        found = stats.gamma.logpdf(nu - 1, shape, scale=1 / rate) + x[:, 1] + x[:, 2]
        found = found + stats.t.logpdf(
            x[:, 5:], nu[:, None], location[:, None], spread[:, None]
        ).sum(axis=1)
        found = found + stats.t.logpdf(x[:, 5:], freedoms, means, errors).sum(axis=1)
        return np.where(inside, found, -np.inf)

    steps = np.array([means.std() / q**0.5, 0.7, 0.8, 0.4, 0.03, *errors]) * 0.5
    density, kept = log_density(at), []
    for draw in range(draws):
        tried = at + steps * rng.normal(size=at.shape)
        new = log_density(tried)
        accepted = np.log(rng.random(chains)) < new - density
        at[accepted], density[accepted] = tried[accepted], new[accepted]
        if draw > 300 and draw % 10 == 0:
            kept.append(at[:, :3].copy())
    location, spread, nu = np.concatenate(kept).T
    spread, nu = np.exp(spread), 1 + np.exp(nu)
    above, below = (
        stats.t.sf(ROPE, nu, location, spread),
        stats.t.cdf(-ROPE, nu, location, spread),
    )
    region = np.stack([above, 1 - above - below, below]).argmax(axis=0)
    return np.bincount(region, minlength=3) / len(region), location.mean()


def test_it_agrees_with_sampling_the_same_posterior():
    means = np.array([0.016, 0.021, -0.004, 0.012, 0.03])
    errors = np.array([0.004, 0.01, 0.006, 0.003, 0.012])
    freedoms = np.array([4.0, 9, 2, 9, 4])
    found = hierarchical_difference(means, errors, freedoms, ROPE)
    expected, location = sampled(means, errors, freedoms)
    assert (found.above, found.within, found.below) == pytest.approx(tuple(expected), abs=0.025)
    assert found.mean == pytest.approx(location, abs=0.001)


def test_data_sets_that_agree_give_a_verdict_and_such_that_do_not_give_none():
    errors, freedoms = np.full(8, 0.005), np.full(8, 4.0)
    alike = hierarchical_difference(np.full(8, 0.04), errors, freedoms, ROPE)
    assert alike.verdict("max") is Verdict.BETTER
    assert alike.verdict("min") is Verdict.WORSE
    equal = hierarchical_difference(np.linspace(-0.002, 0.002, 8), errors, freedoms, ROPE)
    assert equal.verdict("max") is Verdict.EQUAL
    split = hierarchical_difference(np.tile([-0.05, 0.05], 4), errors, freedoms, ROPE)
    assert split.verdict("max") is Verdict.UNKNOWN
    assert split.above == pytest.approx(split.below, abs=1e-3)
    assert split.low < 0 < split.high


def test_it_is_the_same_in_any_unit_and_when_turned_round():
    means = np.array([0.01, 0.03, -0.01, 0.02])
    errors, freedoms = np.full(4, 0.01), np.full(4, 2.0)
    one = hierarchical_difference(means, errors, freedoms, ROPE)
    large = hierarchical_difference(100 * means, 100 * errors, freedoms, 100 * ROPE)
    assert (large.above, large.within) == pytest.approx((one.above, one.within), abs=1e-9)
    turned = hierarchical_difference(-means, errors, freedoms, ROPE)
    assert (turned.below, turned.low) == pytest.approx((one.above, -one.high), abs=2e-3)


def test_data_sets_without_any_difference_are_practically_equal():
    found = hierarchical_difference(np.zeros(4), np.zeros(4), np.full(4, 2.0), ROPE)
    assert found.verdict("min") is Verdict.EQUAL
    assert found.within > 0.99
