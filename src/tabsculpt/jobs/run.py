"""Runs a job and writes its tables: every outcome is a row, failures too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.sql import without_password
from tabsculpt.engine.runner import Runner, refusals
from tabsculpt.engine.step import Step
from tabsculpt.engine.store import Store
from tabsculpt.engine.writing import writing
from tabsculpt.jobs.collect import RANKING_METRICS, Collector
from tabsculpt.jobs.completion import completion_key
from tabsculpt.jobs.graph import JobGraph, build_graph, data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.records import Outcome
from tabsculpt.jobs.rows import base_row, ended_rows
from tabsculpt.jobs.size import train_size
from tabsculpt.metrics import metrics_for
from tabsculpt.protocols import Ranking
from tabsculpt.results import (
    Row,
    Status,
    joined_experiments,
    status_of,
    write_rows,
    write_table,
)
from tabsculpt.table import Task

OnStep = Callable[[Step[Any], bool], None]
OnStart = Callable[[JobGraph], None]


def run_job(job: Job, dataset: Dataset, on_start: OnStart, on_step: OnStep) -> Outcome:
    """Run a job against its store and write its rows.

    Args:
        job: what is to be done.
        dataset: the job's data set, loaded.
        on_start: called once with the steps.
        on_step: called as steps begin and end, see `Runner`.

    Returns:
        The rows, which are also in ``<outputs>/results/<job>.parquet``.

    Raises:
        UserError: the data cannot be split or treated as asked.
        WriteError: the system refuses to write; nothing that was half written is taken for whole.
    """
    runner = Runner(Store(job.outputs / "store"), on_step, train_size(job, dataset))
    graph, base = _begin(job, dataset, runner, on_start)
    return _end(job, dataset, graph, Collector(job, dataset, graph, runner, base).collect())


def record_death(job: Job, dataset: Dataset, status: Status, phase: str, reason: str) -> Outcome:
    """Write the rows of a job whose process died: every row that it would have had, without value.

    Args:
        job: what was to be done.
        dataset: the job's data set, loaded.
        status: timeout, out_of_memory or failed.
        phase: what was going on.
        reason: one line.
    """
    runner = Runner(Store(job.outputs / "store"), lambda _step, _done: None)
    graph, base = _begin(job, dataset, runner, lambda _graph: None)
    base = replace(base, status=status, phase=phase, reason=reason)
    return _end(job, dataset, graph, Outcome(base.job, [*_rows_without_value(base, graph, job)]))


def _begin(job: Job, dataset: Dataset, runner: Runner, on_start: OnStart) -> tuple[JobGraph, Row]:
    """The steps of a job, and what all its rows say.

    Raises:
        UserError: the data cannot be split or treated as asked.
    """
    base = base_row(job, dataset, data_fingerprint(dataset))
    labels = joined_experiments(job.outputs / "results", base.job, [job.experiment])
    with refusals():
        graph = build_graph(job, dataset, runner.result)
    on_start(graph)
    n_train, n_test = (len(runner.result(part)) for part in (graph.train, graph.test))
    return graph, replace(base, experiment=labels, n_train=n_train, n_test=n_test)


def _end(job: Job, dataset: Dataset, graph: JobGraph, outcome: Outcome) -> Outcome:
    """Write what came of a job."""
    outcome = replace(outcome, rows=ended_rows(outcome.rows))
    completion = completion_key(job, dataset, graph.steps().values())
    _write(job, outcome, completion, graph.stored())
    return outcome


def _rows_without_value(base: Row, graph: JobGraph, job: Job) -> Iterator[Row]:
    if isinstance(graph.scored, Ranking):
        for name in RANKING_METRICS:
            yield replace(base, metric=name, direction="max")
        return
    if graph.pipeline_steps is not None:
        yield replace(base, metric="wasserstein", direction="min")
    for evaluation, predictions in graph.scored:
        part = replace(
            base,
            round=evaluation.round,
            proportion=evaluation.proportion,
            sample_seed=evaluation.sample_seed,
        )
        for name in predictions:
            for metric in metrics_for(Task(base.task), job.own_metrics):
                yield replace(part, predictor=name, metric=metric.name, direction=metric.direction)


def _write(job: Job, outcome: Outcome, completion: str, steps: Sequence[str]) -> None:
    """Write a job's tables; its record, which says that they are whole, goes first and comes last.

    So a job that is killed in between counts as not finished, whatever was there before.
    """
    record = job.outputs / "jobs" / f"{outcome.job}.parquet"
    with writing(record):
        record.unlink(missing_ok=True)
    write_rows(outcome.rows, job.outputs / "results")
    beside = {
        "quality": outcome.quality,
        "rounds": outcome.log,
        "distributions": outcome.distributions,
        "images": outcome.images,
        "texts": outcome.texts,
    }
    for table, records in beside.items():
        path = job.outputs / table / record.name
        if records:
            write_table(records, path)
        else:
            with writing(path):
                path.unlink(missing_ok=True)
    for key, records in outcome.profiles.items():
        if not (path := job.outputs / "profiles" / f"{key}.parquet").exists():
            write_table(records, path)  # the same for every job that shares the profile
    write_table([_job_record(job, outcome, completion, steps)], record)


def _job_record(
    job: Job, outcome: Outcome, completion: str, steps: Sequence[str]
) -> dict[str, Any]:
    first = outcome.rows[0]
    status, reason = status_of(outcome.rows)
    return {
        "job": outcome.job,
        **{group: job.names[group] for group in sorted(job.names)},
        "dataset": first.dataset,
        "seed": job.seed,
        "split_seed": job.split.seed,
        "fold": job.split.fold,
        "rows": len(outcome.rows),
        "not_ok": sum(row.status != Status.OK for row in outcome.rows),
        "status": str(status),
        "reason": reason,
        "completion": completion,
        "settings": json.dumps(job.settings(), sort_keys=True),
        "typed": json.dumps([without_password(word) for word in job.typed]),
        "steps": json.dumps(steps),
        "started": first.started,
        "ended": first.ended,
    }
