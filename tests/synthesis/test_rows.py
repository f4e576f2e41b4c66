from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt import generate
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.synthesis import rows as synthesis_rows
from tabsculpt.synthesis.command import real_rows
from tabsculpt.synthesis.rows import Wanted, make_rows, parse_given


def runner() -> Runner:
    return Runner(None, lambda _step, _done: None)


def job_of(*settings: str) -> Job:
    return Job.of(load(["dataset=wine", "generator=bootstrap", *settings]))


def made(*settings: str, **wanted):
    job = job_of(*settings)
    running = runner()
    real = real_rows(job, job.source.load(), False, running)
    return make_rows(job, real, Wanted(**wanted), running)


@pytest.mark.parametrize("pipeline", ["traditional", "profile2gen"])
def test_the_first_batch_is_what_a_job_makes_of_the_same_rows(pipeline):
    job, running = job_of(f"pipeline={pipeline}"), runner()
    dataset = job.source.load()
    layout = build_graph(job, dataset, running.result)
    real = real_rows(job, dataset, True, running)
    whole = make_rows(job, real, Wanted(), running)
    assert (
        whole.table.fingerprint()
        == running.result(layout.pipeline_steps.synthetic).table.fingerprint()
    )


@pytest.mark.parametrize(
    ("pipeline", "rows"),
    [("traditional", 7), ("traditional", 1000), ("profile2gen", 300), ("random_subset", 300)],
)
def test_there_are_as_many_rows_as_asked_for(pipeline, rows):
    assert len(made(f"pipeline={pipeline}", rows=rows).table) == rows


def test_batches_are_other_draws_of_one_fit(monkeypatch):
    monkeypatch.setattr(synthesis_rows, "BATCH", 200)
    table = made("generator=marginal", "pipeline=traditional", rows=500).table
    parts = [table.take(range(start, start + 178)).fingerprint() for start in (0, 178)]
    assert parts[0] != parts[1]


def test_the_mix_of_segments_is_the_same_at_any_length():
    """Rows of the segments come one after the other; a cut must not take those of the last."""
    few = made("pipeline=preprocess", rows=60).table.frame
    many = made("pipeline=preprocess").table.frame
    assert few.proline.mean() == pytest.approx(many.proline.mean(), rel=0.15)


def test_given_values_are_asked_for_or_picked_out():
    asked = made("pipeline=traditional", rows=50, given={"target": "1"})
    picked = made("pipeline=random_subset", rows=50, given={"target": "1"})
    assert (asked.native, picked.native) == (True, False)
    assert asked.drawn == 178
    assert picked.drawn > 50
    for found in (asked, picked):
        assert found.table.frame.target.tolist() == ["1"] * 50


@pytest.mark.parametrize(
    ("settings", "wanted", "words"),
    [
        (["pipeline=real"], {}, "makes no rows"),
        (["pipeline=upsample"], {"rows": 10}, "decides itself"),
        (["pipeline=traditional"], {"given": {"colour": "red"}}, "no column 'colour'"),
        (["pipeline=traditional"], {"given": {"target": "9"}}, "no category '9'"),
        (["pipeline=preprocess"], {"given": {"alcohol": 13.0}}, "by chance never"),
    ],
)
def test_what_cannot_be_is_one_line(settings, wanted, words):
    with pytest.raises(UserError, match=words):
        made(*settings, **wanted)


def test_values_too_rare_to_pick_out_are_refused(monkeypatch):
    monkeypatch.setattr(synthesis_rows, "LEAST_TRIED", 500)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=600), "y": rng.integers(0, 2, 600)})
    frame["level"] = np.where(np.arange(600) == 5, "rare", "usual")
    with pytest.raises(ValueError, match="fewer than one in 200, which is the limit"):
        generate(
            frame, "y", generator="marginal", pipeline="random_subset", given={"level": "rare"}
        )


def test_given_texts_become_values_of_their_columns():
    schema = job_of().source.load().table.schema
    assert parse_given({"alcohol": "3.5", "proline": "7", "target": "1"}, schema) == {
        "alcohol": 3.5,
        "proline": 7,
        "target": "1",
    }
    with pytest.raises(UserError, match=r"given\.alcohol is 'high'; expected a number"):
        parse_given({"alcohol": "high"}, schema)
