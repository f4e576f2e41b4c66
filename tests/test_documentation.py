"""The reference pages say what a run writes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_diabetes
from typer.testing import CliRunner

from reference_pages import formula, pages, reference
from tabsculpt.cli.main import app
from tabsculpt.metrics import metrics_for
from tabsculpt.results import schema
from tabsculpt.table import Task

ROOT = Path(__file__).parents[1]
SAID = reference()
pytestmark = pytest.mark.xdist_group("documentation")
LOOP = ["pipeline.tau=1", "pipeline.rounds=1", "pipeline.learner=random_forest"]
FEW = ["dataset.minorities=[0,1,2,3,4,5,6,7,8,9]", "dataset.minority_share=0.05"]
ONE = ["~predictors.lightgbm", "~predictors.random_forest", "~predictors.knn"]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> Path:
    """What runs of two tables, of notes, sequences and images, and a search leave."""
    folder = tmp_path_factory.mktemp("outputs")
    own = folder / "own.csv"
    load_diabetes(as_frame=True, scaled=False).frame.to_csv(own, index=False)
    read = ["dataset=csv", f"dataset.path={own}", "dataset.target=target"]
    runs = (
        ["run", "dataset=wine", "generator=naive", "pipeline=adaptive", *LOOP, *ONE],
        ["run", *read, "dataset.constraints=['0 <= age']", "generator=bootstrap",
         "pipeline=profile2gen", *ONE],
        ["run", "dataset=simulated_notes", "dataset.rows=60", "generator=eda",
         "pipeline=traditional", "baseline=false", *ONE],
        ["run", "dataset=simulated_prices", "dataset.series=10", "dataset.days=12",
         "generator=bootstrap", "pipeline=traditional", "baseline=false", *ONE],
        ["run", "dataset=digits", *FEW, "generator=bootstrap", "pipeline=profile2gen", *ONE],
        ["select", "dataset=wine", "profiler.flip_rates=[0.1]", "profiler.repeats=1"],
    )  # fmt: skip
    for words in runs:
        done = CliRunner().invoke(app, [*words, f"paths.outputs={folder}"])
        assert done.exit_code == 0, done.output
    return folder


def named(table: str, outputs: Path) -> set[str]:
    return set().union(*(pq.read_schema(path).names for path in (outputs / table).glob("*")))


def columns(table: str) -> set[str]:
    return {*SAID["tables"][table]["common"], *SAID["tables"][table]["columns"]}


def limits(span: str) -> tuple[float, float]:
    low, high = span.strip("[]()").split(", ")
    return float(low), float(high)


@pytest.mark.parametrize("table", SAID["tables"])
def test_every_column_of_a_table_is_explained(table, outputs):
    assert columns(table) == named(table, outputs)


def test_every_table_is_explained(outputs):
    tables = {path.parent.name for path in outputs.glob("*/*.parquet")}
    assert tables == {"results", *SAID["tables"]}


def test_every_column_of_the_results_is_on_its_page():
    page = pages()["reference/tables.md"]
    assert [name for name in schema().names if f"`{name}`" not in page] == []


def test_every_measure_is_explained_and_in_its_range(outputs):
    found = pd.read_parquet(outputs / "quality")
    assert set(found.metric) == set(SAID["measures"])
    for name, values in found.groupby("metric").value:
        low, high = limits(SAID["measures"][name]["range"])
        assert values.dropna().between(low, high).all(), name


def test_every_metric_has_a_formula_and_its_values_are_in_its_range(outputs):
    found = pd.read_parquet(outputs / "results")
    for metric in {metric for task in Task for metric in metrics_for(task)}:
        span, words = formula(metric.function)
        assert words, metric.name
        low, high = limits(span)
        values = found[found.metric == metric.name].value.dropna()
        assert len(values), metric.name
        assert values.between(low, high).all(), metric.name


def test_every_metric_of_a_part_is_explained(outputs):
    found = pd.read_parquet(outputs / "results")
    known = {metric.name for task in Task for metric in metrics_for(task)}
    for names in SAID["parts"]:
        known |= {re.sub("NAME$", "", name) for name in names.split(", ")}
    shown = {re.sub("(_class_).*", r"\1", name) for name in found.metric}
    assert shown <= known


def test_formulas_are_those_of_the_values():
    truth, prediction = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0])
    values = {m.name: m.function(truth, prediction) for m in metrics_for(Task.REGRESSION)}
    assert values["rmse"] == pytest.approx((5 / 3) ** 0.5)
    assert values["mae"] == pytest.approx(1)
    assert values["r2"] == pytest.approx(1 - 5 / (14 / 3))


def test_the_files_that_the_architecture_names_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text)
    assert len(named) >= 12
    assert [name for name in named if not (ROOT / "src" / "tabsculpt" / name).exists()] == []


def test_links_between_pages_lead_somewhere():
    written = pages()
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")}
    sources[ROOT / "README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")
    for path, text in sources.items():
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            target = (path.parent / link).resolve()
            made = (
                target.is_relative_to(ROOT / "docs")
                and str(target.relative_to(ROOT / "docs")) in written
            )
            assert made or target.exists(), f"{path.name}: {link}"
