"""Where the rows of a job begin, with what they have in common, and where they end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tabsculpt.datasets.notes import as_notes
from tabsculpt.results import Row

if TYPE_CHECKING:
    from tabsculpt.datasets import Dataset
    from tabsculpt.jobs.job import Job


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
        notes=as_notes(dataset.notes),
        versions=json.dumps(job.versions()),
        started=datetime.now(UTC).isoformat(),
    )


def ended_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows of a job that ends now."""
    ended = datetime.now(UTC).isoformat()
    return [replace(row, ended=ended) for row in rows]
