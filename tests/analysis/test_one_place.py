"""Whatever was run, failed, repeated or left out: everything that shows results says the same."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console

import tabsculpt
from divided_rows import (
    PREDICTORS,
    fewer_predictors,
    job,
    missing_splits,
    two_profilers,
    two_test_sizes,
    write,
)
from tabsculpt.analysis import columns
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.levels import level
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pivot import pivot
from tabsculpt.analysis.rankings import rankings
from tabsculpt.analysis.shares import variance_shares
from tabsculpt.errors import UserError
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.page import make_report
from tabsculpt.report.significance import show_tests
from tabsculpt.results import Row, Status, as_record

NOWHERE = Path("/nowhere")
ARMS = ("real", "traditional", "preprocess", "profile2gen")
PAIR = ["first", "second"]
SAID = ["n", "n_missing", "p", "p_wilcoxon", "difference", "low", "high", "mean_first",
        "mean_second", "better"]  # fmt: skip
quickly = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a report of every smaller sweep would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def frame(jobs) -> pd.DataFrame:
    return pd.DataFrame(as_record(row) for rows in jobs for row in rows)


@st.composite
def sweeps(draw) -> list[list[Row]]:
    """Jobs of one data set: some of a grid of arms, splits, profilers, protocols and test sizes."""
    jobs = []
    for arm, split, profiler, augmented, size in product(
        ARMS, range(2), ("dataiq", "cleanlab"), (False, True), (0.33, 0.5)
    ):
        plain = arm in ("real", "traditional")
        if (plain and profiler == "cleanlab") or (arm == "real" and augmented):
            continue
        if draw(st.integers(0, 3)) == 0:
            continue  # never run
        more = {"evaluation": f"test_size={size}, missing=drop"}
        more |= {} if plain else {"profiler": profiler}
        if draw(st.integers(0, 7)) == 0:
            more["status"] = Status.FAILED
        rows = job(arm, split, level={arm: size - 0.3}, **more)
        jobs.append(sampled(rows) if augmented else rows)
    return jobs or [job("real", 0)]


def sampled(rows: list[Row]) -> list[Row]:
    """A job of augmentation: its scores at two proportions and two sampling seeds."""
    common = {"protocol": "augmentation", "job": f"{rows[0].job}-a"}
    found = [replace(row, **common) for row in rows if row.predictor is None]
    for row, proportion, seed in product(rows, (0.5, 1.0), (333, 555)):
        if row.predictor is not None:
            value = row.value and row.value + proportion / 100 + seed / 1e5
            where = {"proportion": proportion, "sample_seed": seed, "value": value}
            found.append(replace(row, **common, **where))
    return found


def pairs(rows: pd.DataFrame) -> pd.DataFrame:
    return compare(rows, "auc_roc")


def keyed(tests: pd.DataFrame) -> pd.DataFrame:
    keys = [*columns.CELL, *PAIR]
    return tests.reindex(columns=[*keys, *SAID]).set_index(keys).sort_index()


@quickly
@given(sweeps(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(jobs, random):
    rows = frame(jobs)
    order = list(range(len(rows)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(pairs(rows), pairs(rows.iloc[order]), check_exact=True)


@quickly
@given(sweeps(), st.data())
def test_a_job_that_is_there_twice_changes_nothing(jobs, data):
    again = data.draw(st.lists(st.sampled_from(jobs), min_size=1, max_size=3))
    fewer = [
        [
            replace(row, job=f"{row.job}-b")
            for row in rows
            if row.predictor in (None, *PREDICTORS[1:3])
        ]
        for rows in again
    ]
    once = Measurements.of(frame(jobs))
    twice = Measurements.of(frame([*jobs, *again, *fewer]))
    whole = compare(once.rows)
    pd.testing.assert_frame_equal(whole, compare(twice.rows), check_exact=True)
    shares = [variance_shares(found, "auc_roc") for found in (once, twice)]
    pd.testing.assert_frame_equal(*shares, check_exact=True)


@quickly
@given(sweeps(), st.data())
def test_what_one_arm_lacks_changes_nothing_of_other_pairs(jobs, data):
    gone = data.draw(st.sampled_from(jobs))
    arm = gone[0].pipeline
    before = pairs(frame(jobs))
    after = pairs(frame([rows for rows in jobs if rows is not gone] or [job("real", 0)]))
    before, after = (t[(t["first"] != arm) & (t.second != arm)] for t in (before, after))
    both = keyed(before).index.intersection(keyed(after).index)
    pd.testing.assert_frame_equal(
        keyed(before).loc[both], keyed(after).loc[both], check_exact=True, check_dtype=False
    )


@quickly
@given(sweeps())
def test_units_and_missing_ones_add_up(jobs):
    rows = frame(jobs)
    rows = rows[rows.metric == "auc_roc"]
    for pair in pairs(rows).to_dict("records"):
        arms = [units(rows, pair, pair[side]) for side in PAIR]
        if pair["first"] == "real":  # a run of the baseline is there for every sampling seed
            runs = {key[:-1] for key in arms[1]}
            alone = {(*key[:-1], None) for key in arms[0] if key[:-1] not in runs}
            had = {key[:-1]: value for key, value in arms[0].items()}
            arms[0] = {key: had[key[:-1]] for key in arms[1] if key[:-1] in had}
            arms[0] |= {key: had[key[:-1]] for key in alone}
        both = [k for k in arms[0] if k in arms[1] and arms[0][k] == arms[1][k] == "ok"]
        assert pair["n"] == len(both)
        assert pair["n"] + pair["n_missing"] == len(set(arms[0]) | set(arms[1]))
        for place, side in enumerate(PAIR):
            lacks = set(arms[1 - place]) - set(arms[place])
            assert pair[f"not_run_{side}"] == len(lacks)


def units(rows: pd.DataFrame, cell: dict, arm: str) -> dict[tuple, str]:
    """The status of each unit of an arm in a cell, from the rows themselves."""
    mine = rows[(rows.pipeline == arm) & (rows.evaluation == cell["evaluation"])]
    if arm != "real":
        at = cell["proportion"]
        step = mine.proportion.isna() if pd.isna(at) else mine.proportion == at
        mine = mine[step & (mine.protocol == cell["protocol"])]
        mine = mine[mine.profiler.isin(["none", cell["profiler"]])]
    seeds = mine.sample_seed.astype(object).where(mine.sample_seed.notna(), None)
    keys = zip(mine.predictor, mine.split_seed, seeds, strict=True)
    return dict(zip(keys, mine.status.astype(str), strict=True))


@quickly
@given(sweeps())
def test_terminal_tests_pivot_and_report_agree_to_the_last_digit(jobs):
    rows = frame(jobs)
    tests = pairs(rows)
    report = make_report(Inputs(Measurements.of(rows), NOWHERE))
    tables = {table.name: table.frame for table in report.tables}
    if tests.empty:
        assert "tests" not in tables
        return
    pd.testing.assert_frame_equal(tables["tests"], tests, check_exact=True)
    scores = tables["scores"].set_index([*columns.CELL, "arm"])["over_real"]
    console = Console(file=io.StringIO(), width=400)
    show_tests(rows, "auc_roc", "complete", console)
    for pair in tests.to_dict("records"):
        means = pair["mean_first"], pair["mean_second"]
        if pair["first"] == "real":
            key = tuple(pair[name] for name in columns.CELL)
            assert scores.loc[(*key, pair["second"])] == 100 * (means[1] - means[0])
        two = of_pair(rows, pair)
        [turned] = pivot(two, ["dataset", "pipeline"]).table.to_dict("records")
        assert (turned[pair["first"]], turned[pair["second"]]) == means
        cells = list(Measurements.of(two).cells("auc_roc"))
        assert tuple(level(cells, pair[side]).mean for side in PAIR) == means
        assert f"{means[0]:.3f} / {means[1]:.3f}" in console.file.getvalue()


def of_pair(rows: pd.DataFrame, pair: dict) -> pd.DataFrame:
    """The rows of two arms of a cell, as a filter leaves them."""
    rows = rows[(rows.metric == "auc_roc") & (rows.evaluation == pair["evaluation"])]
    step = rows.proportion.isna() if pd.isna(pair["proportion"]) else (
        rows.proportion == pair["proportion"]
    )  # fmt: skip
    made = step & (rows.protocol == pair["protocol"])
    made &= rows.profiler.isin(["none", pair["profiler"]])
    return rows[
        rows.pipeline.isin([pair["first"], pair["second"]]) & (made | (rows.pipeline == "real"))
    ]


def test_every_column_of_the_results_has_its_place():
    placed = [
        *columns.CELL, *columns.ARM, *columns.UNIT, *columns.MEASURED, *columns.FOLLOWS,
        *columns.DESCRIBES,
    ]  # fmt: skip
    assert sorted(placed) == sorted(field.name for field in fields(Row))
    assert set(columns.FOLLOWS.values()) <= set(placed)


def test_what_was_never_run_has_not_failed_and_takes_no_unit_from_others():
    tests = pairs(frame(missing_splits())).set_index(PAIR)
    assert tests.n.to_dict() == {
        ("real", "traditional"): 20, ("real", "profile2gen"): 8, ("traditional", "profile2gen"): 8,
    }  # fmt: skip
    assert tests.not_run_second.tolist() == [0, 12, 12]
    assert not tests[["failed_first", "failed_second", "not_run_first"]].any(axis=None)
    assert tests.loc[("real", "traditional")].better == "real"
    two = tests.loc[("real", "profile2gen")]
    assert two.splits == 2
    assert pd.isna(two.better)
    assert two.conclusion == "not enough data (at least 1 more split)"
    worst = compare(frame(missing_splits()), "auc_roc", "worst").set_index(PAIR)
    pd.testing.assert_frame_equal(tests, worst, check_exact=True)


def test_the_report_says_of_missing_splits_what_the_tests_say():
    report = make_report(Inputs(Measurements.of(frame(missing_splits())), NOWHERE))
    [phrase] = [sentence.text for sentence in report.words if sentence.topic]
    assert "Against the real rows, profile2gen has the best mean: better in 1 of 1" in phrase
    assert "1.6 AUC points better; not enough data for a verdict in any" in phrase


def test_a_suite_with_fewer_predictors_measures_nothing_anew():
    whole = frame(fewer_predictors())
    once = whole[whole.started == whole.started.min()]
    real = once[(once.pipeline == "real") & (once.metric == "auc_roc")].value
    table = pivot(whole[whole.metric == "auc_roc"], ["dataset", "pipeline"]).table
    assert table.real.tolist() == [pytest.approx(real.mean(), rel=1e-12)]
    pd.testing.assert_frame_equal(compare(whole), compare(once), check_exact=True)


def test_profilers_and_test_sizes_are_not_pooled():
    shares = variance_shares(Measurements.of(frame(two_profilers())), "auc_roc")
    assert shares.profiler.tolist() == ["cleanlab", "dataiq"]
    assert (shares.residual < 0.05).all()
    ranked = rankings(Measurements.of(frame(two_test_sizes())).cells("auc_roc"))
    best = {one.names["evaluation"]: next(iter(one.ranks)) for one in ranked}
    assert list(best.values()) == ["profile2gen", "traditional"]
    assert all(set(one.ranks.values()) == {1.0, 2.0, 3.0} for one in ranked)


def test_a_pivot_says_what_its_means_are_over():
    rows = frame(missing_splits())
    made = pivot(rows[rows.metric == "auc_roc"], ["dataset", "pipeline"])
    assert "12 of 20 units are left out" in made.phrase
    assert "5 levels of split_seed" in made.phrase
    across = pivot(rows[rows.metric == "auc_roc"], ["pipeline", "split_seed"])
    assert across.table.set_index("pipeline").loc["profile2gen"].isna().sum() == 3


def test_results_are_read_and_compared_from_python(tmp_path):
    write(tmp_path, fewer_predictors())
    rows = tabsculpt.read_results(tmp_path)
    assert len(rows) == 2 * 5 * 4 * 2 + 5  # two arms, five splits, four predictors, two metrics
    found = tabsculpt.compare(rows, "auc_roc")
    assert found[["first", "second", "n"]].values.tolist() == [["real", "traditional", 20]]
    assert found.p_holm.iloc[0] < 0.05
    assert found.better.iloc[0] == "real"
    with pytest.raises(UserError, match="no results in"):
        tabsculpt.read_results(tmp_path / "nothing")


def test_a_failed_run_is_filled_only_where_it_failed():
    jobs = [job(arm, split) for arm in ("real", "traditional") for split in range(3)]
    jobs[5] = job("traditional", 2, status=Status.FAILED)
    worst = compare(frame(jobs), "auc_roc", "worst").iloc[0]
    assert (worst.n, worst.n_filled, worst.failed_second) == (12, 4, 4)
    values = frame(jobs).query("metric == 'auc_roc'").value.astype(float)
    complete = compare(frame(jobs), "auc_roc").iloc[0]
    assert (complete.n, complete.n_missing) == (8, 4)
    assert worst.mean_second == pytest.approx(
        (complete.mean_second * 8 + 4 * np.nanmin(values)) / 12
    )
