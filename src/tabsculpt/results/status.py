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
    """Whether a row is what was asked for: ok, or skipped where that is no failure.

    A later round of a protocol ends so as a rule, where rows run out; a first round that could not
    be made is no such case. A predictor that a pipeline is not for was never begun: its row has no
    phase.
    """
    if row.status == Status.SKIPPED:
        return bool(row.round) or row.phase is None
    return row.status == Status.OK


def not_ok(rows: pd.DataFrame) -> pd.Series:
    """Which result rows have another status than ok, shape (n,)."""
    return rows["status"] != str(Status.OK)
