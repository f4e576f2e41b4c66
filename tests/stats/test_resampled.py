from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from tabsculpt.stats.resampled import (
    Verdict,
    judged_together,
    resampled_difference,
    splits_needed,
)
from tabsculpt.stats.spread import fits_share

ONE_FIT = [np.array([x]) for x in (0.8, 1.1, 0.7, 1.4, 1.0)]


def test_with_one_fit_a_split_it_is_the_corrected_resampled_t_test():
    values = np.concatenate(ONE_FIT)
    error = np.sqrt((1 / 5 + 0.5) * values.var(ddof=1))
    found = resampled_difference(ONE_FIT, 0.5, 0.1)
    assert (found.mean, found.error, found.freedom) == pytest.approx((1.0, error, 4))
    assert found.p == pytest.approx(2 * stats.t.sf(1.0 / error, 4))
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 4, 1.0, error))
    above, below = stats.t.sf(0.1, 4, 1.0, error), stats.t.cdf(-0.1, 4, 1.0, error)
    assert (found.above, found.below) == pytest.approx((above, below))
    assert found.above + found.within + found.below == pytest.approx(1)


def test_what_comes_of_the_fits_alone_is_not_taken_for_the_splits():
    fits = [np.array([1.0, -1.0]) + shift for shift in (0.01, -0.01, 0.0)]
    found = resampled_difference(fits, 0.5, 0.0)
    assert found.error == pytest.approx(np.sqrt((2 * 1e-4 + 3 * 1.0) / 5 / 3), rel=1e-3)
    alike = resampled_difference([np.array([m, m]) for m in (1.0, 2.0, 4.0)], 0.5, 0.0)
    single = resampled_difference([np.array([m]) for m in (1.0, 2.0, 4.0)], 0.5, 0.0)
    assert (alike.error, alike.freedom) == pytest.approx((single.error, single.freedom))


@pytest.mark.parametrize(
    ("mean", "spread", "direction", "verdict"),
    [
        (-3.0, 0.1, "min", Verdict.BETTER),
        (-3.0, 0.1, "max", Verdict.WORSE),
        (3.0, 0.1, "max", Verdict.BETTER),
        (0.1, 0.05, "min", Verdict.EQUAL),
        (3.0, 8.0, "min", Verdict.UNKNOWN),
    ],
)
def test_the_words_follow_the_region_of_practical_equivalence(mean, spread, direction, verdict):
    values = mean + spread * np.array([-1.0, 0.3, 1.0, -0.3])
    found = resampled_difference([np.array([v]) for v in values], 0.5, 1.0)
    assert found.verdict(direction) is verdict


def test_two_splits_give_no_verdict_but_say_how_many_would():
    found = resampled_difference([np.array([5.0]), np.array([6.0])], 0.5, 1.0)
    assert found.verdict("max") is Verdict.UNKNOWN
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert np.isnan(found.p)
    needed = splits_needed(found, 1.0)
    errors = {n: np.sqrt(0.5 * (1 / n + 0.5)) for n in (needed - 1, needed)}
    limits = {n: stats.t.ppf(0.975, n - 1) for n in errors}
    assert 4.5 / errors[needed] >= limits[needed]
    assert needed == 3 or 4.5 / errors[needed - 1] < limits[needed - 1]


def test_splits_that_agree_to_the_last_digit_leave_no_doubt():
    found = resampled_difference([np.array([0.0])] * 3, 0.5, 0.01)
    assert (found.verdict("min"), found.p, found.within) == (Verdict.EQUAL, 1.0, 1.0)


@pytest.mark.parametrize(("splits", "fits", "by_split"), [(3, 1, 1.0), (3, 2, 0.5), (5, 2, 1.0)])
def test_equal_arms_are_seldom_told_apart_and_intervals_cover(splits, fits, by_split):
    rng = np.random.default_rng(splits * 10 + fits)
    alarms = covered = 0
    for _ in range(400):
        shared = rng.normal() * np.sqrt(1 / 3)  # splits of two thirds: correlation 1/3
        own = (shared + rng.normal(size=splits) * np.sqrt(2 / 3)) * by_split
        found = resampled_difference([s + rng.normal(size=fits) for s in own], 0.5, 0.0)
        alarms += found.verdict("max") is not Verdict.UNKNOWN
        covered += found.low <= 0 <= found.high
    assert alarms / 400 < 0.08  # three standard deviations above 5 %
    assert covered / 400 > 0.92


def test_on_one_data_set_it_is_baycomps_correlated_t_test():
    baycomp = pytest.importorskip("baycomp")
    rng = np.random.default_rng(3)
    for mean in (0.0, 0.02, -0.05):
        first, second = rng.normal(0.8, 0.02, 10), rng.normal(0.8 + mean, 0.02, 10)
        below, within, above = baycomp.two_on_single(first, second, rope=0.01)
        found = resampled_difference([np.array([d]) for d in second - first], 1 / 9, 0.01)
        assert (found.below, found.within, found.above) == pytest.approx((below, within, above))


def test_the_best_of_several_needs_more():
    once, thrice = (resampled_difference(ONE_FIT, 0.5, 0.0, looks) for looks in (1, 3))
    assert thrice.sure == pytest.approx(1 - 0.025 / 3)
    reach = stats.t.ppf(thrice.sure, 4) * once.error
    assert (thrice.low, thrice.p) == pytest.approx((once.mean - reach, once.p))


def arms_of(variances, splits=3, looks=None):
    """Differences of one fit a split, with given variances between splits."""
    pattern = np.linspace(-1, 1, splits)
    pattern /= pattern.std(ddof=1)
    return [
        resampled_difference(
            [np.array([1.0 + v**0.5 * x]) for x in pattern], 0.5, 0.1, looks or len(variances)
        )
        for v in variances
    ]


def test_arms_on_the_same_splits_lend_each_other_two_degrees_of_freedom():
    found = arms_of([1.0, 4.0, 16.0])
    usual = (7 / 3) ** 2 * 4 / np.pi  # of standard deviations with two degrees of freedom each
    for one, together, own in zip(
        found, judged_together(found, [0.1] * 3), (1, 4, 16), strict=True
    ):
        error = np.sqrt((1 / 3 + 0.5) * (2 * usual + 2 * own) / 4)
        assert (together.error, together.freedom) == pytest.approx((error, 4))
        reach = stats.t.ppf(1 - 0.025 / 3, 4) * error
        assert (together.low, together.high) == pytest.approx((1 - reach, 1 + reach))
        assert together.above == pytest.approx(stats.t.sf(0.1, 4, 1, error))
        assert (together.mean, together.sure) == (one.mean, one.sure)


def test_fits_are_moderated_as_splits_are():
    rng = np.random.default_rng(0)
    arms = [list(rng.normal(size=(3, 1)) + rng.normal(size=(3, 2))) for _ in range(3)]
    found = [resampled_difference(one, 0.5, 0.0, 3) for one in arms]
    together = judged_together(found, [0.0] * 3)[0].spread
    for name, freedom in (("between", 2), ("within", 3)):
        values = np.array([getattr(one.spread, name) for one in found])
        half = freedom / 2
        mean = np.sqrt(values).mean() * special.gamma(half) / special.gamma(half + 0.5)
        usual = mean**2 * half
        assert getattr(together, name) == pytest.approx((2 * usual + 2 * values[0]) / 4)


def test_one_that_varies_a_hundredfold_leaves_the_others_as_they_are():
    together = judged_together(arms_of([1.0] * 11 + [100.0]), [0.1] * 12)
    alike = judged_together(arms_of([1.0] * 12), [0.1] * 12)
    assert 1 < together[0].error / alike[0].error < 1.5
    apart = arms_of([1.0] * 12)[0]
    assert (alike[0].high - 1) / (apart.high - 1) < 0.5  # t of 4 degrees of freedom, not of 2


def test_heavy_tails_of_all_arms_take_degrees_of_freedom_from_each():
    rng = np.random.default_rng(5)
    arms = [list(rng.standard_t(3, size=(10, 1))) for _ in range(4)]
    found = [resampled_difference(one, 0.5, 0.0, 4) for one in arms]
    excess = np.mean([stats.kurtosis(np.ravel(one), bias=False) for one in arms])
    assert excess > 0.5
    for one, together in zip(found, judged_together(found, [0.0] * 4), strict=True):
        assert together.freedom == pytest.approx(2 / (excess / 10 + 2 / 11))
        assert one.freedom == 9  # by itself it is the published test


def test_what_is_taken_off_for_the_fits_grows_with_the_splits():
    assert fits_share(np.array([3, 10])) == pytest.approx([0.35, 0.595])
    rng = np.random.default_rng(1)
    fits = list(3 * rng.normal(size=(10, 1)) + rng.normal(size=(10, 2)))
    between = np.var([pair.mean() for pair in fits], ddof=1)
    within = np.mean([pair.var(ddof=1) for pair in fits]) / 2
    variance = between / 10 + 0.5 * (between - 0.595 * within)
    assert resampled_difference(fits, 0.5, 0.0).error == pytest.approx(variance**0.5)


def test_what_does_not_vary_or_was_run_otherwise_lends_and_borrows_nothing():
    still = resampled_difference([np.array([0.0])] * 3, 0.5, 0.1, 4)
    five = arms_of([1.0], splits=5, looks=4)[0]
    found = [still, five, *arms_of([1.0, 2.0], looks=4)]
    together = judged_together(found, [0.1] * 4)
    assert together[:2] == found[:2]
    assert together[2].freedom == 3  # of two that are alike each lends one
    assert judged_together(found[:1], [0.1]) == found[:1]


def test_the_splits_needed_follow_the_same_rule():
    found = arms_of([0.05] * 6)
    together = judged_together(found, [0.1] * 6)[0]
    needed = splits_needed(together, 0.1)
    assert needed < splits_needed(found[0], 0.1)
    variance = together.error**2 / (1 / 3 + 0.5)
    for n, enough in ((needed - 1, False), (needed, True)):
        error = np.sqrt(variance * (1 / n + 0.5))
        assert (stats.t.sf(0.1, n - 1 + 2, 1.0, error) >= together.sure) == enough


@pytest.mark.parametrize("arms", [3, 6])
def test_the_best_of_equal_arms_is_seldom_called_better(arms):
    rng = np.random.default_rng(arms)
    than_real = than_next = alone = 0
    for _ in range(300):
        scores = rng.normal(size=(arms + 1, 5)) + rng.normal(size=5)  # higher is better
        real, made = scores[0], scores[1:]
        best, second = made[np.argsort(-made.mean(axis=1))[:2]]
        for looks in (1, arms):
            to_real = resampled_difference([np.array([d]) for d in best - real], 0.0, 0.0, looks)
            called = to_real.verdict("max") is Verdict.BETTER
            than_real, alone = than_real + called * (looks > 1), alone + called * (looks == 1)
        to_next = resampled_difference([np.array([d]) for d in best - second], 0.0, 0.0)
        than_next += to_next.verdict("max") is not Verdict.UNKNOWN
    assert than_real / 300 <= 0.06
    assert than_next / 300 <= 0.06
    assert alone > than_real
