"""Measurements that compare profilers: planted hard rows, and removal of the hardest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import CONTEXT, HEADLINE, RUN
from tabsculpt.analysis.measurements import Measurements

SAME = (*CONTEXT, "protocol_settings")
"""What profilers must share to be compared."""


def planted(found: Measurements) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Scores of profilers at finding rows that were made hard.

    Yields:
        What the profilers share; the rows with ``named``, the profiler with its settings.
    """
    yield from _grouped(found.rows[found.rows.protocol == "hardness"])


def removed(found: Measurements) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Scores of the headline metric without the hardest rows, by what the profilers share.

    Yields:
        What is held fixed, and ``metric``; the rows with ``named``, the profiler with its settings,
        ``value_real``, that of the baseline of the same run, and ``change`` against it.
    """
    rows = found.rows[found.rows.metric == found.rows.task.map(HEADLINE)]
    real = rows[rows.pipeline == REAL]
    keys = [*CONTEXT, *RUN, "predictor"]
    for names, group in _grouped(rows[rows.protocol == "removal"]):
        merged = group.merge(real[[*keys, "value"]], on=keys, how="left", suffixes=("", "_real"))
        metric = HEADLINE[names["task"]]
        yield {**names, "metric": metric}, merged.assign(change=merged.value - merged.value_real)


def _grouped(rows: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    named = (rows.profiler + " " + rows.profiler_settings).str.strip()
    for keys, group in rows.assign(named=named).groupby(list(SAME), sort=False):
        yield dict(zip(SAME, keys, strict=True)), group
