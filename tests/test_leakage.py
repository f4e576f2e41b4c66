"""Test rows are for scoring alone: whatever they hold, every step before `score` is the same."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scoring_steps import SCORING
from tabsculpt.config.compose import choices, load
from tabsculpt.datasets.split_steps import SplitPart
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import MANIFEST, Store
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.predictors.prediction_steps import TrainAndPredict
from tabsculpt.protocols import Ranking
from tabsculpt.table import Table, Task

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"
TUNED = (
    *("generator=tuned", "generator.budget=2", "generator.repeats=1", "split.selection=0.25"),
    *("generator.candidates.tvae.steps=2", "generator.candidates.ctgan.steps=2"),
)
ON_REAL = ("weighted", "threshold", "oversample", "undersample", "regularised", "mixup")
FOR_CLASSES = ("upsample", "weighted", "threshold", "oversample", "undersample")
TUNABLE = ("traditional", "profile2gen", "targeted", "upsample", "adaptive")
CASES = [
    *([f"pipeline={name}", "protocol=tstr"] for name in choices("pipeline")),
    *(
        [f"pipeline={name}", f"protocol={protocol}"]
        for name in choices("pipeline")
        for protocol in ("augmentation", "iterative")
        if name not in ("real", "upsample", "adaptive", *ON_REAL) or protocol == "augmentation"
    ),
    *([f"protocol={protocol}"] for protocol in ("trtr", "removal", "hardness")),
    *([f"pipeline={name}", *TUNED] for name in TUNABLE),
    ["pipeline=targeted", "profiler=knn_shapley", "split.valuation=0.2", "split.selection=0.2"],
    ["pipeline=profile2gen", "profiler=auto"],
    ["pipeline=upsample", "split.minority=0.2"],
    ["pipeline=upsample", "pipeline.correct_prior=true"],
]


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """A table with gaps, which are filled by what the train part says."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    frame["level"] = rng.choice(["low", "high"], 200)
    frame["state"] = np.where(frame.a + rng.normal(size=200) > 0.7, "ill", "well")
    frame = frame.mask(rng.random(frame.shape) < 0.1, other=None).assign(state=frame.state)
    path = tmp_path_factory.mktemp("leakage") / "gaps.csv"
    frame.to_csv(path, index=False)
    return [f"dataset.path={path}", "dataset=csv", "dataset.target=state", "dataset.missing=impute"]


def dataset_of(case, kind, gaps) -> list[str]:
    if kind == "classes":
        return gaps
    return ["dataset=sklearn_diabetes"]


def with_other_test_rows(job, dataset):
    """The data set with its split made a fixed one, and the same with other test rows.

    Rows are parted by their classes, so that a split of its own would follow the new targets.
    """
    tested = job.split.rows(dataset).test
    table = dataset.table
    frame, rng = table.frame.copy(), np.random.default_rng(1)
    for column in table.schema.columns:
        values = frame.loc[tested, column.name]
        if column.is_numeric and column.name != table.schema.target:
            frame.loc[tested, column.name] = values * 3 + 1
        else:
            frame.loc[tested, column.name] = rng.permutation(values)
    if table.schema.task is Task.REGRESSION:
        frame.loc[tested, table.schema.target] = frame.loc[tested, table.schema.target] + 100
    fixed = replace(dataset, test_rows=tested)
    return fixed, replace(fixed, table=Table(frame, table.schema, table.groups))


def laid_out(job, dataset):
    return build_graph(job, dataset, Runner(None, lambda _step, _done: None).result)


def unscored(layout) -> dict[str, str]:
    """The step of each key that does not reach the test part; the split itself aside."""
    return {
        key: type(step).__name__
        for key, step in layout.steps().items()
        if layout.test.key not in step.ancestry() and not isinstance(step, SplitPart)
    }


KINDS = [
    pytest.param(case, kind, id=f"{' '.join(case)}-{kind}")
    for case in CASES
    for kind in ("classes", "number")
    if kind == "classes" or not any(f"pipeline={name}" in case for name in FOR_CLASSES)
]


@pytest.mark.parametrize(("case", "kind"), KINDS)
def test_changing_test_rows_changes_no_step_before_scoring(case, kind, gaps):
    job = Job.of(load(["generator=bootstrap", *LINEAR, *dataset_of(case, kind, gaps), *case]))
    before, after = (laid_out(job, data) for data in with_other_test_rows(job, job.source.load()))
    assert before.train.key == after.train.key
    assert before.test.key != after.test.key
    assert unscored(before) == unscored(after)
    if isinstance(before.scored, Ranking):
        assert before.test.key not in before.steps()
        return
    reaching = [step for step in before.steps().values() if before.test.key in step.ancestry()]
    assert {type(step) for step in reaching} <= {*SCORING, type(before.test)}
    assert {step.phase for step in reaching if step is not before.test} == {"score"}
    for evaluation, _ in before.scored:
        assert evaluation.training.key in unscored(after)
    for step in (
        (before.pipeline_steps.synthetic, before.pipeline_steps.generated)
        if before.pipeline_steps
        else ()
    ):
        assert step.key in unscored(after)


@pytest.mark.parametrize(
    "case",
    [
        ["pipeline=profile2gen", "profiler=auto", "profiler.flip_rates=[0.1]", "generator=arf"],
        # half of the rows: the few hardest ones are of one class on some machines
        ["pipeline=targeted", "pipeline.shares=[0.5]", "profiler=knn_shapley",
         "generator=bayesian_network"],
        ["pipeline=upsample", *TUNED],
        ["pipeline=adaptive", "pipeline.rounds=2", "generator=arf"],
    ],
    ids=lambda case: case[0],
)  # fmt: skip
def test_what_is_stored_before_scoring_is_the_same_to_the_byte(case, gaps, tmp_path):
    files = []
    for place in ("before", "after"):
        outputs = tmp_path / place
        job = Job.of(load([*LINEAR, *gaps, *case, f"paths.outputs={outputs}"]))
        dataset = with_other_test_rows(job, job.source.load())[place == "after"]
        done = run_job(job, dataset, lambda _layout: None, lambda _step, _done: None)
        assert done.ok, {row.reason for row in done.rows}
        keys = unscored(build_graph(job, dataset, Runner(Store(outputs / "store"), _ignore).result))
        stored = [json.loads(path.read_text()) for path in outputs.glob(f"store/*/*/*/{MANIFEST}")]
        files.append({m["key"]: m["files"] for m in stored if m["key"] in keys})
    assert files[0] == files[1]
    assert len(files[0]) >= 3


@pytest.mark.parametrize("name", ON_REAL)
def test_what_a_pipeline_of_real_rows_learns_does_not_depend_on_test_rows(name, gaps):
    job = Job.of(load([*LINEAR, *gaps, f"pipeline={name}"]))
    learnt = []
    for dataset in with_other_test_rows(job, job.source.load()):
        runner = Runner(None, lambda _step, _done: None)
        layout = build_graph(job, dataset, runner.result)
        [(_, predictions)] = layout.scored
        step = predictions["linear"]
        assert isinstance(step, TrainAndPredict)
        train = runner.result(step.train)
        model = step.predictor.fit(train, None, 7)
        learnt.append(model.predict(train.features))
        assert step.train.key == layout.train.key
        assert layout.test.key not in step.train.ancestry()
    assert np.array_equal(*learnt)


def _ignore(_step, _done):
    pass
