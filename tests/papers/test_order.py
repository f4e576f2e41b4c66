"""In which order the jobs of a paper are run, by what their steps may take."""

from dataclasses import replace

import pytest
from rich.console import Console

from tabsculpt.launch.sweep import prepare_sweep
from tabsculpt.papers.order import blocks_of, in_order, to_time

GRID = [
    "dataset=wine,breast_cancer", "generator=marginal,bootstrap", "split.seed=0,1",
    "pipeline=real,traditional", "baseline=false", "~predictors.lightgbm",
]  # fmt: skip
SECONDS = {
    ("wine", "bootstrap"): 1.0, ("wine", "marginal"): 3.0, ("breast_cancer", "bootstrap"): 10.0,
    ("breast_cancer", "marginal"): 100.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    given = [*GRID, f"paths.outputs={tmp_path_factory.mktemp('outputs')}"]
    return prepare_sweep(given, None, Console(quiet=True)).batch


def timed(batch, seconds):
    """The tasks as if the whole of a job had taken so long; real rows take nothing."""
    return [
        replace(task, seconds=tuple(of_one(task, seconds) / len(task.needs) for _ in task.needs))
        if of_one(task, seconds) is not None
        else replace(task, seconds=(None,) * len(task.needs))
        for task in batch.tasks
    ]


def of_one(task, seconds):
    name = (task.dataset.name, task.job.names["generator"])
    return 0.0 if name[1] == "none" else seconds[name]


def blocks(batch, seconds, arms=("pipeline",)):
    every = [job for job, _ in batch.jobs.values()]
    return blocks_of(timed(batch, seconds), arms, batch.steps, every)


def said(tasks):
    return [
        (t.dataset.name, t.job.split.seed, t.job.names["generator"]) for t in tasks
    ]  # fmt: skip


def test_cheap_cells_first_and_whole_splits(batch):
    """wine bootstrap twice takes 2 s, less than wine marginal once; 10 s come before its second."""
    order = said(in_order(blocks(batch, SECONDS), set()))
    assert order == [
        ("wine", 0, "none"), ("wine", 0, "bootstrap"),
        ("wine", 1, "none"), ("wine", 1, "bootstrap"),
        ("wine", 0, "marginal"), ("wine", 1, "marginal"),
        ("breast_cancer", 0, "none"), ("breast_cancer", 0, "bootstrap"),
        ("breast_cancer", 1, "none"), ("breast_cancer", 1, "bootstrap"),
        ("breast_cancer", 0, "marginal"), ("breast_cancer", 1, "marginal"),
    ]  # fmt: skip


def test_what_is_compared_stays_together(batch):
    """Where a paper compares generators, both of a split come before the next split."""
    found = blocks(batch, SECONDS, ("generator", "pipeline"))
    order = said(in_order(found, set()))
    assert [split for _, split, _ in order] == [0] * 3 + [1] * 3 + [0] * 3 + [1] * 3
    assert {generator for _, _, generator in order[:3]} == {"none", "bootstrap", "marginal"}


def test_what_was_never_timed_comes_last_and_is_timed_on_the_smallest_table(batch):
    unknown = SECONDS | {("wine", "marginal"): None, ("breast_cancer", "marginal"): None}
    found = blocks(batch, unknown)
    assert [name[2] for name in said(in_order(found, set()))][-4:] == ["marginal"] * 4
    first = said(to_time(found))
    assert ("wine", 0, "marginal") in first
    assert ("breast_cancer", 1, "marginal") not in first
    known = blocks(batch, SECONDS)
    assert to_time(known) == []


def test_what_failed_before_comes_last(batch):
    found = blocks(batch, SECONDS)
    first = in_order(found, set())[1]
    order = in_order(found, {first.id})
    assert order[-1].id == first.id
    assert len(order) == len(batch.tasks)


def test_a_cell_that_has_a_split_already_waits_for_those_that_have_none(batch):
    """What is left of wine marginal is its second split, 6 s with the first one."""
    done = {("wine", 0, "marginal"), ("wine", 0, "bootstrap"), ("wine", 1, "bootstrap")}
    left = replace(batch, tasks=[t for t in batch.tasks if said([t])[0] not in done])
    seconds = SECONDS | {("breast_cancer", "bootstrap"): 4.0}
    order = [name for name in said(in_order(blocks(left, seconds), set())) if name[2] != "none"]
    assert order[:2] == [("breast_cancer", 0, "bootstrap"), ("wine", 1, "marginal")]


def test_of_what_was_never_timed_the_smaller_table_comes_first(batch):
    """Whatever the known steps of a cell take: wine has an eighth of the numbers to learn from."""
    unknown = dict.fromkeys(SECONDS, None)
    found = blocks(batch, unknown)
    sizes = {block.cell[0]: block.size for block in found}
    assert sizes == {"wine": 119 * 14, "breast_cancer": 381 * 31}
    dear = [replace(b, seconds=9.0 if b.cell[0] == "wine" else 1.0) for b in found]
    order = [name[0] for name in said(in_order(dear, set()))]
    assert order == sorted(order, reverse=True)


def test_the_removal_of_rows_is_no_baseline(tmp_path):
    """Its pipeline is real, too; all profilers of a split are one cell, real rows before them."""
    given = [
        "experiment=removal_curve", "dataset=wine", "profiler=knn_shapley,random",
        "split.seed=0,1", "predictors=quick", f"paths.outputs={tmp_path}",
    ]  # fmt: skip
    batch = prepare_sweep(given, None, Console(quiet=True)).batch
    tasks = [replace(task, seconds=(0.0,) * len(task.needs)) for task in batch.tasks]
    every = [job for job, _ in batch.jobs.values()]
    found = blocks_of(tasks, ("pipeline", "profiler"), batch.steps, every)
    assert [(len(b.real), len(b.tasks), b.repeat) for b in found] == [(1, 2, 0), (1, 2, 1)]
    order = [(t.job.split.seed, t.job.names["profiler"]) for t in in_order(found, set())]
    assert order == [
        (split, profiler) for split in (0, 1) for profiler in ("none", "knn_shapley", "random")
    ]
