"""What predictors are trained on as the hardest rows are taken away."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.report.removal import removal_tables

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.linear"
GIVEN = (
    *("dataset=simulated", "dataset.rows=600", "protocol=removal", "split.valuation=0.2"),
    *("protocol.proportions=[0.1,0.4]", *LINEAR),
)


def jobs(tmp_path, *overrides) -> list[Job]:
    job = Job.of(load([*GIVEN, f"paths.outputs={tmp_path}", *overrides]))
    return [job.baseline(), job]


def test_the_hardest_rows_are_taken_away_and_nothing_else_changes(tmp_path):
    _, job = jobs(tmp_path, "profiler=knn_shapley")
    runner = Runner(Store(tmp_path / "store"), lambda _step, _done: None)
    layout = build_graph(job, job.source.load(), runner.result)
    train = runner.result(layout.train)
    evaluation = layout.scored[1][0]
    hardness = runner.result(evaluation.training.profile).hardness
    order = np.argsort(-hardness, kind="stable")
    kept = train.take(np.sort(order[round(0.4 * len(train)) :]))
    assert runner.result(evaluation.training).fingerprint() == kept.fingerprint()
    assert layout.test.key not in evaluation.training.ancestry()


def test_the_rows_and_the_table_show_the_change_against_all_rows(tmp_path):
    rows = []
    for profiler in ("knn_shapley", "random"):
        for job in jobs(tmp_path, f"profiler={profiler}"):
            done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
            assert done.ok, {row.reason for row in done.rows}
            rows += done.rows
    frame = pd.DataFrame([vars(row) for row in rows]).drop_duplicates(
        ["job", "predictor", "metric", "proportion"]
    )
    scored = frame[(frame.metric == "auc_roc") & (frame.protocol == "removal")]
    assert set(scored.pipeline) == set(scored.generator) == {"none"}
    n = frame[frame.protocol == "trtr"].n_train.iloc[0]
    assert scored.groupby("proportion").n_train.unique().map(list).to_dict() == {
        0.1: [n - round(0.1 * n)], 0.4: [n - round(0.4 * n)],
    }  # fmt: skip
    real = frame[(frame.protocol == "trtr") & (frame.metric == "auc_roc")].value.iloc[0]
    by = scored.set_index(["profiler", "proportion"]).value
    assert compare(frame, "auc_roc").empty  # there are no arms, only profilers
    [table] = removal_tables(Measurements.of(frame))
    console = Console(width=120, record=True)
    console.print(table)
    shown = console.export_text()
    changes = [float(text) for text in re.findall(r"[+-][0-9]\.[0-9]+", shown)]
    for key, value in by.items():
        assert any(change == pytest.approx(value - real, rel=5e-3) for change in changes), key
