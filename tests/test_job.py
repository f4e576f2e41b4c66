from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scoring_steps import SCORING
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code, Note
from tabsculpt.predictors.prediction_steps import TrainAndPredict

PIPELINES = ["traditional", "preprocess", "profile2gen", "postprocess", "random_drop"]
TARGETED = ["targeted", "targeted_5", "random_subset"]
DATASETS = {"upsample": "breast_cancer"}  # the others take numbers as well
PREDICTED = "bmi", "mean radius"


def layout_of(tmp_path: Path, overrides: list[str], dataset=None):
    job = Job.of(load(["generator=bootstrap", *overrides]))
    runner = Runner(Store(tmp_path / "store"), lambda _step, _done: None)
    return job, build_graph(job, dataset or job.source.load(), runner.result), runner


@pytest.mark.parametrize("pipeline", [*PIPELINES, *TARGETED, "real", "upsample", "adaptive"])
@pytest.mark.parametrize(
    "predictors", ["quick", pytest.param("autogluon", marks=pytest.mark.extra("autogluon"))]
)
def test_only_scoring_reaches_the_test_part(tmp_path, pipeline, predictors):
    dataset = DATASETS.get(pipeline, "sklearn_diabetes")
    asked = [f"pipeline={pipeline}", f"predictors={predictors}", f"dataset={dataset}"]
    _, layout, _ = layout_of(tmp_path, asked)
    reaching = {
        type(step) for step in layout.steps().values() if layout.test.key in step.ancestry()
    } - {type(layout.test)}
    assert reaching <= SCORING
    assert {kind.phase for kind in reaching} == {"score"}
    assert TrainAndPredict in reaching
    for evaluation, _ in layout.scored:
        assert layout.test.key not in evaluation.training.ancestry()


def test_profile2gen_drops_the_hard_rows_and_random_drop_as_many(tmp_path):
    tables = {}
    for pipeline in ("preprocess", "profile2gen", "random_drop"):
        _, layout, runner = layout_of(tmp_path, [f"pipeline={pipeline}"])
        tables[pipeline] = runner.result(layout.pipeline_steps.synthetic)
        if pipeline == "profile2gen":
            hard = runner.result(layout.pipeline_steps.profiles["synthetic"]).segment == "hard"
    generated = tables["preprocess"].table.frame
    assert 0 < hard.sum() < len(hard)
    kept = tables["profile2gen"].table.frame
    assert kept.equals(generated[~hard].reset_index(drop=True))
    assert len(tables["random_drop"].table) == len(kept)
    assert not tables["random_drop"].table.frame.equals(kept)


def test_each_segment_is_generated_from_its_own_rows_at_its_own_size(tmp_path):
    _, layout, runner = layout_of(tmp_path, ["pipeline=preprocess"])
    synthetic = runner.result(layout.pipeline_steps.synthetic)
    train = runner.result(layout.train).frame
    segment = runner.result(layout.pipeline_steps.profiles["real"]).segment
    for name in ("easy", "ambiguous", "hard"):
        real = train[segment == name]
        made = synthetic.table.frame[synthetic.origin == name]
        assert len(made) == len(real) == synthetic.trained_on[name] > 0
        copies = made.merge(real.drop_duplicates(), how="left", indicator=True)
        assert (copies["_merge"] == "both").all()  # the bootstrap copies rows


def test_one_fit_serves_every_pipeline_that_needs_it(tmp_path):
    keys = {
        pipeline: {
            key
            for key, step in layout_of(tmp_path, [f"pipeline={pipeline}"])[1].steps().items()
            if type(step).__name__ in ("Fit", "Sample")
        }
        for pipeline in PIPELINES
    }
    assert keys["preprocess"] == keys["profile2gen"] == keys["random_drop"]
    assert keys["traditional"] == keys["postprocess"]
    assert len(keys["preprocess"]) == 6
    assert len(keys["traditional"]) == 2


@pytest.mark.parametrize("policy", ["merge", "bootstrap"])
def test_a_segment_too_small_for_its_generator_is_seen_to_and_said(tmp_path, policy):
    three_hard_rows = ["profiler=random", "profiler.cut=fraction", "profiler.threshold=0.01"]
    small = ["pipeline=preprocess", f"pipeline.small_segments={policy}"]
    tvae = ["generator=tvae", "generator.epochs=1", f"paths.outputs={tmp_path}"]
    job = Job.of(load([*three_hard_rows, *small, *tvae]))
    outcome = run_job(job, job.source.load(), lambda _: None, lambda _step, _done: None)
    words = "merged into" if policy == "merge" else "sampled by bootstrap"
    [note] = [note for note in outcome.rows[0].notes if note.code.startswith("segment_")]
    assert (note.code.endswith("merged"), note.about) == (policy == "merge", "hard")
    assert note.count == 3
    assert words in note.text
    assert all(row.status == "ok" for row in outcome.rows)


def test_the_order_of_jobs_and_what_ran_before_change_nothing(tmp_path):
    alone = layout_of(
        tmp_path / "a", ["pipeline=preprocess", "generator=tvae", "generator.epochs=2"]
    )
    expected = alone[2].result(alone[1].pipeline_steps.synthetic).table.fingerprint()
    np.random.default_rng(1)
    layout_of(tmp_path / "b", ["pipeline=traditional", "generator=tvae", "generator.epochs=2"])
    for pipeline in ("traditional", "preprocess"):
        _, layout, runner = layout_of(
            tmp_path / "b", [f"pipeline={pipeline}", "generator=tvae", "generator.epochs=2"]
        )
        found = runner.result(layout.pipeline_steps.synthetic).table.fingerprint()
    assert found == expected


def test_a_profiler_that_tells_nothing_apart_is_reported(tmp_path):
    job = Job.of(
        load(["generator=bootstrap", "profiler=random", "profiler.threshold=0.0001",
              f"paths.outputs={tmp_path}"])
    )  # fmt: skip
    outcome = run_job(job, job.source.load(), lambda _: None, lambda _step, _done: None)
    weak = [note for note in outcome.rows[0].notes if note.code == Code.DEGENERATE_PROFILE]
    assert {note.about for note in weak} == {"real rows", "synthetic rows"}
    assert all("almost all rows easy" in note.text for note in weak)
    assert weak[0].count in (outcome.rows[0].n_train, outcome.rows[0].n_train - 1)


def test_every_table_of_results_is_complete(tmp_path):
    overrides = ["pipeline=profile2gen", "generator=bootstrap", f"paths.outputs={tmp_path}"]
    job = Job.of(load([*overrides, "profiler.threshold=0.2", "seed=3"]))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    rows = [row for row in done.rows if row.predictor == "linear"]
    values = {row.metric: row.value for row in rows}
    assert {"rmse", "mae", "r2", "median_absolute_error"} < set(values)
    assert values["rmse_hard"] > values["rmse"] > values["rmse_easy"]
    assert values["rmse_high_tail"] > values["rmse"]
    quality = pd.DataFrame(done.quality)
    whole = quality[quality.column.isna()].set_index("metric")
    assert {"wasserstein", "detection_auc", "q", "closer_to_train"} < set(whole.index)
    assert whole.value["exact_copies"] == 1  # bootstrap
    assert whole.reference["exact_copies"] == 0
    assert whole.value["dropped_outliers_3"] > whole.reference["dropped_outliers_3"]
    [distance] = [row.value for row in done.rows if row.metric == "wasserstein"]
    assert distance == whole.value["wasserstein"]
    assert set(quality[quality.metric == "ks"].column) == set(job.source.load().table.frame)
    assert quality[quality.value.isna()].reason.str.len().min() > 0


def test_what_is_sampled_down_is_said_in_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("tabsculpt.metrics.strata.MOST_ROWS", 100)
    monkeypatch.setattr("tabsculpt.metrics.quality.MOST_ROWS", 50)
    limits = ["predictors.knn.max_rows=1000", "predictors.random_forest.max_rows=null"]
    overrides = ["dataset=simulated", "pipeline=traditional", "generator=bootstrap", *limits]
    job = Job.of(load([*overrides, f"paths.outputs={tmp_path}"]))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    notes = {(row.predictor, row.metric): row.notes for row in done.rows}
    phrase = "strata of the test rows: by models of 100 of 1,340 train rows, drawn"
    strata = Note(Code.ROWS_DRAWN, phrase, 100)
    assert notes["linear", "auc_roc"] == (strata,)
    assert notes["random_forest", "auc_roc"] == (strata,)
    phrase = "knn looks for neighbours among 1,000 of 1,340 training rows, drawn"
    drawn = Note(Code.ROWS_DRAWN, phrase, 1000, about="knn")
    assert notes["knn", "auc_roc"] == notes["knn", "accuracy_easy"] == (strata, drawn)
    [quality] = [row for row in done.rows if row.metric == "wasserstein"]
    assert [note.text for note in quality.notes[1:]] == [
        "quality: measures of whole rows are of 50 rows of each table, and attacks ask for 1,000, "
        "drawn of 1,340 train, 660 test and 1,340 synthetic rows"
    ]
    again = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    assert [row.notes for row in again.rows] == [row.notes for row in done.rows]  # as stored


def test_a_profile_says_how_many_rows_its_models_are_fitted_on(tmp_path, monkeypatch):
    monkeypatch.setattr("tabsculpt.profilers.dynamics.crossfit.MOST_ROWS", 100)
    job = Job.of(load(["generator=bootstrap", f"paths.outputs={tmp_path}"]))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    phrase = "real rows: each model of a fold is fitted on 100 of 236 rows, drawn"
    expected = Note(Code.ROWS_DRAWN, phrase, 100, about="real rows")
    assert all(expected in row.notes for row in done.rows)


@pytest.mark.extra("autogluon")
def test_what_scores_depend_on_names_what_was_changed_and_nothing_else():
    def sentences(*overrides):
        return Job.of(load(["predictors=autogluon", *overrides])).evaluation()

    assert sentences() == "test_size=0.33, missing=drop"
    changed = sentences("+predictors.CatBoost.hyperparameters.iterations=5")
    assert changed == "test_size=0.33, missing=drop, CatBoost: hyperparameters={'iterations': 5}"
