"""A generator that is searched for: trials are steps, choices are made on rows set aside."""

from __future__ import annotations

import pytest

from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.generators.fit_steps import Fit
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code
from tabsculpt.pipelines.tuning import FitBest, Trial

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"
QUICK = (
    *("generator=tuned", "generator.repeats=1", "split.selection=0.25", "profiler=knn_shapley"),
    *("generator.candidates.tvae.steps=4", "generator.candidates.ctgan.steps=4"),
    *("dataset=simulated", "dataset.rows=200", *LINEAR),
)


def laid_out(tmp_path, *overrides):
    job = Job.of(load([*QUICK, *overrides]))
    computed: list[object] = []
    runner = Runner(Store(tmp_path / "store"), lambda step, done: done or computed.append(step))
    return build_graph(job, job.source.load(), runner.result), runner, computed


def trials(steps) -> list[Trial]:
    return [step for step in steps if isinstance(step, Trial)]


@pytest.mark.parametrize("search", ["bayes", "random"])
def test_a_larger_budget_goes_on_from_a_smaller_one(tmp_path, search):
    given = ["pipeline=traditional", f"generator.search={search}"]
    layout, runner, computed = laid_out(tmp_path, *given, "generator.budget=3")
    short = runner.result(trials(layout.steps().values())[-1])
    assert len(trials(computed)) == 3
    assert [trial.candidate for trial in short[:2]] == ["tvae", "ctgan"]
    assert [trial.as_given for trial in short] == [True, True, False]
    assert all(0 <= share <= 1 for trial in short for share in trial.point)
    layout, runner, computed = laid_out(tmp_path, *given, "generator.budget=4")
    longer = runner.result(trials(layout.steps().values())[-1])
    assert len(trials(computed)) == 1
    assert longer[:3] == short


def test_the_best_trial_is_fitted_as_it_would_be_without_a_search(tmp_path):
    layout, runner, _ = laid_out(tmp_path, "pipeline=traditional", "generator.budget=2")
    steps = layout.steps().values()
    [best] = [step for step in steps if isinstance(step, FitBest)]
    found = runner.result(best)
    tried = runner.result(trials(steps)[-1])
    assert found.trial == max(tried, key=lambda trial: trial.score)
    assert found.trial.candidate in found.notes[-1].text
    plain = best.tuned.candidates[found.trial.candidate]
    alone = runner.result(Fit(plain, layout.train, 0, "cpu"))
    rows = found.model.sample(20, 3).fingerprint()
    assert rows == alone.model.sample(20, 3).fingerprint()
    again = Runner(runner.store, lambda _step, _done: None).result(best)
    assert again.trial == found.trial
    assert again.model.sample(20, 3).fingerprint() == rows


@pytest.mark.parametrize("pipeline", ["profile2gen", "targeted"])
def test_a_search_sees_neither_test_rows_nor_itself(tmp_path, pipeline):
    layout, runner, _ = laid_out(tmp_path, f"pipeline={pipeline}", "generator.budget=1")
    found = trials(layout.steps().values())
    assert len(found) == 3  # segments, or shares
    for trial in found:
        assert layout.test.key not in trial.ancestry()
        assert trial.without.real.key == layout.train.key
        judged = runner.result(trial.without.validation).frame
        learnt = runner.result(layout.train).frame
        assert judged.merge(learnt).empty


def test_any_pipeline_can_be_given_a_search_and_says_what_it_chose(tmp_path):
    given = ["pipeline=profile2gen", "generator.budget=2", f"paths.outputs={tmp_path}"]
    job = Job.of(load([*QUICK, *given]))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    assert done.ok, {row.reason for row in done.rows}
    chosen = [note for note in done.rows[0].notes if note.code == Code.SETTINGS_CHOSEN]
    assert {note.about for note in chosen} == {"easy", "hard"}
    assert all("of 2, gain" in note.text for note in chosen)


def test_a_search_without_rows_to_choose_by_is_refused():
    with pytest.raises(UserError, match=r"split\.selection=0\.2"):
        Job.of(load(["generator=tuned"]))


def test_a_candidate_that_cannot_learn_the_table_is_named(tmp_path):
    folder = tmp_path / "generator"
    folder.mkdir()
    (folder / "mine.yaml").write_text(
        "_target_: tabsculpt.generators.tuned.tuned.Tuned\n"
        "candidates:\n  smote: {_target_: tabsculpt.generators.smote.SMOTE}\n"
    )
    job = Job.of(load(["generator=mine", "split.selection=0.2"], tmp_path))
    assert job.impossible(job.source.load()).startswith("smote does not do regression")
