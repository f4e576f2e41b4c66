"""Subgroups of the test rows: what each arm reaches in each level, and the gaps between levels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CELL, HEADLINE
from tabsculpt.analysis.levels import level
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import comparison
from tabsculpt.results import SUBGROUP

RATES = ("tpr", "fpr")
GAPS = {"tpr_gap": "tpr_gap", "fpr_gap": "fpr_gap", "odds_gap": "equalised_odds_gap"}
"""Columns of the table of gaps, and the metrics behind them."""


def level_table(found: Measurements) -> pd.DataFrame:
    """What each arm reaches in each level of each column that was named as a subgroup.

    Args:
        found: measurements, those of subgroups among them.

    Returns:
        A row per cell, arm, column and level: the columns of `columns.CELL`, ``arm``, ``column``,
        ``level``; ``rows``, the mean number of test rows of a split, and ``least`` of them;
        ``metric``, by which the task is judged, its ``mean`` over the units that have one, ``n`` of
        them of ``of``; the difference from real rows with its interval and ``verdict`` as
        `tabsculpt.analysis.comparisons.compare` has them; for two classes ``tpr`` and ``fpr``.
    """
    counts = _counts(found.rows)
    records = []
    for name in _names(found, "="):
        rates = {rate: _by_key(found, f"{rate}{SUBGROUP}{name}") for rate in RATES}
        for cell in _headline(found, name):
            rows = counts[(counts.dataset == cell.names["dataset"]) & (counts.name == name)]
            numbers = rows[rows.job.isin(cell.of.rows.job)].value
            base = {"rows": numbers.mean(), "least": numbers.min()}
            for arm in cell.arms:
                known = {rate: _mean(cells.get(_key(cell)), arm) for rate, cells in rates.items()}
                records.append(_record(cell, arm, name) | base | _against_real(cell, arm) | known)
    return pd.DataFrame(records)


def gap_table(found: Measurements, levels: pd.DataFrame) -> pd.DataFrame:
    """The gaps between the levels of each column, and the level where an arm is worst.

    Args:
        found: as for `level_table`.
        levels: what that gives.

    Returns:
        A row per cell, arm and column: the columns of `columns.CELL`, ``arm``, ``column``,
        ``metric``; means over the units of ``gap`` (of the metric by which the task is judged),
        ``tpr_gap``, ``fpr_gap`` and ``odds_gap``; ``worst``, the level of the worst mean, and
        ``worst_mean``; ``unscored``, levels without a value. A gap is at least 0, so that noise
        alone gives one: `level_table` says how many rows are behind it.
    """
    records = []
    for name in _names(found, None):
        gaps = {c: _by_key(found, f"{metric}{SUBGROUP}{name}") for c, metric in GAPS.items()}
        for cell in _headline(found, name, "_gap"):
            for arm in cell.arms:
                known = {c: _mean(cells.get(_key(cell)), arm) for c, cells in gaps.items()}
                record = _record(cell, arm, name) | {"gap": level([cell], arm, False).mean}
                records.append(record | known | _worst(levels, record))
    return pd.DataFrame(records)


@dataclass(frozen=True)
class _Named:
    column: str
    level: str


def _named(name: str) -> _Named:
    column, _, of = name.partition("=")
    return _Named(column, of)


def _names(found: Measurements, separator: str | None) -> list[str]:
    """COLUMN=LEVEL of every level, or COLUMN of every column, in the order of the rows."""
    metrics = pd.Series(found.rows.metric.dropna().unique())
    after = metrics[metrics.str.contains(SUBGROUP, regex=False)].str.split(SUBGROUP, n=1).str[1]
    names = [name for name in after.unique() if ("=" in name) == (separator is not None)]
    return sorted(names, key=_order)


def _order(name: str) -> tuple[str, int, float, str]:
    """Columns by name; bands and numbers from the lowest, rows without a value last."""
    of = _named(name)
    start = re.match(r"-?[\d.]+(e[+-]?\d+)?", of.level)
    last = of.level == "missing"
    first = of.level.startswith("below ")
    return of.column, 2 * last - first, float(start[0]) if start else 0.0, of.level


def _headline(found: Measurements, name: str, of: str = "") -> Iterator[Cell]:
    for task in found.rows.task.unique():
        metric = f"{HEADLINE[task]}{of}{SUBGROUP}{name}"
        yield from (cell for cell in found.cells(metric) if cell.names["task"] == task)


def _by_key(found: Measurements, metric: str) -> dict[tuple[Any, ...], Cell]:
    return {_key(cell): cell for cell in found.cells(metric)}


def _key(cell: Cell) -> tuple[Any, ...]:
    return tuple(str(cell.names[name]) for name in CELL)


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    start = f"rows{SUBGROUP}"
    counts = rows[rows.metric.fillna("").str.startswith(start)]
    return counts.assign(name=counts.metric.str.removeprefix(start))


def _mean(cell: Cell | None, arm: str) -> float:
    if cell is None or arm not in cell.arms:
        return float("nan")
    return level([cell], arm, shared=False).mean


def _record(cell: Cell, arm: str, name: str) -> dict[str, Any]:
    of, metric = _named(name), HEADLINE[cell.names["task"]]
    held = {column: cell.names[column] for column in CELL}
    fields = {"arm": arm, "column": of.column, "level": of.level, "metric": metric}
    fields |= {"direction": cell.direction}
    jobs = ",".join(cell.of.rows.job.iloc[cell.own(arm)].unique())
    return {**held, **fields, "jobs": jobs}


def _against_real(cell: Cell, arm: str) -> dict[str, Any]:
    found = level([cell], arm, shared=False)
    known: dict[str, Any] = {"mean": found.mean, "n": found.n, "of": found.of}
    known |= dict.fromkeys(("difference", "low", "high"), float("nan")) | {"verdict": ""}
    if arm == REAL or REAL not in cell.arms:
        return known
    pair = comparison(cell, arm, REAL).found
    if pair is None:
        return known
    over = pair.over
    return known | {"difference": over.mean, "low": over.low, "high": over.high,
                    "verdict": pair.words}  # fmt: skip


def _worst(levels: pd.DataFrame, record: dict[str, Any]) -> dict[str, Any]:
    mine = levels
    for name in (*CELL, "arm", "column"):
        mine = mine[mine[name].astype(str) == str(record[name])]
    known = mine[mine["mean"].notna()]
    unscored = ", ".join(mine[mine["mean"].isna()].level)
    if len(known) < 2:
        return {"worst": "", "worst_mean": float("nan"), "unscored": unscored}
    errors = known.direction.iloc[0] == "min"
    at = known["mean"].idxmax() if errors else known["mean"].idxmin()
    worst = {"worst": known.level[at], "worst_mean": known["mean"][at]}
    return {**worst, "unscored": unscored}
