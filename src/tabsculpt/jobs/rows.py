"""What every row of a job says, and how a job ended by its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tabsculpt.datasets.notes import said
from tabsculpt.results import Row, Status

if TYPE_CHECKING:
    from tabsculpt.datasets import Dataset
    from tabsculpt.jobs.job import Job

GRAVEST = (Status.OUT_OF_MEMORY, Status.TIMEOUT, Status.FAILED, Status.SKIPPED)


def base_row(job: Job, dataset: Dataset, data: str) -> Row:
    """What all rows of a job have in common.

    Args:
        job: what is to be done.
        dataset: the job's data set, loaded.
        data: its fingerprint.
    """
    return Row(
        job=job.identity(data),
        dataset=dataset.name,
        task=dataset.table.schema.task,
        split_seed=job.split.seed,
        fold=job.split.fold,
        minority=job.minority,
        profiler=job.names["profiler"],
        generator=job.names["generator"],
        pipeline=job.names["pipeline"],
        protocol=job.names["protocol"],
        predictors=job.names["predictors"],
        evaluation=job.evaluation(),
        profiler_settings=job.changed("profiler"),
        generator_settings=job.changed("generator"),
        pipeline_settings=job.changed("pipeline"),
        protocol_settings=job.changed("protocol"),
        seed=job.seed,
        device=job.device,
        threshold=job.threshold,
        proportion=getattr(job.protocol, "proportion", None),
        data=data,
        notes="; ".join(said(dataset.notes)),
        versions=json.dumps(job.versions()),
        started=datetime.now(UTC).isoformat(),
    )


def status_of(rows: Iterable[Row]) -> tuple[Status, str | None]:
    """How a job ended: the gravest status of its rows, and the reason of the first such row.

    Later rounds of a protocol may run out of rows, as is their way: that is well.
    """
    bad = {row.status: row for row in reversed(list(rows)) if not is_well(row)}
    for status in GRAVEST:
        if status in bad:
            return status, bad[status].reason
    return Status.OK, None


def is_well(row: Row) -> bool:
    """Whether a row is what was asked for."""
    return row.status == Status.OK or (row.status == Status.SKIPPED and bool(row.round))
