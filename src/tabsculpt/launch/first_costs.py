"""What components may cost of which nothing was done here yet, and which can say so themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tabsculpt.jobs.job import Job
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
        rows, columns = len(dataset.table), len(dataset.table.schema.columns)
        train = job.split.n_train or round(rows * (1 - job.split.test_size))
        for what, name, part in _parts(job):
            asked = train if what == "generator" else rows - train
            seconds = part.expected_seconds(train, asked, columns)  # type: ignore[attr-defined]
            words = f"{train:,} train rows, {asked:,} more, {columns:,} columns"
            if unknown[KINDS[what]]:
                most[what, name] = max(most.get((what, name), (0.0, "")), (seconds, words))
    return [
        f"{name} ({what}): about {duration(seconds)} of CPU time each time it is asked, at most "
        f"({words}); measured on another machine, as none was done here yet"
        for (what, name), (seconds, words) in most.items()
    ]


def _parts(job: Job) -> Iterator[tuple[str, str, object]]:
    named: list[tuple[str, str, object]] = [
        ("predictor", name, part) for name, part in job.suite.items()
    ]
    if job.generator is not None:
        named.append(("generator", job.names["generator"], job.generator))
    yield from (each for each in named if hasattr(each[2], "expected_seconds"))
