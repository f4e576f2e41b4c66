from __future__ import annotations

import io
import shutil

import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import root_mean_squared_error
from typer.testing import CliRunner

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.row_noise import over_test_rows
from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.report.terminal import show
from tabsculpt.results import read_rows
from tabsculpt.table.files import read_table


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    for pipeline in ("real", "traditional", "profile2gen"):
        settings = ["generator=bootstrap", f"pipeline={pipeline}", f"paths.outputs={folder}"]
        job = Job.of(load(settings))
        run_job(job, job.source.load(), lambda _: None, lambda _step, _done: None)
    return folder


def shown(outputs, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(read_rows(outputs / "results"), outputs / "store", console)
    return console.file.getvalue()


def test_the_table_shows_what_the_rows_say(outputs):
    rows = read_rows(outputs / "results")
    text = shown(outputs, 160)
    for pipeline in ("real", "traditional", "profile2gen"):
        rmse = rows[(rows.pipeline == pipeline) & (rows.metric == "rmse")].value
        line = next(line for line in text.splitlines() if f"│ {pipeline} " in line)
        assert f"{rmse.mean():.1f} ± {rmse.std(ddof=1):.1f}" in line
    kept = rows[rows.pipeline == "profile2gen"].n_synthetic.iloc[0]
    line = next(line for line in text.splitlines() if "│ profile2gen" in line)
    assert f"│ {int(kept):4d} │" in line


def test_nothing_is_cut_off_on_a_narrow_terminal(outputs):
    assert "…" not in shown(outputs, 80)


def test_the_difference_is_that_of_the_predictions_on_the_test_part(outputs):
    rows = read_rows(outputs / "results")
    arms = ["real", "traditional"]
    cells = list(Measurements.of(rows[rows.pipeline.isin(arms)]).cells("rmse"))
    found = over_test_rows(cells, "traditional", "real", outputs / "store")
    rmse = rows[rows.metric == "rmse"].groupby("pipeline").value.mean()
    assert found.value == pytest.approx(rmse["traditional"] - rmse["real"])
    assert found.low < found.value < found.high
    assert found.units == found.n == 146


def test_the_stored_test_part_gives_the_metric_again(outputs):
    import json

    rows = read_rows(outputs / "results")
    row = rows[(rows.predictor == "linear") & (rows.metric == "rmse")].iloc[0]
    keys = json.loads(row["keys"])
    part = outputs / "store" / "SplitPart" / keys["test"][:2] / keys["test"]
    step = outputs / "store" / keys["predictions_step"]
    folder = step / keys["predictions"][:2] / keys["predictions"]
    prediction = np.load(folder / "predictions.npz")["test"]
    truth = read_table(part).target
    assert row.value == pytest.approx(root_mean_squared_error(truth, prediction))


def test_results_are_shown_without_the_store(tmp_path, monkeypatch):
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path))
    few = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]
    run = CliRunner().invoke(app, ["run", "generator=bootstrap", "pipeline=traditional", *few])
    assert run.exit_code == 0, run.output
    assert "95 % interval" in run.output
    shutil.rmtree(tmp_path / "store")
    shown = CliRunner().invoke(app, ["results"])
    assert shown.exit_code == 0, shown.output
    assert "traditional" in shown.output
    assert "no longer has the predictions" in " ".join(shown.output.split())


def test_a_predictor_that_was_left_out_is_named_without_a_phase(outputs):
    rows = read_rows(outputs / "results")
    left_out = (rows.predictor == "knn") & (rows.pipeline == "traditional")
    rows = rows[left_out].assign(status="skipped", phase=None, reason="knn takes no weights")
    console = Console(file=io.StringIO(), width=160, highlight=False)
    show(rows, outputs / "store", console)
    text = console.file.getvalue()
    assert "skipped: sklearn_diabetes bootstrap traditional: knn takes no weights" in text
