"""Cells of the arms that a paper compares, and our levels in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.columns import GROUP
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pooled import pooled_level
from tabsculpt.papers.arms import with_arms
from tabsculpt.papers.source import Paper


@dataclass(frozen=True, eq=False)
class Group:
    """Cells that differ in the step of their protocol alone.

    Attributes:
        names: what they hold fixed, by the names of `columns.GROUP`.
        cells: of one metric.
    """

    names: dict[str, Any]
    cells: list[Cell]


def level_table(paper: Paper, rows: pd.DataFrame) -> pd.DataFrame:
    """Our levels: a row per metric, group of cells, step and arm, with their interval.

    Returns:
        Columns ``metric``, ``data``, ``other``, ``step``, ``arm``, ``mean``, ``low``, ``high``,
        ``splits``.
    """
    if rows.empty:
        return pd.DataFrame()
    named = with_arms(rows, paper.arms)
    records = []
    for metric in paper.metrics:
        for group in groups(named, metric):
            for cell in group.cells:
                records += [{"metric": metric, **where(group), "step": _step(cell), **one}
                            for one in _levels(cell)]  # fmt: skip
    return pd.DataFrame(records)


def groups(rows: pd.DataFrame, metric: str) -> list[Group]:
    """The cells of a metric, those together that differ in their step alone."""
    mine = rows[rows.metric == metric]
    if mine.empty:
        return []
    cells = list(Measurements.of(mine).cells(metric))

    def same(cell: Cell) -> tuple[str, ...]:
        return tuple(str(cell.names.get(name)) for name in GROUP)

    return [
        Group({name: kept[0].names.get(name) for name in GROUP}, kept)
        for _, its in groupby(sorted(cells, key=same), key=same)
        for kept in [list(its)]
    ]


def where(group: Group) -> dict[str, str]:
    """The data set of a group and what else it holds fixed, in words."""
    names = group.names
    generator = "" if names["generator"] in ("", "none", "any") else str(names["generator"])
    rare = [t for t in str(names["evaluation"]).split(", ") if t.startswith("minority=")]
    settings = str(names["protocol_settings"])
    return {
        "data": str(names["dataset"]),
        "other": " ".join(filter(None, [generator, *rare, settings])),
    }


def _step(cell: Cell) -> str:
    proportion = cell.names.get("proportion")
    return "" if proportion is None or pd.isna(proportion) else f"proportion={proportion:g}"


def _levels(cell: Cell) -> Iterator[dict[str, Any]]:
    for arm in cell.arms:
        found = pooled_level([cell], arm)
        if found is not None:
            over = found.over
            yield {"arm": arm, "mean": over.mean, "low": over.low, "high": over.high,
                   "splits": over.splits}  # fmt: skip
