"""Methods, table of results and checklist for a paper: what they say is what the rows say."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.analysis.comparisons import compare
from tabsculpt.cli.main import app
from tabsculpt.report.sources import source_of
from tabsculpt.results import read_rows

FEW = ["~predictors.lightgbm", "~predictors.knn", "predictors.random_forest.trees=20"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    words = ["sweep", "generator=gaussian_copula,smote", "pipeline=traditional", *FEW,
             "split.repeats=3", "hydra/launcher=serial", f"paths.outputs={folder}"]  # fmt: skip
    CliRunner().invoke(app, words)  # exits with 1: smote does no regression
    done = CliRunner().invoke(app, ["report", "--outputs", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def text(written, name):
    return (written / "reports/all" / name).read_text(encoding="utf-8")


def test_sources_come_from_the_docstrings():
    assert source_of("tabsculpt.predictors.RandomForest") == (
        "Random Forests, Breiman, 2001, https://doi.org/10.1023/A:1010933404324"
    )
    assert "SMOTE: synthetic minority over-sampling" in source_of("tabsculpt.generators.SMOTE")
    assert source_of("mine.generators.Own") == source_of("tabsculpt.pipelines.Nothing") == ""


def test_the_methods_name_data_splits_components_and_their_sources(written):
    phrase = text(written, "methods.md")
    assert "sklearn_diabetes (regression, 442 rows)" in phrase
    assert "split 3 times" in phrase
    assert "split seeds 0, 1, 2" in phrase
    assert "trees=20" in phrase
    number = re.search(r"gaussian_copula \[(\d+)\]", phrase)
    assert number is not None
    assert re.search(rf"^{number[1]}\. .*The Synthetic Data Vault", phrase, re.M)
    cited = {int(n) for n in re.findall(r"\[(\d+)\]", phrase)}
    listed = {int(n) for n in re.findall(r"^(\d+)\. ", phrase, re.M)}
    assert cited == listed == set(range(1, max(listed) + 1))


def test_latex_has_no_character_that_it_would_take_otherwise(written):
    phrase = text(written, "methods.tex")
    assert "sklearn\\_diabetes" in phrase
    body = re.sub(
        r"\\(begin|end|item|section\*?|subsection\*?|text\w+|geq|pm)(\{\w*\})?", "", phrase
    )
    assert not re.findall(r"(?<!\\)[%&_#]", body)


def test_the_table_has_the_differences_of_the_tests(written):
    tests = compare(read_rows(written / "results"), "rmse")
    pair = tests[tests.generator == "gaussian_copula"].iloc[0]
    [line] = [ln for ln in text(written, "table.tex").splitlines() if "gaussian" in ln]
    cells = [cell.strip(" \\") for cell in line.split("&")]
    assert float(cells[5]) == pytest.approx(pair.mean_first, abs=0.06)
    assert float(cells[7]) == pytest.approx(-pair.difference, abs=0.06)
    low, high = map(float, cells[8].strip("[]").split(","))
    assert (low, high) == pytest.approx((-pair.high, -pair.low), abs=0.06)
    assert cells[10] == "3"


def test_the_checklist_ticks_what_the_rows_hold(written):
    phrase = text(written, "checklist.md")
    rows = read_rows(written / "results")
    assert f"- [x] One content of data set sklearn_diabetes: hash {rows.data.iloc[0]}" in phrase
    assert f"- [x] One version of numpy: {np.__version__}" in phrase
    assert f"- [x] One version of pandas: {pd.__version__}" in phrase
    assert "- [x] At least 3 splits of sklearn_diabetes: 3; seeds 0, 1, 2" in phrase
    assert "- [ ] Several fits of each generator: seeds 0" in phrase
    assert re.search(r"- \[ \] No job failed or was skipped: 3 jobs skipped: smote", phrase)


def test_without_a_row_nothing_is_written(tmp_path):
    assert CliRunner().invoke(app, ["report", "--outputs", str(tmp_path)]).exit_code == 0
    assert not (tmp_path / "reports/all/methods.md").exists()
