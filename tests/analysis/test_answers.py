"""The answer for each data set is that of the comparisons, and says what it rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from divided_rows import LEVEL, job
from tabsculpt.analysis.answers import questions
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.costs import cost_table
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import pooled, pooled_together
from tabsculpt.analysis.privacy import PrivacyOf, Risk
from tabsculpt.results import as_record

ARMS = ("real", "traditional", "preprocess", "profile2gen")


def frame(number: int = 4, arms=ARMS, **more) -> pd.DataFrame:
    jobs = [job(arm, split, **more) for arm in arms for split in range(number)]
    return pd.DataFrame(as_record(row) for rows in jobs for row in rows)


def asked(rows: pd.DataFrame, quality: pd.DataFrame | None = None) -> list:
    cells = list(Measurements.of(rows).cells(headline=True))
    return questions(cells, pd.DataFrame() if quality is None else quality)


def test_the_best_combination_has_the_verdict_and_interval_of_its_comparison():
    rows = frame()
    [question] = asked(rows)
    assert [one.names["arm"] for one in question.tried] == [
        "profile2gen", "preprocess", "traditional",
    ]  # fmt: skip
    tests = compare(rows, "auc_roc")
    real_pairs = tests[tests["first"] == "real"].set_index("second")
    pair = real_pairs.loc["profile2gen"]
    half = half_width_of_the_best((real_pairs.error**2).to_dict(), "profile2gen", 4)
    real = rows[(rows.pipeline == "real") & (rows.metric == "auc_roc")].value.mean()
    best = question.best
    assert pair["better"] == "profile2gen"
    assert best.verdict == "better"
    assert best.real == pytest.approx(real)
    ends = (0, half, -half)
    assert best.gain == pytest.approx([-100 * (pair["difference"] + end) / real for end in ends])
    assert best.gain[0] == pytest.approx(100 * LEVEL["profile2gen"] / real, rel=0.1)


def half_width_of_the_best(variances: dict[str, float], arm: str, splits: int) -> float:
    """Three arms: two degrees of freedom come of the mean of all standard deviations."""
    own = splits - 1
    mean = np.mean(np.sqrt(list(variances.values())))
    usual = (mean * special.gamma(own / 2) / special.gamma((own + 1) / 2)) ** 2 * own / 2
    variance = (2 * usual + own * variances[arm]) / (2 + own)
    return float(stats.t.ppf(1 - 0.025 / 3, own + 2) * np.sqrt(variance))


def test_a_lower_error_is_a_gain():
    rows = frame()
    rows = rows[rows.metric == "auc_roc"].assign(task="regression", metric="rmse", direction="min")
    [question] = asked(rows)
    assert question.best.names["arm"] == "traditional"
    assert (question.best.verdict, question.best.gain[0] > 2) == ("better", True)
    assert question.tried[-1].gain[2] < 0


def test_what_deserves_more_splits_is_said_of_what_is_open_alone():
    [settled], [few] = asked(frame()), asked(frame(2))
    assert settled.next is None
    assert (few.next.names["arm"], few.next.more_splits) == ("profile2gen", 1)
    level = {"profile2gen": -0.0055, "preprocess": -0.2, "traditional": -0.2}
    [open_] = asked(frame(3, level=level))
    cells = list(Measurements.of(frame(3, level=level)).cells("auc_roc"))
    together = pooled_together([(arm, cells) for arm in ARMS[:0:-1]], "real")
    needed = together[0].needed
    assert needed > pooled(cells, "profile2gen", "real").needed
    assert open_.best.verdict == "not enough data"
    assert open_.next.names["arm"] == "profile2gen"
    assert open_.next.more_splits == needed - 3
    assert (open_.next.stands, open_.best.gain[0] > 1) == ("better", True)


def test_rows_in_place_of_real_ones_and_rows_added_are_two_questions():
    added = frame(arms=ARMS[1:], protocol="augmentation", proportion=0.5)
    rows = frame().astype({"proportion": float})
    found = asked(pd.concat([rows, added]))
    assert [q.names["protocol"] for q in found] == ["tstr", "augmentation"]
    assert all(len(q.tried) == 3 for q in found)


def test_without_real_rows_the_best_has_the_best_mean_and_no_verdict():
    [question] = asked(frame(arms=ARMS[1:]))
    assert question.best.names["arm"] == "profile2gen"
    assert (question.best.verdict, question.best.found) == ("not enough data", None)
    assert np.isnan(question.best.gain).all()
    assert question.next is None


def test_combinations_without_a_value_are_counted():
    rows = frame()
    gone = rows.assign(value=rows.value.mask(rows.pipeline == "preprocess"))
    [question] = asked(gone)
    assert ([one.names["arm"] for one in question.tried], question.failed) == (
        ["profile2gen", "traditional"], 1,
    )  # fmt: skip


def table(metric: str, values: list[float], reference: float = 0.5) -> pd.DataFrame:
    jobs = [f"job-{place}" for place in range(len(values))]
    return pd.DataFrame({"job": jobs, "metric": metric, "value": values, "reference": reference})


@pytest.mark.parametrize(
    ("quality", "risk"),
    [
        (table("membership_auc", [0.58, 0.60, 0.59]), Risk.SIGN),
        (table("membership_auc", [0.58]), Risk.SIGN),
        (table("membership_auc", [0.52, 0.53, 0.54]), Risk.NO_SIGN),  # within its margin
        (table("exact_copies", [0.02, 0.03], 0.0), Risk.SIGN),
        (table("exact_copies", [0.30, 0.30], 0.3), Risk.NO_SIGN),  # as many as real rows have
        (table("closer_to_train", [np.nan, np.nan]), Risk.UNKNOWN),
        (table("coverage", [0.1, 0.2]), Risk.UNKNOWN),
        (table("linkability", [0.3, 0.4], 0.0).assign(low=[0.2, 0.3]), Risk.SIGN),
        (table("linkability", [0.3, 0.4], 0.0).assign(low=[-0.2, 0.1]), Risk.NO_SIGN),  # noise
        (table("inference", [0.05], 0.0).assign(low=0.03), Risk.NO_SIGN),  # within its margin
        (pd.DataFrame(), Risk.UNKNOWN),
    ],
)
def test_privacy_is_flagged_above_the_reference_by_more_than_a_margin(quality, risk):
    assert PrivacyOf(quality).jobs([f"job-{place}" for place in range(3)]).risk == risk


def test_the_attacks_behind_a_risk_are_counted_over_its_tables():
    quality = table("linkability", [0.3, 0.4, 0.2], 0.0).assign(low=0.1, attacks=[100, 100, 40])
    [sign] = PrivacyOf(quality).jobs(["job-0", "job-1", "job-2"]).signs
    assert (sign.tables, sign.attacks, sign.value) == (3, 240, pytest.approx(0.3))


def test_the_cpu_time_of_a_job_is_the_sum_of_its_phases_and_of_its_predictions():
    shared = {"cpu_seconds": {"generate": 2.0, "score": 0.5}}
    costs = cost_table(Measurements.of(frame(1, **shared)).rows)
    of_arm = costs.set_index("arm").cpu_seconds
    assert of_arm["traditional"] == pytest.approx(2.0 + 4 * 0.5 + 0.5)  # four predictors, a table
    [question] = asked(frame(1, **shared))
    assert question.best.cpu_seconds == pytest.approx(of_arm["profile2gen"])
    assert np.isnan(asked(frame(1))[0].best.cpu_seconds)  # not measured
