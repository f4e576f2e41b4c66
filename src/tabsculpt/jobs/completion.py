"""Whether a job's results are there already, and still what the job would give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.engine.fingerprints import code_fingerprint
from tabsculpt.engine.identity import code_behind, describe, hashed
from tabsculpt.engine.step import Step
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.rows import base_row
from tabsculpt.results import Status, as_record

ROWS_CODE = "tabsculpt.jobs.collect"
"""The module that makes rows of the results of steps."""


class Retry(StrEnum):
    """Which finished jobs that did not end well are run again."""

    FAILED = "failed"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Finished:
    """What the table of jobs says of one that was run before.

    Attributes:
        completion: see `completion_key`.
        status: see `tabsculpt.results.status_of`.
        reason: of the rows with that status, None where all is well.
    """

    completion: str
    status: Status
    reason: str | None

    def again(self, retry: Retry) -> bool:
        """Whether the job is to be run again; one that was skipped would be skipped again."""
        kept = {
            Retry.FAILED: (Status.OK, Status.SKIPPED),
            Retry.ALL: (Status.OK,),
            Retry.NONE: tuple(Status),
        }
        return self.status not in kept[retry]


def completion_key(job: Job, dataset: Dataset, steps: Iterable[Step[Any]]) -> str:
    """A hash of all that determines a job's rows.

    Settings and data; what every row says; the steps, whose keys hold the code and libraries
    behind them; and the code that makes rows of their results. How the job is scheduled is no
    part of it.
    """
    data = data_fingerprint(dataset)
    fields = as_record(base_row(job, dataset, data))
    return hashed(
        [
            job.settings(),
            {name: value for name, value in fields.items() if name != "started"},
            sorted(step.key for step in steps),
            {name: [describe(m), code_behind(m)] for name, m in job.own_metrics.items()},
            [describe(subgroup) for subgroup in job.subgroups],
            code_fingerprint(ROWS_CODE),
        ]
    )


def read_finished(outputs: Path, job: str) -> Finished | None:
    """What is known of a job whose results are whole; None where it was never finished."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, names = outputs / "jobs" / f"{job}.parquet", ["completion", "status", "reason", "rows"]
    if not path.exists():  # of most jobs of a new grid; to be refused by a reader takes longer
        return None
    try:
        rows = pq.read_metadata(outputs / "results" / path.name).num_rows
        table = pq.read_table(path, columns=names, partitioning=None)
    except (OSError, pa.ArrowException):
        return None  # none, damaged, or of a version that did not say
    if table.num_rows != 1 or table.num_columns != len(names):
        return None
    [record] = table.to_pylist()
    if record["rows"] != rows:
        return None
    return Finished(record["completion"], Status(record["status"]), record["reason"])
