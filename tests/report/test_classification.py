"""Real rows alone against augmented ones, over splits, in the scores of predicted classes."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.report.classification import CLASS_METRICS, classification_scores
from tabsculpt.report.inputs import read_inputs
from tabsculpt.report.page import make_report
from tabsculpt.report.terminal import show
from tabsculpt.results import read_rows


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    for pipeline in ("real", "traditional"):
        settings = [
            "dataset=breast_cancer", "generator=marginal", f"pipeline={pipeline}",
            "protocol=augmentation", "protocol.proportions=[1.0]", "protocol.sample_seeds=[333]",
            "split.repeats=2", f"paths.outputs={folder}",
        ]  # fmt: skip
        for job in Job.each(load(settings)):
            run_job(job, job.source.load(), lambda _: None, lambda _step, _done: None)
    return folder


def test_each_metric_has_both_means_and_an_interval_of_the_difference(outputs):
    rows = read_rows(outputs / "results")
    scores = classification_scores(Measurements.of(rows))
    assert scores.metric.tolist() == list(CLASS_METRICS)
    assert set(scores.splits) == {2}
    assert set(scores.n) == {8}  # four predictors, two splits
    for row in scores.itertuples():
        of = rows[(rows.metric == row.metric) & rows.predictor.notna()]
        means = of.groupby("pipeline").value.mean()
        assert row.real == pytest.approx(means["real"])
        assert row.made == pytest.approx(means["traditional"])
        assert row.low <= row.difference <= row.high
    accuracy = scores.set_index("metric").loc["accuracy"]
    assert accuracy.difference < 0  # independent columns teach nothing right


def test_the_table_of_a_sweep_shows_them(outputs):
    console = Console(file=io.StringIO(), width=160, highlight=False)
    show(read_rows(outputs / "results"), outputs / "store", console)
    text = console.file.getvalue()
    assert "breast_cancer: real rows alone against each pipeline, 2 splits" in text
    scores = classification_scores(Measurements.of(read_rows(outputs / "results")))
    recall = scores.set_index("metric").loc["recall"]
    line = next(line for line in text.splitlines() if "│ recall " in line)
    assert f"{recall.real:.3f} │ {recall.made:.3f}" in " ".join(line.split())
    assert f"{recall.difference:+.3f} │ not enough data (at least 1 more split)" in line


def test_one_split_has_no_such_table(outputs):
    rows = read_rows(outputs / "results")
    assert classification_scores(Measurements.of(rows[rows.split_seed == 0])).empty
    assert classification_scores(Measurements.of(rows.iloc[:0])).empty


def test_the_report_has_the_table(outputs):
    tables = {table.name: table for table in make_report(read_inputs(outputs, [], None)).tables}
    assert tables["classification"].frame.metric.tolist() == list(CLASS_METRICS)
