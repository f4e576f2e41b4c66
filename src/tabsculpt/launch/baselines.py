"""The real-data baseline of the jobs of a run or a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from tabsculpt.engine.identity import describe, hashed
from tabsculpt.jobs.job import Job


def missing_baselines(jobs: Sequence[Job], compared: Sequence[Job]) -> list[Job]:
    """The jobs on real rows alone that some jobs are to be compared with and that are not there.

    One for each data set, split, seed and suite of predictors among them.

    Args:
        jobs: all that are to be done.
        compared: those of them that are to have a baseline; one without predictors needs none.
    """
    there = {_name(job) for job in jobs}
    added: dict[str, Job] = {}
    for job in compared:
        if job.suite and (name := _name(baseline := job.baseline())) not in there:
            added.setdefault(name, baseline)
    return list(added.values())


def _name(job: Job) -> str:
    return hashed([job.settings(), describe(job.source)])
