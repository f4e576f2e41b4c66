"""What predictors are trained on under augmentation and iterative profiling."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.generators.fit_steps import Fit
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"


def laid_out(tmp_path, *overrides):
    job = Job.of(load(["generator=bootstrap", *overrides]))
    runner = Runner(Store(tmp_path / "store"), lambda _step, _done: None)
    return build_graph(job, job.source.load(), runner.result), runner


def outcome(tmp_path, *overrides):
    job = Job.of(load(["generator=bootstrap", f"paths.outputs={tmp_path}", *LINEAR, *overrides]))
    return run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)


def test_the_published_proportions_and_seeds_share_one_fit(tmp_path):
    layout, runner = laid_out(tmp_path, "pipeline=traditional", "protocol=augmentation")
    train = runner.result(layout.train)
    synthetic = runner.result(layout.pipeline_steps.synthetic).table
    assert {(e.proportion, e.sample_seed) for e, _ in layout.scored} == {
        (p, s) for p in (0.227, 0.454, 0.682, 0.909) for s in (333, 555, 666, 888)
    }
    assert sum(isinstance(step, Fit) for step in layout.steps().values()) == 1
    drawn = {}
    for evaluation, _ in layout.scored:
        rows = runner.result(evaluation.training).frame
        assert rows.head(len(train)).equals(train.frame)
        assert len(rows) - len(train) == round(evaluation.proportion * len(train))
        added = rows.iloc[len(train) :]
        held = synthetic.frame.value_counts()
        assert (added.value_counts() <= held[added.value_counts().index]).all()
        drawn[evaluation.proportion, evaluation.sample_seed] = added.reset_index(drop=True)
    assert not drawn[0.454, 333].equals(drawn[0.454, 555])


def test_too_few_synthetic_rows_are_drawn_again_and_the_row_says_so(tmp_path):
    given = "protocol.proportions=[0.1,2.5]", "protocol.sample_seeds=[1]"
    done = outcome(tmp_path, "pipeline=profile2gen", "protocol=augmentation", *given)
    rmse = {row.proportion: row for row in done.rows if row.metric == "rmse"}
    assert done.ok
    assert rmse[2.5].n_synthetic == round(2.5 * rmse[2.5].n_train)
    [again] = [note for note in rmse[2.5].notes if note.code == Code.DRAWN_AGAIN]
    assert again.text.startswith("proportion 2.5 asks for")
    assert again.text.endswith("are left: drawn with replacement")
    assert again.count == rmse[2.5].n_synthetic
    assert Code.DRAWN_AGAIN not in {note.code for note in rmse[0.1].notes}
    assert rmse[0.1].value != rmse[2.5].value


def test_rounds_drop_hard_rows_until_too_few_are_left(tmp_path):
    given = "protocol.proportions=[0.1,0.6]", "protocol.sample_seeds=[1]", "protocol.rounds=6"
    cut = "profiler.cut=fraction", "profiler.threshold=0.1"
    done = outcome(tmp_path, "pipeline=profile2gen", "protocol=iterative", *given, *cut)
    rows = pd.DataFrame([vars(row) for row in done.rows])
    small = rows[(rows.metric == "rmse") & (rows.proportion == 0.1)]
    assert small["round"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert small.n_dropped.is_monotonic_increasing
    assert small.n_dropped.is_unique
    assert (small.status == "ok").all()
    large = rows[(rows.metric == "rmse") & (rows.proportion == 0.6)].set_index("round")
    assert large.status[0] == "ok"
    assert large.status[6] == "skipped"
    assert "synthetic rows, " in large.reason[6]
    [stopped] = [row for row in done.rows if row.metric == "rounds"]
    assert (stopped.value, stopped.status) == (6, "ok")
    assert done.ok
    distances = rows[rows.metric == "wasserstein"]
    assert distances["round"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert len({json.loads(keys)["synthetic"] for keys in distances["keys"]}) == 7


def test_rounds_stop_when_the_profiler_can_do_no_more(tmp_path):
    given = "protocol.proportions=[0.05]", "protocol.sample_seeds=[1]", "protocol.rounds=30"
    cut = "profiler=random", "profiler.cut=fraction", "profiler.threshold=0.5"
    done = outcome(tmp_path, "pipeline=profile2gen", "protocol=iterative", *given, *cut)
    [stopped] = [row for row in done.rows if row.metric == "rounds"]
    assert stopped.status == "ok"
    assert 2 <= stopped.value < 10
    assert "rows" in stopped.reason
    assert max(row.round for row in done.rows if row.metric == "rmse") == stopped.value


@pytest.mark.parametrize("protocol", ["augmentation", "iterative"])
def test_an_impossible_proportion_is_refused(protocol):
    with pytest.raises(Exception, match=r"protocol\.proportions"):
        Job.of(load([f"protocol={protocol}", "protocol.proportions=[0]"]))


def test_every_row_is_tested_on_once_in_a_cross_validation(tmp_path):
    jobs = Job.each(load(["split.folds=4", "split.seed=3"]))
    dataset = jobs[0].source.load()
    tested = [row for job in jobs for row in job.split.rows(dataset).test]
    assert sorted(tested) == list(range(len(dataset.table)))
    assert [job.split.fold for job in jobs] == [0, 1, 2, 3]


def test_repeats_are_splits_of_their_own():
    jobs = Job.each(load(["split.repeats=3", "split.seed=5"]))
    assert [job.split.seed for job in jobs] == [5, 6, 7]
    dataset = jobs[0].source.load()
    parts = {tuple(job.split.rows(dataset).test) for job in jobs}
    assert len(parts) == 3
