"""A learner's weak classes, or ranges of a number, decide what is generated next."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from given_step import Given
from segment_tables import notes
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.metrics.class_balance import TargetParts
from tabsculpt.notes import Code
from tabsculpt.pipelines.loop import Assessment, Loop
from tabsculpt.pipelines.rounds import BestRound, HoldOut
from tabsculpt.pipelines.synthetic_steps import Synthetic

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"
LOOP = Loop(tau=0.9, share=0.1, gain=0.01, patience=2, bins=5, most_draws=200)


def asked(*overrides):
    return load(["pipeline=adaptive", "generator=bootstrap", *LINEAR, *overrides])


def laid_out(tmp_path, *overrides):
    job = Job.of(asked(*overrides))
    runner = Runner(Store(tmp_path), lambda _step, _done: None)
    return build_graph(job, job.source.load(), runner.result), runner


def outcome(tmp_path, *overrides, on_step=lambda _step, _done: None):
    job = Job.of(asked(f"paths.outputs={tmp_path}", *overrides))
    return run_job(job, job.source.load(), lambda _layout: None, on_step)


@pytest.mark.parametrize(
    ("means", "scores", "words"),
    [
        ([0.5], [0.5, 0.5], None),
        ([0.5, 0.505, 0.509], [0.5, 0.5], "no gain of more than 0.01"),
        ([0.5, 0.505, 0.52], [0.5, 0.5], None),
        ([0.5, 0.6, 0.55], [0.5, 0.5], None),
        ([0.5, 0.6, 0.55, 0.605], [0.5, 0.5], "in 2 rounds"),
        ([0.95], [0.9, 1.0, None], "every part of the target reaches tau=0.9"),
    ],
)
def test_the_loop_stops_on_a_plateau_or_when_nothing_is_weak(means, scores, words):
    found = LOOP.stopped(means, scores)
    assert found is None if words is None else words in found


def test_rows_are_shared_by_what_each_part_lacks_of_tau():
    assert LOOP.counts([0.6, 0.8, 0.95, None], 1000).tolist() == [75, 25, 0, 0]
    assert LOOP.counts([0.1, 0.8999], 100).tolist() == [10, 1]  # a weak part has one at least


def test_validation_rows_are_of_every_class_and_learnt_from_by_nobody(tmp_path):
    layout, runner = laid_out(tmp_path, "dataset=wine")
    train = runner.result(layout.train)
    learn, held = (
        runner.result(HoldOut(layout.train, side, 0.25, 0)) for side in ("learn", "validation")
    )
    expected = np.round(0.25 * np.bincount(train.target))
    assert np.bincount(held.target).tolist() == expected.tolist()
    together = pd.concat([learn.frame, held.frame])
    assert sorted(map(tuple, together.to_numpy())) == sorted(map(tuple, train.frame.to_numpy()))
    copied = runner.result(layout.pipeline_steps.rounds[-1]).table.frame
    rows = set(map(tuple, runner.result(layout.pipeline_steps.like).frame.to_numpy()))
    assert set(map(tuple, copied.to_numpy())) <= rows  # the bootstrap copies rows


def test_each_round_adds_rows_for_the_parts_that_are_weak(tmp_path):
    few = ["pipeline.rounds=3", "pipeline.patience=9", "pipeline.tau=0.33", "pipeline.share=0.2"]
    done = outcome(tmp_path, *few)
    log = pd.DataFrame(done.log)
    learnt = log[log["round"] == 0].n_real.sum()
    weak = log[log["round"] == 0].set_index("part").score < 0.33
    first = log[log["round"] == 1].set_index("part")
    assert 0 < weak.sum() < 5
    assert ((first.n_added > 0) == weak).all()
    assert first.n_added.sum() == pytest.approx(0.2 * learnt, abs=3)
    last = log[log["round"] == log["round"].max()]
    assert (last.n_synthetic.to_numpy() == log.groupby("part", sort=False).n_added.sum()).all()
    assert last.synthetic_share.to_numpy() == pytest.approx(
        (last.n_synthetic / (last.n_synthetic + last.n_real)).to_numpy()
    )


def test_the_best_round_is_kept_and_each_round_is_measured(tmp_path):
    done = outcome(tmp_path, "pipeline.rounds=3", "pipeline.patience=9")
    assert done.ok
    log = pd.DataFrame(done.log)
    means = log.groupby("round").mean_score.first()
    [best] = log[log.chosen]["round"].unique()
    assert best == means.idxmax()
    kept = log[log["round"] == best].n_synthetic.sum()
    assert {row.n_synthetic for row in done.rows} == {kept}
    assert {row.n_dropped for row in done.rows} == {log.n_added.sum() - kept}
    phrase = {note.code: note.text for note in done.rows[0].notes}
    assert f"round {best} of 3" in phrase[Code.ROUND_CHOSEN]
    assert set(log.part) == {record["part"] for record in done.log if record["round"] == 0}
    quality = pd.DataFrame(done.quality)
    by_round = quality[(quality.metric == "q") & quality["round"].notna()]
    assert by_round["round"].tolist() == [1, 2, 3]
    assert by_round.value.between(0, 1).all()
    on_disk = pd.read_parquet(tmp_path / "rounds")
    assert on_disk["round"].tolist() == log["round"].tolist()


def test_a_stopped_loop_makes_no_more_rows_and_resumes(tmp_path):
    soon = ["dataset=breast_cancer", "pipeline.patience=1", "pipeline.gain=1", "pipeline.tau=1.0"]
    done = outcome(tmp_path, *soon, "pipeline.rounds=6")
    log = pd.DataFrame(done.log)
    assert log["round"].max() <= 1
    phrase = {note.code: note.text for note in done.rows[0].notes}
    assert "no gain of more than 1 on validation rows in 1 rounds" in phrase[Code.LOOP_ENDED]
    computed = []
    again = outcome(
        tmp_path,
        *soon,
        "pipeline.rounds=6",
        on_step=lambda step, finished: finished or not step.stored or computed.append(step),
    )
    assert computed == []
    values = [[row.value for row in found.rows] for found in (done, again)]
    assert values[0] == values[1]


def test_nothing_is_made_where_every_class_is_strong_enough(tmp_path):
    done = outcome(tmp_path, "dataset=breast_cancer", "pipeline.tau=0.2")
    real = outcome(tmp_path, "dataset=breast_cancer", "pipeline=real")
    assert done.ok
    assert {row.n_synthetic for row in done.rows} == {0}
    [why] = {note.text for note in done.rows[0].notes if note.code == Code.NOTHING_ADDED}
    assert why == (
        "no synthetic row was added: every part of the target reaches tau=0.2 on validation rows"
    )
    auc = [[r.value for r in d.rows if r.metric == "auc_roc"] for d in (done, real)]
    assert auc[0] == auc[1]


def chosen(*histories):
    """What is kept of rounds of ten rows each, given the scores of two classes after each."""
    learn = notes(40)
    grown = [Synthetic(learn.take(range(10 * k)), np.repeat("no", 10 * k), {}, ())
             for k in range(len(histories))]  # fmt: skip
    assessed = [Assessment(scores, float(np.mean(scores))) for scores in histories]
    held = learn.take([*np.flatnonzero(learn.target == 0), np.argmax(learn.target)])
    step = BestRound(
        LOOP,
        tuple(Given(f"grown {k}", one) for k, one in enumerate(grown)),
        tuple(Given(f"assessed {k}", one) for k, one in enumerate(assessed)),
        Given("learn", learn),
        Given("validation", held),
    )
    return Runner(None, lambda *_: None).result(step), len(held)


def test_rounds_that_help_nobody_are_not_added_which_is_said():
    kept, size = chosen((0.98, 0.0), (0.97, 0.0), (0.98, 0.0))
    assert len(kept.table) == 0
    phrase = {note.code: note.text for note in kept.notes}
    assert phrase[Code.NOTHING_ADDED] == (
        f"no synthetic row was added: none of 2 rounds raised the mean score on {size} validation "
        "rows; that of yes (1 of them) was 0.000 in every round"
    )
    assert "in 2 rounds" in phrase[Code.LOOP_ENDED]


def test_of_rounds_that_help_the_best_is_added_and_nothing_else_is_said():
    kept, _ = chosen((0.8, 0.2), (0.8, 0.5), (0.7, 0.4))
    assert len(kept.table) == 10
    assert Code.NOTHING_ADDED not in {note.code for note in kept.notes}


def test_a_number_is_cut_at_the_quantiles_of_the_learnt_rows(tmp_path):
    layout, runner = laid_out(tmp_path)
    learn = runner.result(layout.pipeline_steps.like)
    parts = TargetParts.of(learn, 4)
    assert len(parts.names) == 4
    assert parts.sizes(learn) == pytest.approx(len(learn) / 4, abs=3)
    assert parts.codes(learn)[learn.target.argmax()] == 3


def test_patients_are_not_on_both_sides(tmp_path):
    rng = np.random.default_rng(0)
    n = 200
    frame = pd.DataFrame({"who": rng.integers(0, 20, n), "x": rng.normal(size=n)})
    frame["y"] = frame.x + rng.normal(size=n)
    frame["visit"] = np.arange(n) / n
    path = tmp_path / "visits.csv"
    frame.to_csv(path, index=False)
    csv = ["dataset=csv", f"dataset.path={path}", "dataset.target=y", "dataset.group=who"]
    layout, runner = laid_out(tmp_path, *csv)
    learn, held = (
        runner.result(HoldOut(layout.train, side, 0.25, 0)) for side in ("learn", "validation")
    )
    who = frame.set_index("visit").who
    assert len(held) > 0
    assert not set(who[learn.frame.visit]) & set(who[held.frame.visit])


def test_a_generator_that_cannot_be_asked_is_sampled_at_large(tmp_path):
    layout, runner = laid_out(tmp_path, "generator=smoter", "pipeline.rounds=1")
    made = runner.result(layout.pipeline_steps.rounds[0])
    learn = runner.result(layout.pipeline_steps.like)
    counts = TargetParts.of(learn).sizes(made.table)
    assert counts.sum() == pytest.approx(0.1 * len(learn), abs=3)
    assert counts.max() > counts.min()  # weaker ranges get more
