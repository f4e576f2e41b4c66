"""Advice on small tables, with one quick predictor and copies of real rows as what is tried."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from tabsculpt import advise
from tabsculpt.advice.advice import Recommendation, best_arm, recommend
from tabsculpt.advice.candidates import SLOW, candidates
from tabsculpt.advice.decide import decide, goal_of, splits_in
from tabsculpt.advice.nested import FOLDS, check_rows, outer_splits
from tabsculpt.advice.request import Request
from tabsculpt.advice.scores import Arm, gains, ranking, verdict
from tabsculpt.advice.search import Search
from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.datasets import load as load_dataset
from tabsculpt.errors import UserError
from tabsculpt.generators.auto.order import place, ways
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.launch.serial import Serial
from tabsculpt.launch.timed import Clock, Engine
from tabsculpt.launch.work import Loaded
from tabsculpt.results import Row, as_record
from tabsculpt.table import Table, Task

ONE = ["~predictors.lightgbm", "~predictors.random_forest", "~predictors.knn"]
COPIES = ["generator=bootstrap", "pipeline=traditional", *ONE]


def noise(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"x": rng.normal(size=n), "z": rng.normal(size=n), "y": ["u", "v"] * (n // 2)}
    )


@pytest.fixture
def short(monkeypatch):
    """One repeat of three outer splits, one inner split and one fit each: the way is tested."""
    monkeypatch.setattr("tabsculpt.advice.decide.MOST_REPEATS", 1)
    monkeypatch.setattr("tabsculpt.advice.decide.FITS", 1)
    monkeypatch.setattr("tabsculpt.advice.nested.FOLDS", 3)
    monkeypatch.setattr("tabsculpt.advice.search.RUNGS", ((1, 1.0, 0.7),))


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "out"))
    noise().to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path / "mine.csv"


def settings(path, *more: str) -> list[str]:
    return ["dataset=csv", f"dataset.path={path}", "dataset.target=y", *COPIES, *more]


def prepared(path):
    base = Job.of(load([*settings(path)[:3], "pipeline=real"]))
    dataset = load_dataset(base.source)
    tried, cannot = candidates(settings(path), None, dataset, "impute")
    goal = goal_of("auto", 0.01, dataset.table.schema.task)
    return dataset, tried, cannot, goal


class Counting(Serial):
    """Runs in this process, and remembers what it was asked to run."""

    asked: list[str]

    def launch(self, tasks, tell) -> None:
        self.asked.extend(task.title for task in tasks)
        super().launch(tasks, tell)


def counting() -> Counting:
    launcher = Counting()
    object.__setattr__(launcher, "asked", [])
    return launcher


def test_noise_is_not_to_be_added_to_and_the_same_call_does_nothing_anew(path, short):
    dataset, tried, cannot, goal = prepared(path)
    found = []
    launchers = [counting(), counting()]
    for launcher in launchers:
        engine = Engine(launcher, Loaded(), Console(quiet=True))
        found.append(decide(dataset, tried, cannot, goal, engine, Clock(600), "advise_mine"))
    first, again = found
    assert not first.recommendation.use
    assert first.recommendation.splits == 3
    assert first.recommendation.words[0].startswith("Do not add synthetic rows")
    assert len(launchers[0].asked) >= 9
    assert launchers[1].asked == []
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.recommendation.record() == again.recommendation.record()


def test_from_python_an_answer_with_its_table(tmp_path, short):
    frame = noise()
    advice = advise(
        frame, "y", budget="10m", settings=COPIES, outputs=tmp_path / "kept", metric="macro_f1"
    )
    assert advice.synthetic is None
    assert "Do not add synthetic rows" in str(advice)
    assert set(advice.table.pipeline) == {"traditional"}
    assert advice.table.gain.is_monotonic_decreasing
    assert advice.recommendation.metric == "macro_f1"


def test_time_that_is_over_before_real_rows_are_done_is_said(path):
    dataset, tried, cannot, goal = prepared(path)
    clock = Clock(30)
    clock.began -= 30
    engine = Engine(Serial(), Loaded(), Console(quiet=True))
    found = decide(dataset, tried, cannot, goal, engine, clock, "advise_mine")
    assert found.recommendation.splits == 0
    assert "the time was over" in found.recommendation.words[0]
    assert not found.recommendation.use


class Slow(Serial):
    def launch(self, tasks, tell) -> None:
        time.sleep(60)


def test_a_job_that_hangs_is_ended_when_the_time_is_over(path):
    dataset, tried, cannot, goal = prepared(path)
    engine = Engine(Slow(), Loaded(), Console(quiet=True))
    began = time.monotonic()
    decide(dataset, tried, cannot, goal, engine, Clock(3), "advise_mine")
    assert time.monotonic() - began < 10


def test_selection_never_sees_an_outer_test_row(path):
    """What is tried on inner splits is the same whatever the outer test rows hold."""
    dataset, tried, *_ = prepared(path)
    [before, *_] = outer_splits(dataset, "impute", 0, 0)
    tested = before.split.rows(before.whole.dataset).test
    frame = dataset.table.frame.copy()
    frame.loc[tested, ["x", "z"]] = 1000.0
    other = replace(dataset, table=Table(frame, dataset.table.schema))
    [after, *_] = outer_splits(other, "impute", 0, 0)
    assert before.whole.data != after.whole.data
    assert before.learnt.data == after.learnt.data
    for number in range(3):
        first, second = (outer.inner(tried[0], number, path.parent) for outer in (before, after))
        for job, again in ((first, second), (first.baseline(), second.baseline())):
            learnt = job.source.load()
            assert job.identity(data_fingerprint(learnt)) == again.identity(after.learnt.data)
            assert len(learnt.table) == len(dataset.table) - len(tested)
            assert learnt.origin is None


def test_outer_splits_test_each_row_once_in_a_repeat_and_differ_between_repeats(path):
    dataset, *_ = prepared(path)
    parts = [
        [tuple(o.split.rows(o.whole.dataset).test) for o in outer_splits(dataset, "impute", r, 0)]
        for r in (0, 1)
    ]
    for repeat in parts:
        assert sorted(row for part in repeat for row in part) == list(range(60))
    assert parts[0] != parts[1]


def test_fits_and_samples_differ_between_splits(path):
    dataset, tried, *_ = prepared(path)
    outers = outer_splits(dataset, "impute", 0, 0)
    jobs = [outer.outer(tried[0], fit, path.parent, "e") for outer in outers for fit in (0, 1)]
    assert len({job.seed for job in jobs}) == 2 * FOLDS
    assert len({job.protocol.sample_seeds[0] for job in jobs}) == 2 * FOLDS


def rows(world: dict[str, float], outers=range(5), inners=range(2), level=0.7, noise=0.004):
    """Inner rows: what each arm adds to real rows alone, on every outer and inner split."""
    rng = np.random.default_rng(0)
    made = []
    for outer in outers:
        for inner in inners:
            of_split = level + rng.normal(0, 0.05)
            for name, gain in {"real": 0.0, **world}.items():
                real = name == "real"
                common = {
                    "job": f"{outer}-{inner}-{name}", "dataset": f"d{outer}", "task": "binary",
                    "split_seed": 1000 * outer + inner, "seed": inner, "device": "cpu",
                    "data": f"data{outer}", "profiler": "none", "started": "2026-01-01",
                    "generator": "none" if real else name,
                    "pipeline": "real" if real else "traditional",
                    "protocol": "trtr" if real else "augmentation", "predictors": "quick",
                    "evaluation": "e", "n_train": 200, "n_test": 100,
                }  # fmt: skip
                value = of_split + gain + (0.0 if real else rng.normal(0, noise))
                shares = {} if real else {"proportion": 0.5, "sample_seed": 1}
                made.append(
                    Row(
                        **common, **shares, predictor="linear", metric="auc_roc",
                        direction="max", value=value,
                    )
                )  # fmt: skip
    return pd.DataFrame([as_record(row) for row in made])


GOAL = goal_of("auc_roc", 0.01, Task.BINARY)


def test_gains_are_against_real_rows_of_the_same_table():
    found = gains(rows({"arf": 0.1, "smote": -0.1}), GOAL)
    assert set(found) == {f"data{n}" for n in range(5)}
    for of in found.values():
        assert of[Arm("arf", "traditional", 0.5)] == pytest.approx(0.1, abs=0.02)
        assert of[Arm("smote", "traditional", 0.5)] == pytest.approx(-0.1, abs=0.02)


def test_where_low_is_good_a_fall_is_a_gain():
    goal = goal_of("brier", 0.01, Task.BINARY)
    found = gains(rows({"arf": -0.1}).assign(metric="brier", direction="min"), goal)
    assert found["data0"][Arm("arf", "traditional", 0.5)] == pytest.approx(0.1, abs=0.02)
    ranked = ranking(
        rows({"arf": -0.1}).assign(metric="brier", direction="min"),
        {f"data{n}": n for n in range(5)},
        goal,
    )
    assert ranked.gain[0] == pytest.approx(0.1, abs=0.02)
    assert ranked.low[0] < ranked.gain[0] < ranked.high[0]
    assert ranked.probability[0] > 0.975


def test_the_ranking_has_the_best_first_over_all_outer_splits():
    ranked = ranking(rows({"smote": -0.1, "arf": 0.1}), {f"data{n}": n for n in range(5)}, GOAL)
    assert ranked.generator.tolist() == ["arf", "smote"]
    assert ranked.splits.tolist() == [5, 5]
    assert ranked.probability[0] > 0.975
    assert ranked.probability[1] < 0.025
    assert best_arm(ranked) == Arm("arf", "traditional", 0.5)
    assert best_arm(ranked[ranked.gain < 0]) is None


def outer_rows(gain: float, noise: float = 0.004) -> pd.DataFrame:
    found = rows({"arf": gain}, inners=[0], noise=noise)
    return found.assign(data="whole", dataset="d")


@pytest.mark.parametrize(("gain", "use"), [(0.1, True), (0.0, False), (-0.1, False)])
def test_the_verdict_is_that_of_outer_splits(gain, use):
    found = outer_rows(gain)
    chosen = {job: Arm("arf", "traditional", 0.5) for job in found.job if "arf" in job}
    record = verdict(found, chosen, GOAL)
    ranked = ranking(rows({"arf": 0.1}), {f"data{n}": n for n in range(5)}, GOAL)
    advice = recommend(record, ranked, {"arf": 5}, (1.0, 100.0), GOAL)
    assert advice.use is use
    assert advice.change == pytest.approx(gain, abs=0.01)
    assert advice.low < advice.change < advice.high
    assert advice.splits == 5
    assert (advice.probability > 0.975) is use


def test_outer_splits_on_which_the_choice_failed_are_said():
    found = outer_rows(0.1)
    chosen = {job: Arm("arf", "traditional", 0.5) for job in found.job if "arf" in job}
    lost = found.assign(value=found.value.mask(found.job == "2-0-arf"))
    ranked = ranking(rows({"arf": 0.1}), {f"data{n}": n for n in range(5)}, GOAL)
    whole, part = (
        recommend(verdict(each, chosen, GOAL), ranked, {"arf": 5}, (1.0, 100.0), GOAL)
        for each in (found, lost)
    )
    assert "on 5 outer splits." in " ".join(whole.words)
    assert "on 4 of 5 outer splits (on the others the choice failed" in " ".join(part.words)


def test_a_rival_that_was_not_judged_is_not_beaten():
    advice = judged(0.1, 0.0)
    assert advice.use
    assert not replace(advice, rival=None).beside(Arm("none", "weighted", None), {}, {}).use


def test_where_real_rows_were_chosen_the_advice_changes_nothing():
    found = outer_rows(0.1)
    chosen = {job: None for job in found.job if "real" in job}
    record = verdict(found, chosen, GOAL)
    assert record["difference"] == 0
    assert record["verdict"] == "practically equal"


def test_an_interval_holds_what_varies_between_splits_fits_and_samples():
    narrow, wide = (
        verdict(
            outer_rows(0.05, noise),
            {f"{n}-0-arf": Arm("arf", "traditional", 0.5) for n in range(5)},
            GOAL,
        )
        for noise in (0.002, 0.05)
    )
    assert wide["high"] - wide["low"] > 5 * (narrow["high"] - narrow["low"])
    assert wide["verdict"] == "not enough data"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("budget=soon", "expected a span of time"),
        ("budget=2s", "30s at least"),
        ("rope=wide", "expected a share"),
        ("metric=rmse", "unknown metric of binary"),
        ("generator=arff", "did you mean 'arf'"),
        ("pipeline=real", "real rows alone are always tried"),
        ("generator=smoter", "nothing to try"),
    ],
)
def test_bad_input_is_one_line(typed, words, path):
    done = CliRunner().invoke(app, ["advise", *settings(path)[:3], *ONE, typed])
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output


def test_what_was_typed_is_sorted():
    asked = Request.of(["dataset=wine", "budget=2m", "metric=macro_f1", "generator=arf,smote"])
    assert (asked.budget, asked.metric, asked.rope) == (120.0, "macro_f1", 0.01)
    assert asked.settings == ["dataset=wine", "generator=arf,smote"]
    assert asked.other == ["dataset=wine"]


def test_too_few_rows_of_a_class_are_refused(path):
    dataset, *_ = prepared(path)
    with pytest.raises(UserError, match="at least 30 are needed"):
        check_rows(replace(dataset, table=dataset.table.take(range(20))))
    frame = noise().assign(y=["u"] * 57 + ["v"] * 3)
    frame.to_csv(path, index=False)
    few = prepared(path)[0]
    with pytest.raises(UserError, match="class 'v' has 3 rows"):
        check_rows(few)


def test_halving_keeps_the_best_of_each_outer_split(path):
    _, tried, _, goal = prepared(path)
    search = Search(tried, goal, Engine(Serial(), Loaded(), Console(quiet=True)), Clock(60), path)
    [candidate] = tried
    scores = {Arm("bootstrap", "traditional", 0.5): -1.0, Arm("bootstrap", "traditional", 1.0): 1.0}
    assert search._best(scores, 0.4) == [candidate]
    assert search._best({}, 0.4) == []


def test_the_command_writes_its_answer_down(path, short, monkeypatch):
    monkeypatch.setattr("tabsculpt.advice.command.LocalProcesses", Serial)
    done = CliRunner().invoke(app, ["advise", *settings(path), "budget=5m", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["recommendation"]["use"] is False
    assert answer["file"] is None
    assert answer["report"].endswith("report.html")
    folder = path.parent / "out" / "advice"
    assert json.loads((folder / "mine.json").read_text())["tried"] == answer["tried"]


def judged(real: float, rival: float) -> Recommendation:
    """The advice on rows that are so much better than real rows, beside such a rival."""
    made = outer_rows(real)
    more = rows({"weighted": rival}, inners=[0]).assign(data="whole", dataset="d")
    more = more[more.generator == "weighted"].assign(
        generator="none", pipeline="weighted", protocol="trtr", proportion=None, sample_seed=None
    )
    base = made[made.pipeline == "real"].set_index("job").value
    names = {f"{n}-0-weighted": f"{n}-0-real" for n in range(5)}
    more = more.assign(value=more.job.map(names).map(base) + rival)
    found = pd.concat([made, more], ignore_index=True)
    chosen = {job: Arm("arf", "traditional", 0.5) for job in made.job if "arf" in job}
    without = {job: Arm("none", "weighted", None) for job in more.job}
    ranked = ranking(rows({"arf": 0.1}), {f"data{n}": n for n in range(5)}, GOAL)
    advice = recommend(verdict(found, chosen, GOAL), ranked, {"arf": 5}, (1.0, 100.0), GOAL)
    sides = verdict(found, without, GOAL), verdict(found, chosen, GOAL, without)
    return advice.beside(Arm("none", "weighted", None), *sides)


@pytest.mark.parametrize(
    ("rival", "use", "words"), [(0.0, True, "they are better"), (0.2, False, "which is worse")]
)
def test_rows_that_class_weights_beat_are_not_recommended(rival, use, words):
    advice = judged(0.1, rival)
    assert advice.verdict == "better"
    assert advice.use is use
    assert advice.rival.over_change == pytest.approx(0.1 - rival, abs=0.01)
    assert advice.rival.change == pytest.approx(rival, abs=0.01)
    [phrase] = [line for line in advice.words if "way" in line]
    assert words in phrase
    first = advice.words[0]
    assert first.startswith("Add arf") if use else "weight the classes alike" in first
    assert advice.instead == (None if use else Arm("none", "weighted", None))
    assert json.loads(json.dumps(advice.record()))["rival"]["arm"]["pipeline"] == "weighted"


def test_class_weights_are_tried_once_beside_several_generators(path, short):
    dataset, *_ = prepared(path)
    asked = settings(path, "generator=bootstrap,naive", "pipeline=traditional,weighted,threshold")
    tried, cannot = candidates(asked, None, dataset, "impute")
    names = [(one.generator, one.pipeline) for one in tried]
    assert sorted(names) == [
        ("bootstrap", "traditional"), ("naive", "traditional"),
        ("none", "threshold"), ("none", "weighted"),
    ]  # fmt: skip
    tried = [one for one in tried if one.generator != "naive"]
    goal = goal_of("macro_f1", 0.01, dataset.table.schema.task)
    engine = Engine(Serial(), Loaded(), Console(quiet=True))
    found = decide(dataset, tried, cannot, goal, engine, Clock(600), "advise_mine")
    assert set(found.table.pipeline) == {"traditional", "weighted", "threshold"}
    assert len(found.table) == 4
    assert found.recommendation.rival is not None
    with pytest.raises(UserError, match="name a pipeline that makes rows as well"):
        candidates(settings(path, "pipeline=weighted"), None, dataset, "impute")


def test_ways_are_tried_in_the_order_of_their_gain_on_other_tables(path):
    dataset, *_ = prepared(path)
    tried, _ = candidates(settings(path)[:3], None, dataset, "impute")
    task = dataset.table.schema.task
    made = [(one.generator, one.pipeline) for one in tried if not one.on_real]
    quick = [way for way in made if way[0] not in SLOW]
    places = [place(*way, task) for way in quick]
    assert places == sorted(places)
    assert quick[0] == next(way for way in ways(task) if way[0] not in SLOW)
    assert [one.on_real for one in tried].index(True) == 1  # they come after the first
    assert made == [*quick, ("ddpm", "traditional")]


def test_packaged_candidates_have_ways_to_do_without(path, tmp_path):
    dataset, *_ = prepared(path)
    tried, _ = candidates(settings(path)[:3], None, dataset, "impute")
    alone = [one.pipeline for one in tried if one.on_real]
    of_numbers = ["regularised", "mixup"]
    assert alone == ["weighted", "threshold", "oversample", "undersample", *of_numbers]
    frame = pd.DataFrame({"x": np.arange(60.0), "y": np.arange(60.0) ** 2})
    frame.to_csv(tmp_path / "numbers.csv", index=False)
    dataset, *_ = prepared(tmp_path / "numbers.csv")
    tried, _ = candidates(settings(tmp_path / "numbers.csv")[:3], None, dataset, "impute")
    assert [one.pipeline for one in tried if one.on_real] == of_numbers


@pytest.mark.parametrize(
    ("verdict", "over", "change", "use"),
    [
        ("not enough data", "not enough data", 0.02, True),  # a way that may do nothing
        ("not enough data", "not enough data", -0.02, False),
        ("not enough data", "practically equal", 0.001, False),
        ("better", "not enough data", 0.02, False),  # one that helps has to be beaten for sure
        ("better", "better", 0.02, True),
    ],
)
def test_rows_are_preferred_to_a_way_without_only_if_it_may_do_nothing_or_is_beaten(
    verdict, over, change, use
):
    advice = replace(judged(0.1, 0.0), use=True, rival=None)
    found = {"difference": 0.05, "low": 0.01, "high": 0.09, "verdict": verdict}
    beside = {"difference": change, "low": change - 0.1, "high": change + 0.1, "verdict": over}
    assert advice.beside(Arm("none", "threshold", None), found, beside).use is use
    lower = replace(advice, direction="min").beside(
        Arm("none", "threshold", None), found, {**beside, "difference": -change}
    )
    assert lower.use is use
    instead = advice.beside(Arm("none", "threshold", None), found, beside).instead
    assert (instead is not None) is (verdict == "better" and not use)


def test_further_splits_are_as_many_as_there_is_time_for():
    assert [splits_in(seconds, 10.0) for seconds in (-5, 9, 12, 60)] == [0, 0, 1, 5]


def test_jobs_that_choose_measure_no_synthetic_table(path):
    dataset, tried, *_ = prepared(path)
    [first, *_] = outer_splits(dataset, "impute", 0, 0)
    inner = first.inner(tried[0], 0, path.parent / "kept")
    outcome = run_job(inner, inner.source.load(), lambda _layout: None, lambda _step, _done: None)
    assert not outcome.quality
    assert {row.metric for row in outcome.rows if row.predictor and row.value is not None} >= {
        "auc_roc", "macro_f1",
    }  # fmt: skip
    jobs = [first.outer(tried[0], fit, path.parent, "e") for fit in (0, 1)]
    assert [job.scores_only for job in jobs] == [False, True]
