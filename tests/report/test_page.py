"""The report says what the rows say, and stands alone."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.cli.main import app
from tabsculpt.report.inputs import read_inputs
from tabsculpt.report.page import make_report
from tabsculpt.results import read_rows

SERIAL = "hydra/launcher=serial"  # for pages alone; test_workers has the processes
GRID = ["generator=bootstrap", "pipeline=real,traditional,profile2gen", SERIAL]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    result = CliRunner().invoke(app, ["sweep", *GRID, f"paths.outputs={folder}"])
    assert result.exit_code == 0, result.output
    return folder


def call(outputs, *arguments: str):
    return CliRunner().invoke(app, ["report", *arguments, "--outputs", str(outputs)])


def page(outputs, *arguments: str) -> str:
    result = call(outputs, *arguments)
    assert result.exit_code == 0, result.output
    return (outputs / "reports" / "all" / "report.html").read_text(encoding="utf-8")


def embedded(text: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    return json.loads(found.group(1).replace("<\\/", "</"))


def test_the_table_of_scores_has_the_means_of_the_rows(outputs):
    page(outputs)
    table = pd.read_parquet(outputs / "reports" / "all" / "tables" / "scores.parquet")
    rows = read_rows(outputs / "results")
    means = rows[rows.metric == "rmse"].groupby("pipeline").value.mean()
    assert set(table.arm) == {"real", "traditional", "profile2gen"}
    for row in table.itertuples():
        assert row.mean == pytest.approx(means[row.arm])
        gain = 100 * (means["traditional"] - means[row.arm]) / means["traditional"]
        if row.arm != "traditional":
            assert row.over_traditional == pytest.approx(gain)


def test_the_page_asks_the_network_for_nothing(outputs):
    text = page(outputs)
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.findall(r"""<[^>]+ (?:src|href)=["'](?!#|data:)""", text.split("<script")[0])
    assert len(text) < 15e6


def test_a_rule_at_zero_is_not_lost(outputs):
    [overall] = [s for s in embedded(page(outputs))["sections"] if s["name"] == "overall"]
    [block] = [b for b in overall["blocks"] if b["name"] == "improvement"]
    rules = [m for f in block["figures"] for m in f["marks"] if m["kind"] == "rule"]
    assert {rule["value"] for rule in rules} == {0.0}


def test_every_row_of_scores_leads_to_a_configuration_and_seed(outputs):
    data = embedded(page(outputs))
    tables = [t for s in data["sections"] for t in s["tables"] if t["name"] == "scores"]
    for jobs in tables[0]["jobs"]:
        for job in jobs:
            assert data["jobs"][job]["seed"] == 0
            assert "split" in data["jobs"][job]["settings"]


@pytest.mark.extra("figures")
def test_every_figure_is_written_for_a_paper(outputs, tmp_path):
    result = call(outputs, "--figures", str(tmp_path))
    assert result.exit_code == 0, result.output
    blocks = [b for s in embedded(page(outputs))["sections"] for b in s["blocks"]]
    names = {figure["name"] for block in blocks for figure in block["figures"]}
    for suffix in ("svg", "pdf", "txt"):
        assert {path.stem for path in tmp_path.glob(f"*.{suffix}")} == names
    assert all(path.read_bytes().startswith(b"%PDF") for path in tmp_path.glob("*.pdf"))
    [drawn] = tmp_path.glob("predictors*.svg")
    words = set(re.findall(r"<text[^>]*>([^<]+)</text>", drawn.read_text(encoding="utf-8")))
    assert {"RMSE (unit of the target, lower is better)", "lightgbm", "profile2gen"} <= words
    caption = drawn.with_suffix(".txt").read_text(encoding="utf-8")
    assert "12 values ran, 0 failed, 0 absent" in caption


def test_profilers_are_compared_by_planted_and_by_removed_rows(tmp_path):
    for protocol in ("hardness", "removal"):
        grid = ["profiler=random,cleanlab", f"protocol={protocol}", "dataset=wine"]
        result = CliRunner().invoke(app, ["sweep", *grid, SERIAL, f"paths.outputs={tmp_path}"])
        assert result.exit_code == 0, result.output
    [hard] = [s for s in embedded(page(tmp_path))["sections"] if s["name"] == "hard-rows"]
    figures = {block["name"]: block["figures"] for block in hard["blocks"]}
    rows = read_rows(tmp_path / "results")
    found = rows[rows.metric == "auprc"]
    for figure in figures["ranking"]:
        [points, rule] = figure["marks"]
        share = float(figure["where"]["share"])
        assert rule["value"] == pytest.approx(share)
        at = found[found.proportion == share].groupby("profiler").value.mean()
        assert dict(zip(points["y"], points["x"], strict=True)) == pytest.approx(dict(at), rel=1e-4)
        assert points["x"] == sorted(points["x"], reverse=True)
    assert {f["where"]["removed"] for f in figures["removal"]} == {
        f"{share:g}" for share in rows[rows.protocol == "removal"].proportion.unique()
    }
    assert all(f["marks"][1]["value"] == 0 for f in figures["removal"])


def test_without_rows_the_page_says_so(tmp_path):
    text = page(tmp_path)
    assert "There is no result row that matches." in text


def test_failed_rows_are_counted_and_their_reason_shown(outputs):
    inputs = read_inputs(outputs, [], None)
    failed = inputs.rows.assign(value=None, status="failed", phase="generate", reason="it burst")
    found = Measurements.of(failed.astype({"value": float}))
    report = make_report(type(inputs)(found, outputs))
    assert any("3 of 3 jobs" in sentence.text for sentence in report.words)
    [failures] = [table for table in report.tables if table.name == "failures"]
    assert set(failures.frame.reason) == {"it burst"}
    assert failures.frame.rows.sum() == len(failed)


def test_an_experiment_that_was_not_run_is_refused(outputs):
    result = call(outputs, "--experiment", "nope")
    assert result.exit_code == 2
