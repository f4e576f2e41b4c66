"""Verdicts rest on splits and fits alone, whatever is repeated inside them."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy import stats

from divided_rows import job
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.overall import friedman_test
from tabsculpt.analysis.pairs import pooled, pooled_together
from tabsculpt.report.significance import show_tests
from tabsculpt.report.terminal import show
from tabsculpt.results import Status, as_record

ARMS = ("real", "traditional", "preprocess")


def frame(jobs) -> pd.DataFrame:
    return pd.DataFrame(as_record(row) for rows in jobs for row in rows)


def splits(number: int, arms=ARMS, **more) -> list:
    return [job(arm, split, **more) for arm in arms for split in range(number)]


def of(tests: pd.DataFrame, first: str, second: str) -> pd.Series:
    [pair] = tests[(tests["first"] == first) & (tests.second == second)].to_dict("records")
    return pd.Series(pair)


def text(make) -> str:
    console = Console(file=io.StringIO(), width=400, highlight=False)
    make(console)
    return console.file.getvalue()


def test_p_and_interval_are_those_of_the_means_of_the_splits():
    rows = frame(splits(4))
    rows = rows[rows.metric == "auc_roc"]
    found = of(compare(rows, "auc_roc"), "real", "traditional")
    means = rows.groupby(["pipeline", "split_seed"]).value.mean().unstack()
    differences = (means.loc["real"] - means.loc["traditional"]).to_numpy()
    error = np.sqrt((1 / 4 + 150 / 300) * differences.var(ddof=1))
    assert found.difference == pytest.approx(differences.mean())
    assert found.p == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, 3))
    assert (found.low, found.high) == pytest.approx(
        stats.t.interval(0.95, 3, differences.mean(), error)
    )
    assert (found.splits, found.fits) == (4, 1)
    assert found.rope == pytest.approx(0.01 * means.loc["real"].mean())
    assert (found.verdict, found.better) == ("better", "real")
    parts = found.probability_better + found.probability_equal + found.probability_worse
    assert parts == pytest.approx(1)


def test_repeating_predictors_makes_nothing_surer():
    rows = frame(splits(3))
    again = rows.assign(predictor=rows.predictor + " again")
    twice = pd.concat([rows, again[again.predictor.notna()]])
    once, more = (of(compare(r, "auc_roc"), "real", "preprocess") for r in (rows, twice))
    for name in ("difference", "low", "high", "p", "verdict", "splits_needed"):
        assert once[name] == pytest.approx(more[name])
    assert more.p_wilcoxon < once.p_wilcoxon  # the published test takes them for evidence


def test_a_wider_region_makes_a_difference_practically_equal():
    rows = frame(splits(4))
    wide = of(compare(rows, "auc_roc", rope=0.1), "real", "traditional")
    assert (wide.verdict, wide.better) == ("practically equal", None)
    assert "practically equal" in text(lambda c: show_tests(rows, "auc_roc", "complete", c, 0.1))


def test_arms_that_are_alike_are_practically_equal_and_nothing_is_nan():
    rows = frame(splits(3, ("real", "traditional", "preprocess")))
    values = rows[rows.pipeline == "real"].set_index(["split_seed", "predictor", "metric"]).value
    keys = pd.MultiIndex.from_frame(rows[["split_seed", "predictor", "metric"]])
    alike = rows.assign(value=values.reindex(keys).to_numpy())
    tests = compare(alike, "auc_roc")
    assert (tests.verdict == "practically equal").all()
    assert (tests.friedman_p == 1).all()
    assert (tests.overall_p > 0.99).all()
    shown = text(lambda console: show_tests(alike, "auc_roc", "complete", console))
    assert "nan" not in shown


def test_friedman_keeps_the_pairs_that_kruskal_wallis_ignores():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.05, size=(16, 3))
    values = rng.normal(0, 10, size=(16, 1)) + np.array([0.0, 0.3, 0.6]) + noise
    assert friedman_test(values) == pytest.approx(tuple(stats.friedmanchisquare(*values.T)))
    assert friedman_test(values)[1] < 1e-5 < 0.05 < stats.kruskal(*values.T).pvalue
    assert friedman_test(np.ones((4, 3))) == (0.0, 1.0)


def test_holm_counts_the_pairs_that_were_tested():
    tests = compare(frame([*splits(3), *splits(2, ("profile2gen",))]), "auc_roc")
    known = tests[tests.p.notna()]
    assert len(known) == 3
    assert known.p_holm.min() == pytest.approx(min(1, 3 * known.p.min()))
    assert tests[tests.p.isna()].p_holm.isna().all()


def test_proportions_are_averaged_within_a_fit():
    made = [
        [replace(row, protocol="augmentation", proportion=share,
                 value=row.value and row.value + share)
         for row in job("traditional", split) for share in (0.5, 1.0)]
        for split in range(3)
    ]  # fmt: skip
    cells = list(Measurements.of(frame([*made, *splits(3, ("real",))])).cells("auc_roc"))
    found = pooled(cells, "traditional", "real")
    alone = [pooled([cell], "traditional", "real") for cell in cells]
    assert found.over.splits == 3
    assert found.over.mean == pytest.approx(np.mean([one.over.mean for one in alone]))
    assert found.over.error == pytest.approx(alone[0].over.error)


def test_several_splits_end_with_a_verdict_and_two_with_what_is_missing(tmp_path):
    three = text(lambda console: show(frame(splits(3)), tmp_path, console))
    assert "3 splits x 1 fit" in three
    line = next(line for line in three.splitlines() if line.startswith("preprocess is "))
    found = of(compare(frame(splits(3)), "auc_roc"), "real", "preprocess")
    assert f"{found.difference:.5f} below real" in line
    rows = Measurements.of(frame(splits(3)))
    cells = list(rows.cells("auc_roc"))
    chosen, _ = pooled_together([("preprocess", cells), ("traditional", cells)], "real")
    low, high = chosen.over.low, chosen.over.high
    assert f"(95 % interval {low:+.5f} to {high:+.5f}, widened as it is the best of 2)" in line
    assert line.endswith(f": not enough data (at least {chosen.needed - 3} more splits)")
    two = text(lambda console: show(frame(splits(2)), tmp_path, console))
    line = next(line for line in two.splitlines() if line.startswith("preprocess is "))
    assert line.endswith("in mean auc_roc: not enough data (at least 1 more split)")


def test_folds_are_splits_and_share_as_much_as_their_sizes_say():
    rows = frame(splits(5, ("real", "traditional")))
    folds = rows.assign(fold=rows.split_seed, split_seed=0, n_train=360, n_test=90)
    split, fold = (of(compare(r, "auc_roc"), "real", "traditional") for r in (rows, folds))
    assert fold.splits == 5
    assert fold.error**2 / split.error**2 == pytest.approx((1 / 5 + 1 / 4) / (1 / 5 + 1 / 2))


def test_fits_of_one_split_are_no_splits():
    rows = frame([[replace(row, seed=seed, job=f"{row.job}{seed}") for row in jobs]
                  for jobs in splits(1) for seed in range(6)])  # fmt: skip
    tests = compare(rows, "auc_roc")
    assert (tests.fits == 6).all()
    assert (tests.verdict == "not enough data").all()
    assert tests.p_holm.isna().all()


def test_rows_that_do_not_say_their_sizes_give_no_verdict():
    rows = frame(splits(4)).assign(n_train=None)
    tests = compare(rows, "auc_roc")
    assert (tests.verdict == "not enough data").all()
    assert np.isfinite(tests.difference).all()


def test_a_verdict_on_fewer_splits_than_were_run_says_so(tmp_path):
    whole = [job(arm, split) for arm in ("real", "preprocess") for split in range(4)]
    rest = [job("traditional", split) for split in range(3)]
    failed = job("traditional", 3, status=Status.FAILED)
    phrase = text(lambda console: show(frame([*whole, *rest, failed]), tmp_path, console))
    assert "4 splits x 1 fit" in phrase
    [against] = [line for line in phrase.splitlines() if "below preprocess" in line
                 or "above traditional" in line]  # fmt: skip
    assert "on the 3 splits x 1 fit that both have values of" in against
    [real] = [line for line in phrase.splitlines() if line.startswith("preprocess is ")]
    assert "that both have values of" not in real
