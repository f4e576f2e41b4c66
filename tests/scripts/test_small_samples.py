"""The study of small tables: its page says what its rows say, and pretrained networks fit in."""

from __future__ import annotations

import pandas as pd
import pytest

import small_samples
import tiny_weights
from small_study.kept import design, kept
from small_study.measured import answers, size_of, verdicts
from small_study.page import page
from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return kept(small_samples.ROWS)


def test_the_page_is_what_the_kept_rows_say(rows):
    written = small_samples.PAGE.read_text(encoding="utf-8").splitlines()
    mine = page(rows[rows.dataset.isin(["sklearn_diabetes", "breast_cancer"])]).splitlines()
    phrase = [line for line in mine if line.startswith("| sklearn_diabetes |")]
    assert len(phrase) == 2 * (1 + len(design()["generator"]))
    assert set(phrase) <= set(written)


def test_the_answer_of_a_table_holds_its_own_mean_of_the_real_rows(rows):
    mine = rows[(rows.dataset == "breast_cancer") & (rows.evaluation.map(size_of) == 50)]
    found = answers(mine)
    real = mine[(mine.pipeline == "real") & (mine.metric == "auc_roc")]
    assert found.real.tolist() == pytest.approx([real.value.mean()], abs=1e-9)
    assert set(verdicts(mine).pipeline) == set(design()["pipeline"])


@pytest.mark.extra("foundation")
def test_pretrained_networks_take_part_in_a_job_of_it(tmp_path):
    settings = [
        "dataset=wine", "pipeline=mixup", "split.n_train=50", "predictors=foundation",
        "predictors.tabpfn.estimators=1", "predictors.tabicl.estimators=1",
        *tiny_weights.typed("predictors", "foundation"), f"paths.outputs={tmp_path}",
    ]  # fmt: skip
    job = Job.of(load(settings))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    scored = {row.predictor: row.value for row in done.rows if row.metric == "auc_roc"}
    assert set(scored) == {"tabpfn", "tabicl"}
    assert all(0 <= value <= 1 for value in scored.values())
    notes = " ".join(
        str(note) for row in done.rows if row.predictor == "tabpfn" for note in row.notes
    )
    assert "has the weights of tabpfn-v3.5-tiny.safetensors" in notes
    assert "weights-" not in done.rows[0].evaluation  # where they lie changes no result
