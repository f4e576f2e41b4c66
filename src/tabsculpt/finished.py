"""Whether a job's results are there already, and still what the job would give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tabsculpt.code import code_fingerprint
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.notes import said
from tabsculpt.job import Job
from tabsculpt.layout import data_fingerprint
from tabsculpt.results import Row, Status
from tabsculpt.step import Step, hashed

GRAVEST = (Status.OUT_OF_MEMORY, Status.TIMEOUT, Status.FAILED, Status.SKIPPED)
ROWS_CODE = "tabsculpt.execute"


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
        status: see `status_of`.
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

    Settings, data and what is said of them; the steps, whose keys hold the code and libraries
    behind them; and the code that makes rows of their results.
    """
    return hashed(
        [
            job.settings(),
            data_fingerprint(dataset),
            [dataset.name, *said(dataset.notes)],
            sorted(step.key for step in steps),
            job.versions(),
            code_fingerprint(ROWS_CODE),
        ]
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


def read_finished(outputs: Path, job: str) -> Finished | None:
    """What is known of a job whose results are whole; None where it was never finished."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, names = outputs / "jobs" / f"{job}.parquet", ["completion", "status", "reason", "rows"]
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
