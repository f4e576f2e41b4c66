"""What changed between two sets of results."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from divided_rows import job
from tabsculpt.analysis.changes import Change, changes
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.results import as_record

ARMS = ("real", "traditional", "profile2gen")


def frame(number: int = 4, arms=ARMS, **more) -> pd.DataFrame:
    jobs = [job(arm, split, **more) for arm in arms for split in range(number)]
    return pd.DataFrame(as_record(row) for rows in jobs for row in rows)


def compared(before: pd.DataFrame, after: pd.DataFrame, jobs=None):
    nothing = pd.DataFrame()
    return changes(Measurements.of(before), Measurements.of(after), jobs or (nothing, nothing))


def shifted(rows: pd.DataFrame, arm: str, by) -> pd.DataFrame:
    mine = (rows.pipeline == arm) & (rows.metric == "auc_roc")
    return rows.assign(value=rows.value + np.where(mine, by, 0.0))


def of(found, arm: str, metric: str = "auc_roc") -> dict:
    values = found.values
    [row] = values[(values.arm == arm) & (values.metric == metric)].to_dict("records")
    return row


def test_the_same_results_have_not_changed():
    found = compared(frame(), frame())
    assert found.count(Change.SAME) == len(found.values) == 3 * 2 + 2
    assert (found.alone.empty, found.differs.empty) == (True, True)


def test_a_shift_is_beyond_its_interval_and_noise_is_within():
    noise = np.random.default_rng(0).normal(0, 0.01, len(frame()))
    after = shifted(shifted(frame(), "profile2gen", -0.03), "traditional", noise)
    found = compared(frame(), after)
    shift, same = of(found, "profile2gen"), of(found, "real")
    assert shift["difference"] == pytest.approx(-0.03)
    assert (shift["change"], shift["better"]) == (Change.BEYOND, "before")
    assert (shift["splits"], shift["n"]) == (4, 16)
    assert of(found, "traditional")["change"] == Change.WITHIN
    assert same["change"] == Change.SAME
    assert of(compared(frame(2), shifted(frame(2), "real", 0.1)), "real")["change"] == (
        Change.UNKNOWN
    )


def test_what_one_of_the_two_lacks_is_counted():
    rows = frame()
    after = rows.assign(value=rows.value.mask((rows.pipeline == "real") & (rows.split_seed == 0)))
    found = compared(rows, after[after.pipeline != "traditional"])
    assert (of(found, "real")["lost"], of(found, "real")["n"]) == (4, 12)
    assert found.alone[["only", "arm"]].values.tolist() == [["before", "traditional"]]


def test_other_data_stand_beside_each_other_and_it_is_said():
    found = compared(frame(), frame(data="cohort without row 7"))
    assert len(found.values) == 8
    [row] = found.differs.to_dict("records")
    assert row == {
        "name": "fingerprint of the data", "before": "cohort", "after": "cohort without row 7",
        "of": "cohort",
    }  # fmt: skip


def test_two_evaluations_of_an_arm_are_not_mixed():
    other = frame(evaluation="test_size=0.2")
    both = pd.concat([frame(), shifted(other, "real", 0.5)])
    found = compared(both, both).values
    assert len(found) == 16
    assert (found.change == Change.SAME).all()
    assert set(found.among) == {f"cohort; {e}; cpu" for e in both.evaluation.unique()}


def test_versions_and_settings_that_differ_are_named():
    names = {"dataset": "cohort", "generator": "arf", "profiler": "none", "pipeline": "traditional",
             "protocol": "tstr", "predictors": "quick"}  # fmt: skip

    def jobs(trees: int) -> pd.DataFrame:
        settings = [
            json.dumps({"parts": {"generator": {"trees": trees}}, "seed": s}) for s in (0, 1)
        ]
        return pd.DataFrame([{**names, "settings": text} for text in settings])

    before, after = frame(versions='{"numpy": "1"}'), frame(versions='{"numpy": "2"}')
    found = compared(before, after, (jobs(10), jobs(20))).differs.to_dict("records")
    assert found == [
        {"name": "version of numpy", "before": "1", "after": "2", "of": ""},
        {
            "name": "parts.generator.trees", "before": "10", "after": "20",
            "of": "cohort arf traditional tstr quick",
        },
    ]  # fmt: skip
