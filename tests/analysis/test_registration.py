"""Frozen plans: what is written, what the report says was planned, and what was not."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.registration import Standing, never_measured, read_plans, registered
from tabsculpt.cli.main import app
from tabsculpt.errors import UserError
from tabsculpt.report.inputs import read_inputs
from tabsculpt.report.page import make_report
from tabsculpt.results import read_rows

ONE = ["~predictors.lightgbm", "~predictors.random_forest", "~predictors.knn"]
PLAN = ["generator=bootstrap", "pipeline=traditional,random_drop", "profiler=random",
        "split.repeats=3", *ONE]  # fmt: skip


def invoked(*words):
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frozen")
    done = invoked("plan", *PLAN, f"paths.outputs={folder}", "--freeze", folder / "plan.json")
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def outputs(frozen):
    where = ["hydra/launcher=serial", f"paths.outputs={frozen}"]
    assert invoked("sweep", *PLAN, *where).exit_code == 0
    other = ["generator=marginal", "pipeline=traditional", "split.repeats=3", *ONE, *where]
    assert invoked("sweep", *other).exit_code == 0
    return frozen


def standings(folder, **changed):
    rows = read_rows(folder / "results")
    tests = compare(rows, "rmse")
    return registered(tests, rows, read_plans(folder)).assign(**changed)


def test_a_plan_states_every_pair_before_anything_is_run(frozen):
    plan = json.loads((frozen / "plan.json").read_text())
    pairs = {(h["first"], h["second"]) for h in plan["hypotheses"]}
    assert pairs == {
        ("real", "traditional"), ("real", "random_drop"), ("traditional", "random_drop"),
    }  # fmt: skip
    for hypothesis in plan["hypotheses"]:
        assert hypothesis["metric"] == "rmse"
        assert hypothesis["splits"] == [[0, None], [1, None], [2, None]]
        assert (hypothesis["dataset"], hypothesis["seeds"]) == ("sklearn_diabetes", [0])
        assert len(hypothesis["jobs"]) == 6
    assert plan["finished"] == []
    assert (frozen / "frozen" / f"{plan['hash']}.json").read_text() == (
        frozen / "plan.json"
    ).read_text()


def test_the_report_tells_planned_pairs_from_those_looked_at_afterwards(outputs):
    found = standings(outputs).set_index(["generator", "first", "second"])
    planned = found[found.standing == Standing.PLANNED]
    assert len(planned) == 3
    assert (planned.ran == planned.planned).all()
    assert found.loc[("marginal", "real", "traditional")].standing == Standing.AFTERWARDS
    smallest = planned.p.min()
    assert planned.p_planned[planned.p.idxmin()] == pytest.approx(min(1, 3 * smallest))
    [section] = [s for s in make_report(read_inputs(outputs, [], None)).sections
                 if s.name == "registration"]  # fmt: skip
    assert section.text.startswith("Of 1 frozen plan: 3 comparisons were made as planned")
    assert "1 looked at afterwards" in section.text


def test_a_split_more_or_less_is_told(outputs, tmp_path):
    rows = read_rows(outputs / "results")
    rows = rows[rows.generator.isin(["bootstrap", "none"])]
    plans = read_plans(outputs)

    def stand(mine):
        return set(registered(compare(mine, "rmse"), mine, plans).standing)

    assert stand(rows[rows.split_seed < 2]) == {Standing.PARTLY}
    extra = rows[rows.split_seed == 2].assign(split_seed=3, job=lambda r: r.job + "x")
    assert stand(pd.concat([rows, extra])) == {Standing.MORE}
    early = rows.assign(started="2000-01-01")
    assert stand(early) == {Standing.BEFORE}
    without = compare(rows[rows.pipeline != "random_drop"], "rmse")
    assert len(never_measured(without, plans)) == 2


def test_what_was_finished_when_the_plan_was_frozen_is_no_confirmation(outputs, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(outputs, folder)
    shutil.rmtree(folder / "frozen")
    done = invoked("plan", *PLAN, f"paths.outputs={folder}", "--freeze", folder / "late.json")
    assert "9 of 9 jobs are finished" in done.output
    rerun = ["--force", "hydra/launcher=serial", f"paths.outputs={folder}"]
    assert invoked("sweep", *PLAN, *rerun).exit_code == 0
    found = standings(folder)
    assert set(found[found.generator == "bootstrap"].standing) == {Standing.BEFORE}


def test_a_plan_that_was_changed_is_told(outputs, tmp_path):
    [path] = (outputs / "frozen").glob("*.json")
    plan = json.loads(path.read_text())
    plan["frozen"] = "2000-01-01"
    (tmp_path / "frozen").mkdir()
    (tmp_path / "frozen" / path.name).write_text(json.dumps(plan))
    [changed] = read_plans(tmp_path)
    assert not changed.whole
    rows = read_rows(outputs / "results")
    found = registered(compare(rows, "rmse"), rows, [changed])
    assert set(found.standing) == {Standing.CHANGED, Standing.AFTERWARDS}
    (tmp_path / "frozen" / "other.json").write_text("no plan")
    with pytest.raises(UserError, match="is no frozen plan"):
        read_plans(tmp_path)


def test_a_file_that_is_there_is_not_written_over(frozen):
    again = invoked("plan", *PLAN, f"paths.outputs={frozen}", "--freeze", frozen / "plan.json")
    assert again.exit_code == 2
    assert "is not written over" in again.output


def test_a_plan_without_a_pair_is_refused(tmp_path):
    words = ["pipeline=real", *ONE, f"paths.outputs={tmp_path}", "--freeze", tmp_path / "p.json"]
    done = invoked("plan", *words)
    assert done.exit_code == 2
    assert "compares nothing" in done.output
