"""Tests of arms: published p-values, other implementations, and simulated nulls."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tabsculpt.analysis.comparisons import compare, share_different
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.multiplicity import holm_corrected
from tabsculpt.analysis.rankings import critical_difference, rankings
from tabsculpt.analysis.shares import variance_shares
from tabsculpt.results import Row
from tabsculpt.stats.outliers import outlier_shares
from tabsculpt.stats.wilcoxon import signed_rank, walsh_median
from tabsculpt.table import Column, Kind, Schema, Task, conform

TWELVE = [f"model {k}" for k in range(12)]


def row(pipeline, predictor, value, dataset="fat", **more):
    real = pipeline == "real"
    fixed = {
        "job": "j", "task": "regression", "split_seed": 0, "profiler": "none", "seed": 0,
        "generator": "none" if real else "tvae", "protocol": "trtr" if real else "tstr",
        "device": "cpu", "data": dataset, "started": "", "predictors": "autogluon",
        "evaluation": "test_size=0.33", "metric": "rmse", "direction": "min",
        "n_train": 200, "n_test": 100,
    }  # fmt: skip
    return vars(
        Row(dataset=dataset, pipeline=pipeline, predictor=predictor, value=value, **fixed | more)
    )


def shifted(arms, offset=1.0, dataset="fat"):
    """Arms that differ by a constant for each of the twelve predictors, never by the same one."""
    rng = np.random.default_rng(0)
    base = dict(zip(TWELVE, rng.normal(10, 2, size=12), strict=True))
    return pd.DataFrame(
        row(arm, p, base[p] + offset * place + 0.01 * place * k, dataset)
        for place, arm in enumerate(arms)
        for k, p in enumerate(TWELVE)
    )


@pytest.mark.parametrize(
    ("arms", "published"),
    [
        (["real", "traditional", "preprocess", "profile2gen"], "0.0029"),
        (["real", "traditional", "preprocess"], "0.0015"),
    ],
)
def test_twelve_pairs_of_one_sign_have_the_published_p_values(arms, published):
    pairs = compare(shifted(arms))
    assert len(pairs) == len(arms) * (len(arms) - 1) / 2
    assert {f"{p:.4f}" for p in pairs.p_published} == {published}
    assert (pairs.p_wilcoxon == 2 / 4096).all()
    assert (pairs.effect == -1).all()
    assert (pairs.unit == "predictor").all()
    assert (pairs.verdict == "not enough data").all()  # one split, whatever the twelve say
    assert pairs.better.isna().all()


def test_kruskal_wallis_and_holm_agree_with_other_implementations():
    rng = np.random.default_rng(1)
    arms = ["real", "traditional", "preprocess", "profile2gen"]
    values = {arm: rng.normal(k / 4, 1, size=12) for k, arm in enumerate(arms)}
    rows = pd.DataFrame(
        row(arm, p, v) for arm in arms for p, v in zip(TWELVE, values[arm], strict=True)
    )
    pairs = compare(rows, "rmse")
    overall = stats.kruskal(*values.values()).pvalue
    assert pairs.overall_p.tolist() == pytest.approx([overall] * len(pairs))
    expected = [
        stats.wilcoxon(values[a], values[b]).pvalue for a, b in itertools.combinations(arms, 2)
    ]
    assert pairs.p_wilcoxon.tolist() == pytest.approx(expected)
    friedman = stats.friedmanchisquare(*values.values()).pvalue
    assert pairs.friedman_p.tolist() == pytest.approx([friedman] * len(pairs))
    corrected = holm_corrected([expected[0], np.nan, *expected[1:]])
    assert np.isnan(corrected[1])
    known = multipletests(expected, method="holm")[1]
    assert np.delete(corrected, 1).tolist() == pytest.approx(known)


def test_ties_and_zeros_are_enumerated_and_counted():
    first = np.array([1.0, 2, 3, 4, 5, 6, 7])
    second = np.array([1.0, 1, 2, 5, 4, 5, 6])
    pair = signed_rank(first, second)
    assert (pair.n, pair.n_zero, pair.exact) == (6, 1, True)
    ranks = np.full(6, 3.5)
    signs = np.array(list(itertools.product([-1, 1], repeat=6)))
    sums = signs @ ranks
    observed = 4 * 3.5  # five up, one down
    assert pair.p == pytest.approx((np.abs(sums) >= observed).mean())
    assert pair.effect == pytest.approx(4 / 6)


def test_rank_biserial_and_hodges_lehmann_by_hand():
    pair = signed_rank(np.array([3.0, 1.0, 7.0]), np.array([0.0, 2.0, 1.0]))
    assert pair.effect == pytest.approx((2 + 3 - 1) / 6)
    assert pair.hodges_lehmann == walsh_median(np.array([3.0, -1, 6])) == 2.75
    assert (pair.low, pair.high) == (-np.inf, np.inf)  # three pairs allow no interval


def test_p_is_uniform_where_nothing_differs():
    rng = np.random.default_rng(2)
    ps = [signed_rank(rng.normal(size=20), rng.normal(size=20)).p for _ in range(150)]
    assert stats.kstest(ps, "uniform").pvalue > 0.01


def test_too_few_pairs_are_said_to_be_too_few():
    arms = ["real", "traditional", "preprocess", "profile2gen"]
    rows = shifted(arms)
    pairs = compare(rows[rows.predictor.isin(TWELVE[:5])])
    assert (pairs.smallest_p == 0.0625).all()
    assert (pairs.p_published > 0.05).all()


def test_the_baseline_is_repeated_for_each_sampling_seed_and_that_is_said():
    rows = [row("real", p, 10.0 + k) for k, p in enumerate(TWELVE)]
    for arm, better in (("traditional", 0.3), ("profile2gen", 0.6)):
        for seed in (333, 555, 666, 888):
            for k, p in enumerate(TWELVE):
                value = 10.0 + k - better + seed / 1e4
                made = {"protocol": "augmentation", "proportion": 0.227, "sample_seed": seed}
                rows.append(row(arm, p, value, **made))
    pairs = compare(pd.DataFrame(rows))
    assert pairs.unit.unique().tolist() == ["predictor x sample_seed"]
    assert (pairs.n == 48).all()
    assert pairs.caution.str.contains("the real baseline is repeated").all()
    assert pairs.proportion.unique().tolist() == [0.227]


def test_failed_cells_are_left_out_or_ranked_last():
    rows = shifted(["real", "traditional"], offset=-1.0)
    failed = (rows.pipeline == "traditional") & (rows.predictor == TWELVE[3])
    rows.loc[failed, "value"] = None
    rows.loc[failed, "status"] = "failed"
    complete = compare(rows).iloc[0]
    assert (complete.n, complete.n_missing, complete.n_filled) == (11, 1, 0)
    worst = compare(rows, missing="worst").iloc[0]
    assert (worst.n, worst.n_missing, worst.n_filled) == (12, 0, 1)
    assert worst.p_wilcoxon > complete.p_wilcoxon


def test_shares_of_significant_pairs_count_cells():
    arms = ["real", "traditional"]
    alike = shifted(arms, offset=0.0, dataset="c")
    alike["value"] += np.where(alike.pipeline == "real", 0, np.resize([0.5, -0.5], len(alike)))
    rows = pd.concat([shifted(arms, dataset="a"), shifted(arms, dataset="b"), alike])
    [share] = share_different(compare(rows)).to_dict("records")
    assert share["cells"] == 3
    assert share["published"] == pytest.approx(2 / 3)
    assert share["not_enough"] == 1


def test_the_critical_difference_is_the_published_one():
    # Demsar 2006, table 5: q at 0.05 is 2.343 for three and 2.569 for four classifiers.
    assert critical_difference(4, 1) == pytest.approx(2.569 * np.sqrt(20 / 6), abs=2e-3)
    assert critical_difference(3, 10) == pytest.approx(2.343 * np.sqrt(12 / 60), abs=2e-3)


def test_arms_are_ranked_over_data_sets_as_scipy_does_it():
    arms = ["real", "traditional", "profile2gen"]
    rng = np.random.default_rng(3)
    values = rng.normal([0, 2, 1], size=(6, 3))
    rows = pd.DataFrame(
        row(arm, "one", values[d, k], dataset=f"set {d}")
        for d in range(6)
        for k, arm in enumerate(arms)
    )
    [ranked] = rankings(Measurements.of(rows).cells())
    expected = stats.friedmanchisquare(*values.T)
    assert (ranked.statistic, ranked.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert ranked.n_blocks == 6
    assert ranked.ranks["traditional"] == stats.rankdata(values, axis=1).mean(axis=0)[1]
    assert next(iter(ranked.ranks)) == "real"


def test_variance_is_split_by_its_sources():
    rng = np.random.default_rng(4)
    split, predictor = rng.normal(0, 3, 4), rng.normal(0, 1, 12)
    rows = pd.DataFrame(
        row("traditional", p, split[s] + predictor[k], split_seed=s)
        for s in range(4)
        for k, p in enumerate(TWELVE)
    )
    [shares] = variance_shares(Measurements.of(rows), "rmse").to_dict("records")
    whole = split.var(ddof=1) + predictor.var(ddof=1)
    assert shares["split"] == pytest.approx(split.var(ddof=1) / whole, rel=1e-3)
    assert shares["predictor"] == pytest.approx(predictor.var(ddof=1) / whole, rel=1e-3)
    assert shares["residual"] == pytest.approx(0, abs=1e-6)
    assert shares["sampling"] is None or np.isnan(shares["sampling"])
    assert (shares["levels_split"], shares["levels_predictor"]) == (4, 12)
    values = (split[:, None] + predictor).ravel()
    assert shares["deviation"] == pytest.approx(values.std(ddof=1))


def test_outliers_are_rows_with_some_far_number():
    columns = (Column("a", Kind.CONTINUOUS), Column("b", Kind.CONTINUOUS))
    schema = Schema(columns, "b", Task.REGRESSION)
    known = np.random.default_rng(5).normal(size=(5000, 2))
    reference = conform(pd.DataFrame(known, columns=["a", "b"]), schema)
    rows = pd.DataFrame({"a": [0.0, 3.5, 0.0, np.nan], "b": [0.0, 0.0, -9.0, 0.0]})
    shares = outlier_shares(conform(rows, schema), reference)
    assert shares == {"outliers_3": 0.5, "outliers_4": 0.25}


def test_with_many_pairs_the_interval_ends_where_the_test_rejects():
    differences = np.random.default_rng(0).standard_t(3, size=400) + 0.2
    found = signed_rank(differences, np.zeros(400))
    assert found.low < found.hodges_lehmann < found.high
    for end in (found.low, found.high):
        assert signed_rank(differences, np.full(400, end)).p == pytest.approx(0.05, abs=0.002)


def test_the_interval_holds_the_shifts_that_the_exact_test_does_not_reject():
    rng = np.random.default_rng(1)
    for n in (6, 9, 20, 50):
        values = rng.normal(size=n)
        found = signed_rank(values, np.zeros(n))
        for end, inwards in ((found.low, 1), (found.high, -1)):
            step = 1e-9 * inwards
            assert stats.wilcoxon(values - end + step, method="exact").pvalue <= 0.05
            assert stats.wilcoxon(values - end - step, method="exact").pvalue > 0.05


@pytest.mark.parametrize("pairs", [6, 12])
def test_intervals_of_few_pairs_hold_the_shift_as_often_as_they_say(pairs):
    rng = np.random.default_rng(pairs)
    found = [signed_rank(rng.normal(size=pairs), rng.normal(size=pairs)) for _ in range(400)]
    assert 0.93 < np.mean([each.low <= 0 <= each.high for each in found]) < 0.99


def test_ties_of_proportions_are_ties():
    total = 146
    second = np.array([100, 101, 87, 93, 64, 71, 99, 55])
    first = second + np.array([3, 3, 3, 3, 3, 3, -3, -3])
    orders = [np.random.default_rng(seed).permutation(8) for seed in range(5)]
    for moved in (0, 17, 31):
        for order in orders:
            pair = signed_rank((first[order] - moved) / total, (second[order] - moved) / total)
            assert pair.p == pytest.approx(2 * 37 / 2**8)
