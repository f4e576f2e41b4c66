"""The commands of a report run what they say, whatever was typed first."""

from __future__ import annotations

import html
import json
import re
import shlex
from dataclasses import replace

import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.report.commands import command, typed_settings
from tabsculpt.results import read_rows

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A table of the user's own, with a small train part and one predictor."""
    folder = tmp_path_factory.mktemp("a name with blanks")
    load_diabetes(as_frame=True).frame.head(150).to_csv(folder / "mine.csv", index=False)
    typed = [
        "dataset=csv", f'dataset.path="{folder / "mine.csv"}"', "dataset.target=target",
        "generator=bootstrap", "pipeline=traditional", "split.n_train=40", "split.repeats=2",
        "~predictors.lightgbm", "~predictors.random_forest", "~predictors.knn",
        f"paths.outputs={folder / 'out'}", "hydra/launcher=serial",
    ]  # fmt: skip
    result = RUNNER.invoke(app, ["sweep", *typed])
    assert result.exit_code == 0, result.output
    assert RUNNER.invoke(app, ["report", "--outputs", str(folder / "out")]).exit_code == 0
    return folder / "out"


def words(line: str, outputs) -> list[str]:
    [program, *rest] = shlex.split(line)
    assert program == "tabsculpt"
    return [*rest, f"paths.outputs={outputs}", "hydra/launcher=serial"]


def test_the_next_step_adds_splits_to_what_was_run_and_to_nothing_else(swept):
    page = (swept / "reports" / "all" / "report.html").read_text(encoding="utf-8")
    [line] = re.findall(r"<code>(tabsculpt sweep .*?)</code>", page)
    before = read_rows(swept / "results")
    result = RUNNER.invoke(app, words(html.unescape(line), swept))
    assert result.exit_code == 0, result.output
    after = read_rows(swept / "results")
    added = after[~after.job.isin(before.job)]
    assert set(before.job) < set(after.job)
    assert set(added.split_seed) == {
        2
    }  # those of the first two are there already; with three there is an answer
    assert set(added.predictor.dropna()) == {"linear"}
    assert set(added.evaluation) == set(before.evaluation)
    assert set(added.dataset) == set(before.dataset)


def test_the_command_of_a_job_finds_it_finished(swept):
    jobs = pd.concat(map(pd.read_parquet, (swept / "jobs").glob("*.parquet")), ignore_index=True)
    assert {"traditional", "real"} == set(jobs.pipeline)
    for one in ("traditional", "real"):
        job = jobs[jobs.pipeline == one].iloc[[0]]
        again = [f"seed={job.seed.item()}", f"split.seed={job.split_seed.item()}", "repeats=1"]
        line = command("run", [*typed_settings(job), *again])
        result = RUNNER.invoke(app, words(line, swept))
        assert result.exit_code == 0, result.output
    found = pd.concat(map(pd.read_parquet, (swept / "jobs").glob("*.parquet")))
    assert set(found.job) == set(jobs.job)


def test_a_password_is_written_nowhere(tmp_path):
    url = "postgresql://ada:s3cret@host/visits"
    job = Job.of(load(["generator=bootstrap", f"paths.outputs={tmp_path}", "~predictors.lightgbm"]))
    job = replace(job, typed=(f"dataset.url={url}",))
    run_job(job, job.source.load(), lambda _graph: None, lambda _step, _done: None)
    [record] = pd.concat(map(pd.read_parquet, (tmp_path / "jobs").iterdir())).typed
    assert json.loads(record) == ["dataset.url=postgresql://ada:***@host/visits"]
    typed = ["dataset=sql", f"dataset.url={url.replace('postgresql', 'no such')}",
             "dataset.query=select 1", "dataset.target=y"]  # fmt: skip
    result = RUNNER.invoke(app, ["audit", *typed])
    assert result.exit_code == 2
    assert "s3cret" not in result.output


def records(*typed: str) -> pd.DataFrame:
    names = {"dataset": "wine", "generator": "arf", "profiler": "none", "pipeline": "traditional",
             "protocol": "tstr", "predictors": "quick"}  # fmt: skip
    return pd.DataFrame({"typed": typed, "settings": json.dumps({"names": names})})


def test_what_was_typed_is_unknown_of_records_without_it_or_that_differ():
    assert typed_settings(pd.DataFrame({"job": ["a"]})) is None
    assert typed_settings(records('["generator=arf", "generator.trees=10"]', '["seed=1"]')) is None


def test_choices_come_first_those_that_were_left_to_defaults_too():
    both = records(
        '["generator.trees=10", "profiler.k=2", "seed=0"]',
        '["generator.trees=10", "profiler.k=3", "seed=1"]',
    )  # of the profiler, which is not used
    assert typed_settings(both) == [
        "dataset=wine", "generator=arf", "pipeline=traditional", "protocol=tstr",
        "predictors=quick", "generator.trees=10",
    ]  # fmt: skip
