"""Jobs are repeated over splits and seeds, as was asked for or as far as it takes little time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.errors import UserError
from tabsculpt.launch import repeats
from tabsculpt.launch.repeats import ONE, Repeats, RequestedRepeats, affordable, requested
from tabsculpt.launch.status import read_states
from tabsculpt.results import read_rows

USUAL = Repeats(3, 2)
FEW = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]


@pytest.fixture
def usual(monkeypatch) -> None:
    monkeypatch.setattr(repeats, "USUAL", USUAL)


@pytest.fixture
def job(tmp_path, outputs) -> list[str]:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 3)), columns=list("abc"))
    frame.assign(y=frame.a + frame.b).to_csv(tmp_path / "t.csv", index=False)
    table = ["dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y"]
    return [*table, "generator=bootstrap", "pipeline=traditional", *FEW, "hydra/launcher=serial"]


def call(*arguments: str):
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    ("typed", "number", "expected"),
    [
        ([], None, RequestedRepeats(USUAL, False)),
        (["generator=tvae,ctgan", "split.test_size=0.2"], None, RequestedRepeats(USUAL, False)),
        ([], 1, RequestedRepeats(ONE, True)),
        ([], 5, RequestedRepeats(Repeats(5, 2), True)),
        (["seed=0"], None, RequestedRepeats(ONE, True)),
        (["split.repeats=4"], None, RequestedRepeats(ONE, True)),
        (["split={seed:3}"], None, RequestedRepeats(ONE, True)),
        (["seed=0,1,2"], 5, RequestedRepeats(Repeats(5, 1), True)),
        (["split.folds=5"], 5, RequestedRepeats(Repeats(1, 2), True)),
        (["experiment=smoke"], None, RequestedRepeats(ONE, True)),
        (["experiment=smoke"], 3, RequestedRepeats(USUAL, True)),
        (["experiment=small_classification"], 3, RequestedRepeats(Repeats(1, 2), True)),
        (["~experiment", "experiment=null"], None, RequestedRepeats(USUAL, False)),
    ],
)
def test_what_is_set_stays_and_the_rest_is_repeated(typed, number, expected, usual):
    assert requested(typed, {number}, None) == expected


@pytest.mark.parametrize(("given", "words"), [({1, 2}, "several values"), ({0}, "at least 1")])
def test_a_number_that_cannot_be_is_refused(given, words):
    with pytest.raises(UserError, match=words):
        requested([], given, None)


@pytest.mark.parametrize(
    ("seconds", "design", "words"),
    [
        ((40.0, 15.0), USUAL, "3 splits x 2 seeds: about 40 s more; repeats=1 for one"),
        ((900.0, 290.0), Repeats(3, 1), "3 splits x 1 seed: about 5 min more; "
         "3 splits x 2 seeds would take about 15 min more, repeats=3 does them"),
        ((9000.0, 3000.0), ONE, "1 split x 1 seed: "
         "3 splits x 2 seeds would take about 2.5 h more, repeats=3 does them"),
    ],
)  # fmt: skip
def test_as_many_repeats_as_take_little_time(seconds, design, words):
    given = dict(zip((USUAL, Repeats(3, 1)), seconds, strict=True))
    assert affordable(USUAL, given) == (design, words)


def test_a_run_is_a_sweep_of_one_on_three_splits_with_two_seeds(job, outputs, usual):
    shown = call("run", *job)
    rows = read_rows(outputs / "results")
    units = rows.groupby("pipeline")[["split_seed", "seed"]].apply(
        lambda of: len(of.value_counts())
    )
    assert units.to_dict() == {"real": 6, "traditional": 6}
    assert "3 splits x 2 seeds: about" in shown
    assert "3 x 2 x 1" in shown
    assert shown.index("Does synthetic data help on t?") < shown.index("3 x 2 x 1")
    [state] = read_states(outputs)
    assert (state.state, state.jobs, state.counts) == ("finished", 12, {"ok": 12})
    again = call("sweep", *job)
    assert "12 jobs, 12 finished before" in again
    assert rows.equals(read_rows(outputs / "results"))
    assert "split seed 2, seed 1" in call("results", "--by-split")
    assert "split seed" not in call("results")


def test_what_takes_long_is_done_once_and_the_same_command_says_so_again(
    job, outputs, usual, monkeypatch
):
    monkeypatch.setattr(repeats, "BUDGET", 0.0)
    for _ in range(2):
        shown = call("run", *job)
        assert "1 split x 1 seed: 3 splits x 2 seeds would take about" in shown
        assert read_rows(outputs / "results").job.nunique() == 2
    assert [(s.jobs, s.ended + s.cached) for s in read_states(outputs)] == [(2, 2)] * 2
    assert "repeats=3" in shown
    call("run", *job, "repeats=3")
    assert read_rows(outputs / "results").job.nunique() == 12


def test_protocols_without_arms_are_not_repeated(outputs, usual):
    done = CliRunner().invoke(app, ["plan", "dataset=sklearn_diabetes", "protocol=hardness"])
    assert "1 distinct jobs" in done.output, done.output
