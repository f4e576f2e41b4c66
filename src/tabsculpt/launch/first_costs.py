"""What components may cost of which nothing was done here yet, and which can say so themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tabsculpt.datasets import Dataset
from tabsculpt.engine.identity import written
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.size import train_rows
from tabsculpt.launch.status import duration
from tabsculpt.launch.work import WorkPlan

KINDS = {"predictor": "TrainAndPredict", "generator": "Sample"}
"""The steps that take the time, by what the component is."""


def first_costs(batch: WorkPlan, unknown: Counter[str]) -> list[str]:
    """A line for each component with a method ``expected_seconds``, where its steps are unknown.

    Args:
        batch: what is left to do.
        unknown: steps of unknown cost, by class; see `tabsculpt.launch.plan.Estimate`.
    """
    most: dict[tuple[str, str], tuple[float, str]] = {}
    for task in batch.tasks:
        job, dataset = batch.jobs[task.id]
        for what, name, part in _parts(job):
            train, asked, columns = sizes = _sizes(what, job, dataset)
            seconds = part.expected_seconds(*sizes)  # type: ignore[attr-defined]
            words = f"{train:,} train rows, {asked:,} more, {columns:,} columns"
            if unknown[KINDS[what]]:
                most[what, name] = max(most.get((what, name), (0.0, "")), (seconds, words))
    return [
        f"{name} ({what}): about {duration(seconds)} of CPU time each time it is asked, at most "
        f"({words}); measured on another machine, as none was done here yet"
        for (what, name), (seconds, words) in most.items()
    ]


def expected(job: Job, dataset: Dataset) -> dict[tuple[str, str], float]:
    """CPU seconds that components which can say so expect to take, each time they are asked.

    Args:
        job: which has them.
        dataset: its data set.

    Returns:
        By the class of the step and the component in it, as in `tabsculpt.launch.work.StepFacts`;
        "" for a generator, as the steps that ask it hold none.
    """
    found: dict[tuple[str, str], float] = {}
    for what, _, part in _parts(job):
        name = "" if what == "generator" else written(part)
        seconds = part.expected_seconds(*_sizes(what, job, dataset))  # type: ignore[attr-defined]
        found[KINDS[what], name] = seconds
    return found


def _sizes(what: str, job: Job, dataset: Dataset) -> tuple[int, int, int]:
    """Rows to learn from, rows that are asked for, and columns."""
    train = train_rows(job, dataset)
    asked = train if what == "generator" else len(dataset.table) - train
    return train, asked, len(dataset.table.schema.columns)


def _parts(job: Job) -> Iterator[tuple[str, str, object]]:
    named: list[tuple[str, str, object]] = [
        ("predictor", name, part) for name, part in job.suite.items()
    ]
    if job.generator is not None:
        named.append(("generator", job.names["generator"], job.generator))
    yield from (each for each in named if hasattr(each[2], "expected_seconds"))
