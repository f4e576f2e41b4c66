"""From the jobs of a grid to what is left to do: distinct jobs, finished ones, missing steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tabsculpt.datasets import Dataset, DatasetSource
from tabsculpt.datasets import load as load_dataset
from tabsculpt.engine.identity import written
from tabsculpt.engine.runner import Runner, refusals
from tabsculpt.engine.step import Step
from tabsculpt.engine.store import Store
from tabsculpt.jobs.completion import Finished, Retry, completion_key, read_finished
from tabsculpt.jobs.graph import data_fingerprint, graph_from_parts, split_parts
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.size import train_size
from tabsculpt.launch.messages import JobTask
from tabsculpt.pipelines.real_rows import is_training
from tabsculpt.table import Table


def can_be_impossible(job: Job) -> bool:
    """Whether a job has a part that not every table is for: real rows as they are have none."""
    return job.generator is not None or is_training(job.pipeline)


class Loaded:
    """Data sets loaded so far; jobs of a sweep mostly share theirs."""

    def __init__(self) -> None:
        self._datasets: dict[str, Dataset] = {}
        self._impossible: dict[tuple[str, ...], str | None] = {}

    def __call__(self, source: DatasetSource) -> Dataset:
        """The data set of a source, read at most once."""
        name = written(source)
        if name not in self._datasets:
            self._datasets[name] = load_dataset(source)
        return self._datasets[name]

    def impossible(self, job: Job) -> str | None:
        """See `Job.impossible`; asked once for the jobs that differ in their seeds alone."""
        if not can_be_impossible(job):
            return None
        named = (job.names["generator"], job.names["pipeline"])
        learners = job.suite.values() if is_training(job.pipeline) else ()
        parts = (job.source, job.generator, job.pipeline, *learners)
        name = (*named, *(written(part) for part in parts if part is not None))
        if name not in self._impossible:
            self._impossible[name] = job.impossible(self(job.source))
        return self._impossible[name]


@dataclass(frozen=True, eq=False)
class StepFacts:
    """What is to be known of a distinct stored step of a batch; alike ones share it.

    Attributes:
        kind: name of its class, which is also that of its folder in the store.
        parts: see `Step.parts`.
        here: whether its result is in the store.
        size: of what the jobs learn from that it is of, see `tabsculpt.jobs.size.train_size`.
    """

    kind: str
    parts: tuple[str, ...]
    here: bool
    size: int


@dataclass
class WorkPlan:
    """What a grid comes down to.

    Attributes:
        cells: jobs asked for, before those that ask for the same were put together.
        tasks: distinct jobs to do.
        finished: distinct jobs that are finished, by id.
        failed: of those to do, ids of those that did not end well before.
        outdated: of those to do, ids of those that ended with other code or libraries.
        titles: of every distinct job, by id, in the order given.
        jobs: every distinct job with its data set, by id.
        experiments: under which each distinct job was asked for, by id.
        impossible: why some jobs cannot work, by title.
        steps: every distinct stored step, by key.
    """

    cells: int
    tasks: list[JobTask] = field(default_factory=list)
    finished: dict[str, Finished] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, tuple[Job, Dataset]] = field(default_factory=dict)
    experiments: dict[str, set[str]] = field(default_factory=dict)
    impossible: dict[str, str] = field(default_factory=dict)
    steps: dict[str, StepFacts] = field(default_factory=dict)


def prepare(
    jobs: Sequence[Job], load: Loaded, retry: Retry = Retry.FAILED, force: bool = False
) -> WorkPlan:
    """Work out what is left to do of a grid; makes the parts of the data, and nothing else.

    Args:
        jobs: of the grid.
        load: gets data sets.
        retry: which finished jobs are run again.
        force: run all again, from the data on.
    """
    batch = WorkPlan(len(jobs))
    parts, missing = _Parts(), _Missing(batch.steps, jobs[0].outputs, force)
    for job in jobs:
        dataset = load(job.source)
        name = job.identity(data_fingerprint(dataset))
        batch.experiments.setdefault(name, set()).update(filter(None, [job.experiment]))
        if name in batch.titles:
            continue
        batch.titles[name] = title(job, dataset)
        batch.jobs[name] = job, dataset
        if (why := load.impossible(job)) is not None:
            batch.impossible[batch.titles[name]] = why
        steps = graph_from_parts(job, dataset.table.schema, *parts(job, dataset)).steps()
        needs = missing(steps, train_size(job, dataset))
        found = None if force else read_finished(job.outputs, name)
        if found and found.completion != completion_key(job, dataset, steps.values()):
            batch.outdated.add(name)
        elif found and not found.again(retry):
            batch.finished[name] = found
            continue
        elif found:
            batch.failed.add(name)
        batch.tasks.append(JobTask(name, batch.titles[name], job, dataset, needs))
    return batch


def title(job: Job, dataset: Dataset) -> str:
    """A job in words."""
    names = [job.names[group] for group in ("generator", "profiler", "pipeline", "protocol")]
    fold = "" if job.split.fold is None else f" fold {job.split.fold}"
    chosen = [name for name in names if name != "none"]
    rows = "" if job.split.n_train is None else f" n_train {job.split.n_train}"
    return " ".join([dataset.name, *chosen, f"seed {job.seed} split {job.split.seed}{fold}{rows}"])


class _Missing:
    """Tells steps without a result, of those that are stored, and enters each that is new."""

    def __init__(self, known: dict[str, StepFacts], outputs: Path, force: bool) -> None:
        self._known, self._force = known, force
        self._holds = Store(outputs / "store").inventory()
        self._facts: dict[tuple[str, tuple[str, ...], bool, int], StepFacts] = {}

    def __call__(self, steps: dict[str, Step[Any]], size: int) -> tuple[str, ...]:
        needs = []
        for key, step in steps.items():
            if not step.stored:
                continue
            if key not in self._known:
                self._known[key] = self._look(step, size)
            if not self._known[key].here:
                needs.append(key)
        return tuple(needs)

    def _look(self, step: Step[Any], size: int) -> StepFacts:
        here = self._holds(step) and not (self._force and step.phase != "data")
        name = (type(step).__name__, step.parts(), here, size)
        if name not in self._facts:
            self._facts[name] = StepFacts(*name)
        return self._facts[name]


class _Parts:
    """The two parts of each data set and split, made and read once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], tuple[Step[Table], Step[Table]]] = {}

    def __call__(self, job: Job, dataset: Dataset) -> tuple[Step[Table], Step[Table]]:
        cut = (job.split, job.minority, job.source.missing)
        key = (job.outputs, data_fingerprint(dataset), *cut)
        if key not in self._found:
            runner = Runner(Store(job.outputs / "store"), lambda _step, _done: None)
            with refusals():
                self._found[key] = split_parts(job, dataset, runner.result)
        return self._found[key]
