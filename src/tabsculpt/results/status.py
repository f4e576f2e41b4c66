"""How a row, and so a job, ended: what "ok" means, and which of several endings is the gravest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tabsculpt.results.row import Row, Status

if TYPE_CHECKING:
    import pandas as pd


GRAVEST = (Status.OUT_OF_MEMORY, Status.TIMEOUT, Status.FAILED, Status.SKIPPED)


def status_of(rows: Iterable[Row]) -> tuple[Status, str | None]:
    """How a job ended: the gravest status of its rows, and the reason of the first such row."""
    bad = {row.status: row for row in reversed(list(rows)) if not is_well(row)}
    for status in GRAVEST:
        if status in bad:
            return status, bad[status].reason
    return Status.OK, None


def is_well(row: Row) -> bool:
    """Whether a row is what was asked for: ok, or a later round of a protocol that ran out of rows.

    Later rounds end so as a rule; a first round that could not be made is no such case.
    """
    return row.status == Status.OK or (row.status == Status.SKIPPED and bool(row.round))


def not_ok(rows: pd.DataFrame) -> pd.Series:
    """Which result rows have another status than ok, shape (n,)."""
    return rows["status"] != str(Status.OK)
