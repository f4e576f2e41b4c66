"""Rare classes are brought to the number of the most frequent one, by any generator."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.step import StepError
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"


def laid_out(tmp_path, *overrides):
    job = Job.of(load(["dataset=breast_cancer", "pipeline=upsample", *overrides]))
    runner = Runner(Store(tmp_path), lambda _step, _done: None)
    return job, build_graph(job, job.source.load(), runner.result), runner


def made_and_trained(tmp_path, *overrides):
    _, layout, runner = laid_out(tmp_path, *overrides)
    [(evaluation, _)] = layout.scored
    made = runner.result(layout.pipeline_steps.synthetic)
    return runner.result(layout.train), made, runner.result(evaluation.training)


def outcome(tmp_path, *overrides):
    asked = ["dataset=breast_cancer", "pipeline=upsample", *LINEAR, f"paths.outputs={tmp_path}"]
    job = Job.of(load([*asked, *overrides]))
    return run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)


@pytest.mark.parametrize("generator", ["naive", "smotenc", "arf", "wgan_gp"])
def test_the_minority_is_made_up_to_the_majority(tmp_path, generator):
    quick = ["generator.steps=5"] if generator == "wgan_gp" else []
    asked = [f"generator={generator}", "split.minority=0.1", *quick]
    real, made, trained = made_and_trained(tmp_path, *asked)
    sizes = np.bincount(real.target)
    assert set(made.table.target) == {sizes.argmin()}
    assert trained.frame.head(len(real)).equals(real.frame)
    assert np.bincount(trained.target).tolist() == [sizes.max()] * 2
    assert made.trained_on == {"0": sizes[0], "1": sizes[1]}


def test_another_ratio_makes_fewer_rows(tmp_path):
    asked = ["generator=naive", "split.minority=0.1", "pipeline.ratio=0.5"]
    real, _, trained = made_and_trained(tmp_path, *asked)
    assert np.bincount(trained.target)[0] == round(0.5 * np.bincount(real.target)[1])


def test_each_of_several_classes_is_brought_to_the_most_frequent_one(tmp_path):
    real, made, trained = made_and_trained(tmp_path, "dataset=wine", "generator=smotenc")
    sizes = np.bincount(real.target)
    assert len(set(sizes)) == 3
    assert np.bincount(trained.target).tolist() == [sizes.max()] * 3
    assert set(made.origin) == set(made.table.frame[real.schema.target].astype(str))


def test_rows_of_the_class_are_waited_for_where_the_generator_is_not_asked(tmp_path):
    asked = ["generator=bootstrap", "pipeline.conditional=false", "split.minority=0.1"]
    real, made, trained = made_and_trained(tmp_path, *asked)
    assert np.bincount(trained.target).tolist() == [np.bincount(real.target).max()] * 2
    rare = real.frame[real.target == 0].drop_duplicates()
    assert len(made.table.frame.merge(rare)) == len(made.table)  # the bootstrap copies rows


def test_too_many_draws_are_a_skipped_row_with_the_reason(tmp_path):
    asked = ["pipeline.conditional=false", "pipeline.most_draws=2", "split.minority=0.02"]
    done = outcome(tmp_path, "generator=bootstrap", *asked)
    assert not done.ok
    assert {row.status for row in done.rows} == {"skipped"}
    assert "rows drawn at large have" in done.rows[0].reason


def test_even_classes_get_no_rows_and_the_results_say_so(tmp_path):
    asked = ["generator=naive", "pipeline.ratio=0.3"]
    done = outcome(tmp_path, *asked)
    assert done.ok
    assert {row.n_synthetic for row in done.rows} == {0}
    assert Code.NOTHING_TO_MAKE in {note.code for note in done.rows[0].notes}
    [distance] = [row for row in done.rows if row.metric == "wasserstein"]
    assert (distance.value, distance.reason) == (None, "no synthetic row was made")
    real = outcome(tmp_path, "pipeline=real")
    for pair in (done, real):
        assert [row.metric for row in pair.rows if row.metric == "auc_roc"] == ["auc_roc"]


def test_the_minority_is_measured_against_the_real_minority(tmp_path):
    done = outcome(tmp_path, "generator=bootstrap", "split.minority=0.1")
    rows = [row for row in done.rows if row.metric == "auc_pr"]
    assert [(row.minority, row.protocol) for row in rows] == [(0.1, "augmentation")]
    quality = pd.DataFrame(done.quality)
    target = quality[(quality.metric == "entropy") & (quality.column == "target")]
    assert target.value.tolist() == target.reference.tolist() == [0.0]  # one class on both sides
    [copies] = quality[quality.metric == "exact_copies"].value
    assert copies == 1


def test_a_regression_and_a_protocol_with_its_own_number_of_rows_are_refused(tmp_path):
    job, layout, runner = laid_out(tmp_path, "dataset=sklearn_diabetes", "generator=bootstrap")
    assert "needs classes, and 'target' is a number" in job.impossible(job.source.load())
    with pytest.raises(StepError, match="needs classes"):
        runner.result(layout.pipeline_steps.synthetic)
    for asked in ("protocol=iterative", "protocol=augmentation protocol.proportions=[0.5]"):
        with pytest.raises(UserError, match="decides itself how many rows are added"):
            laid_out(tmp_path, "generator=naive", *asked.split())
    with pytest.raises(UserError, match="cannot be asked for a class"):
        laid_out(tmp_path, "generator=smoter", "pipeline.conditional=true")
