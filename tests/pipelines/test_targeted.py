"""Generators that see the hardest rows alone, and the rows that are set aside for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tabsculpt.config.compose import load
from tabsculpt.datasets.reserved_rows import Purpose, ReservedShares, reserve
from tabsculpt.datasets.split_steps import SplitPart
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.pipelines.validation_scores import Gains
from tabsculpt.profilers.profile_steps import ScoreRows, ValueRows
from tabsculpt.table import Table

ASIDE = "split.valuation=0.2", "split.selection=0.2"
SMALL = "dataset=simulated", "dataset.rows=400", "generator=bootstrap", "profiler=knn_shapley"
ADDED = "protocol=augmentation", "protocol.proportions=[0.1]", "protocol.sample_seeds=[1,2]"
LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"


def laid_out(tmp_path, *overrides):
    job = Job.of(load([*SMALL, *LINEAR, *overrides]))
    runner = Runner(Store(tmp_path / "store"), lambda _step, _done: None)
    return build_graph(job, job.source.load(), runner.result), runner


def rows_of(table) -> set[tuple[object, ...]]:
    return set(table.frame.itertuples(index=False, name=None))


@pytest.mark.parametrize("kind", ["binary", "groups", "regression"])
def test_the_parts_are_distinct_and_together_all_rows(kind):
    name = "sklearn_diabetes" if kind == "regression" else "breast_cancer"
    table = Job.of(load([f"dataset={name}"])).source.load().table
    if kind == "groups":
        table = replace(table, groups=np.arange(len(table)) // 5)
    parts = reserve(table, ReservedShares(0.2, 0.3), 0)
    together = np.sort(np.concatenate(list(parts.values())))
    assert together.tolist() == list(range(len(table)))
    shares = {purpose: len(rows) / len(table) for purpose, rows in parts.items()}
    expected = {Purpose.FIT: 0.5, Purpose.VALUATION: 0.2, Purpose.SELECTION: 0.3}
    assert shares == pytest.approx(expected, abs=0.02)
    if kind == "groups":
        held = [set(table.groups[rows]) for rows in parts.values()]
        assert not held[0] & held[1]
        assert not held[2] & (held[0] | held[1])
    if kind == "binary":
        positive = [table.target[rows].mean() for rows in parts.values()]
        assert positive == pytest.approx([table.target.mean()] * 3, abs=0.02)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["split.valuation=1"], "split.valuation is 1.0; expected a share"),
        (["split.selection=-0.1"], "split.selection is -0.1"),
        (["split.valuation=0.5", "split.selection=0.5"], "leave no row to train on"),
    ],
)
def test_shares_that_leave_nothing_are_refused(overrides, words):
    with pytest.raises(UserError, match=words):
        Job.of(load(overrides))


def test_too_few_rows_to_set_aside_are_refused_by_name():
    table = Job.of(load(["dataset=breast_cancer"])).source.load().table
    one_class = table.take(np.flatnonzero(table.target == 0)[:9])
    with pytest.raises(UserError, match=r"split\.selection=0\.2 cannot be set aside from 9"):
        reserve(one_class, ReservedShares(selection=0.2), 0)


def test_every_pipeline_trains_on_the_same_real_rows_and_adds_as_many(tmp_path):
    real, held = set(), set()
    for pipeline in ("real", "traditional", "targeted", "targeted_5", "random_subset_20"):
        layout, runner = laid_out(tmp_path, f"pipeline={pipeline}", *ADDED, *ASIDE)
        real.add(layout.train.key)
        train = runner.result(layout.train)
        sizes = {len(runner.result(e.training)) - len(train) for e, _ in layout.scored}
        assert sizes == {0 if pipeline == "real" else round(0.1 * len(train))}
        held.add(len(train))
    assert len(real) == len(held) == 1
    assert held.pop() == pytest.approx(0.6 * 268, abs=2)


def test_the_generator_sees_the_hardest_rows_alone(tmp_path):
    layout, runner = laid_out(tmp_path, "pipeline=targeted_20", *ASIDE)
    train = runner.result(layout.train)
    hardness = runner.result(layout.pipeline_steps.profiles["real"]).hardness
    made = runner.result(layout.pipeline_steps.synthetic)
    count = round(0.2 * len(train))
    hardest = train.take(np.argsort(-hardness, kind="stable")[:count])
    assert rows_of(made.table) <= rows_of(hardest)  # the bootstrap copies rows
    assert made.trained_on == {"hardest": count}
    assert len(made.table) == len(train)
    layout, runner = laid_out(tmp_path, "pipeline=random_subset_20", *ASIDE)
    control = runner.result(layout.pipeline_steps.synthetic)
    assert control.trained_on == {"random": count}
    assert not rows_of(control.table) <= rows_of(hardest)


def test_values_are_for_the_rows_set_aside_and_choices_by_others(tmp_path):
    layout, runner = laid_out(tmp_path, "pipeline=targeted", *ASIDE)
    steps = layout.steps().values()
    [valued] = [step for step in steps if isinstance(step, ValueRows)]
    gains = [step for step in steps if isinstance(step, Gains)]
    assert len(gains) == 3
    judged = {gain.without.validation.key for gain in gains}
    assert len({layout.train.key, valued.validation.key, *judged}) == 3
    parts = [layout.train, valued.validation, gains[0].without.validation, layout.test]
    tables = [rows_of(runner.result(step)) for step in parts]
    assert sum(map(len, tables)) == len(set.union(*tables)) == 400
    for step in (valued, *gains):
        assert layout.test.key not in step.ancestry()
    made = runner.result(layout.pipeline_steps.synthetic)
    means = [runner.result(gain).mean() for gain in gains]
    chosen = (0.05, 0.1, 0.2)[int(np.argmax(means))]
    assert made.notes[-1].text.startswith(f"share {chosen:g} chosen by its gain in gini")
    assert made.trained_on["hardest"] == round(chosen * len(runner.result(layout.train)))


@pytest.mark.parametrize(
    "overrides",
    [
        ["pipeline=targeted", *ADDED],
        ["pipeline=targeted_5", "generator=tuned", "generator.budget=2"],
        ["protocol=removal"],
    ],
)
def test_changing_test_rows_changes_no_step_before_scoring(tmp_path, overrides):
    job = Job.of(load([*SMALL, *LINEAR, *ASIDE, *overrides]))
    dataset = job.source.load()
    frame = dataset.table.frame.copy()
    tested = job.split.rows(dataset).test
    frame.loc[tested, "x1"] = frame.loc[tested, "x1"] * 3 + 1
    other = replace(dataset, table=Table(frame, dataset.table.schema))
    before, after = (_unscored(job, data, tmp_path) for data in (dataset, other))
    assert before == after
    assert any(name in before for name in ("ValueRows", "Trial"))


def _unscored(job, dataset, tmp_path) -> dict[str, set[str]]:
    """The keys of every step that does not reach the test part, by kind; the split aside."""
    runner = Runner(Store(tmp_path / "store"), lambda _step, _done: None)
    layout = build_graph(job, dataset, runner.result)
    keys: dict[str, set[str]] = {}
    for key, step in layout.steps().items():
        if layout.test.key not in step.ancestry() and not isinstance(step, SplitPart):
            keys.setdefault(type(step).__name__, set()).add(key)
    return keys


def test_without_rows_set_aside_values_are_cross_fitted_and_choices_held_out(tmp_path):
    layout, runner = laid_out(tmp_path, "pipeline=targeted")
    steps = layout.steps().values()
    assert not [step for step in steps if isinstance(step, ValueRows)]
    assert [step for step in steps if type(step) is ScoreRows]
    gain = next(step for step in steps if isinstance(step, Gains))
    inner, held = runner.result(gain.without.real), runner.result(gain.without.validation)
    train = runner.result(layout.train)
    assert len(inner) + len(held) == len(train) == 268
    assert not rows_of(inner) & rows_of(held)
    assert rows_of(runner.result(gain.synthetic).table) <= rows_of(inner)


@pytest.mark.parametrize("dataset", ["sklearn_diabetes", "wine"])
@pytest.mark.parametrize("profiler", ["cleanlab", "knn_shapley", "auto"])
def test_any_task_and_profiler_goes_through(tmp_path, dataset, profiler):
    given = [f"dataset={dataset}", f"profiler={profiler}", "pipeline=targeted", *ADDED, *ASIDE]
    small = ["profiler.flip_rates=[0.1]"] if profiler == "auto" else []
    overrides = ["generator=bootstrap", *LINEAR, *given, *small, f"paths.outputs={tmp_path}"]
    job = Job.of(load(overrides))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    assert done.ok, {row.reason for row in done.rows}
    assert {row.n_synthetic for row in done.rows if row.predictor} == {
        round(0.1 * done.rows[0].n_train)
    }


def test_too_few_hard_rows_for_the_generator_are_a_reason(tmp_path):
    few = ["dataset=simulated", "dataset.rows=60", "generator=tvae", "profiler=random", *LINEAR]
    job = Job.of(load([*few, "pipeline=targeted_5", f"paths.outputs={tmp_path}"]))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    assert {row.status for row in done.rows} == {"skipped"}
    assert {row.reason for row in done.rows} == {"tvae needs at least 5 training rows, got 2"}
