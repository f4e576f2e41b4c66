"""Jobs without a synthetic row: how many, and why, in the table, the report and a paper's page."""

from __future__ import annotations

import pandas as pd
from typer.testing import CliRunner

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.nothing_added import nothing_added
from tabsculpt.cli.main import app
from tabsculpt.notes import Code, Note
from tabsculpt.report.words import sentences
from tabsculpt.results import Row, as_record


def job(split, n, *notes, pipeline="adaptive"):
    """The rows of a job: of its synthetic table, and of a predictor."""
    common = {
        "job": f"{pipeline} {split}", "dataset": "ward", "task": "binary", "data": "ward",
        "split_seed": split, "seed": 0, "device": "cpu", "predictors": "boosted",
        "evaluation": "", "profiler": "none", "generator": "smotenc", "pipeline": pipeline,
        "protocol": "augmentation", "n_train": 80, "n_test": 20, "n_synthetic": n,
        "started": "2026-01-02T03:04:05", "notes": notes,
    }  # fmt: skip
    table = Row(**common, metric="wasserstein", direction="min", value=0.1 if n else None)
    score = Row(**common, metric="auc_roc", direction="max", value=0.7, predictor="linear")
    return [as_record(table), as_record(score)]


NONE = Note(Code.NOTHING_ADDED, "no synthetic row was added: none of 3 rounds")
ENDED = Note(Code.LOOP_ENDED, "the loop ended")


def rows():
    return pd.DataFrame(
        [
            *job(0, 0, NONE, ENDED),
            *job(1, 40, ENDED),
            *job(2, 0, NONE),
            *job(0, 9, pipeline="upsample"),
        ]
    )


def test_jobs_without_a_row_are_counted_with_the_reason():
    [one] = nothing_added(rows()).to_dict("records")
    assert one == {
        "dataset": "ward", "generator": "smotenc", "pipeline": "adaptive", "jobs": 3, "empty": 2,
        "why": [NONE.text, NONE.text],
    }  # fmt: skip
    assert nothing_added(rows()[lambda found: found.n_synthetic > 0]).empty


def test_the_report_says_so():
    measured = Measurements.of(rows())
    said = [one.text for one in sentences(measured, pd.DataFrame(), pd.DataFrame()) if one.bad]
    assert any(
        "In 2 of 3 jobs of smotenc adaptive on ward there is no synthetic row" in text
        and NONE.text in text
        for text in said
    )


def test_a_paper_s_page_says_so(tmp_path):
    typed = [
        "asdf", "dataset=breast_cancer", "generator=bootstrap", "pipeline=adaptive",
        "pipeline.tau=0.2", "split.seed=0", "~predictors.xgboost", "~predictors.random_forest",
        "hydra/launcher=serial",
    ]  # fmt: skip
    done = CliRunner().invoke(app, ["reproduce", *typed, "--outputs", str(tmp_path)])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "papers" / "asdf.md").read_text()
    assert "## Where nothing was added" in text
    assert "| breast_cancer | bootstrap | adaptive | 1 | 1 | no synthetic row was added: " in text
