"""Measurements turned into a table of means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import CELL, ORDER, STEP, UNIT
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import mean
from tabsculpt.errors import UserError, unknown

ACROSS = "pipeline"
PAIRED = {*CELL, *UNIT, "metric"}
WITH_DATASET = ("data", "task")
"""What differs with the data set, which is named itself."""


@dataclass(frozen=True, eq=False)
class Pivot:
    """Means by some columns.

    Attributes:
        table: a row per combination of the others, the values of the last column across.
        metrics: what is averaged.
        n: measurements; ``without``: how many of them have no value.
        caption: what the reader must know of the units behind the means; empty where nothing.
    """

    table: pd.DataFrame
    metrics: list[str]
    n: int
    without: int
    caption: str


def pivot(rows: pd.DataFrame, columns: Sequence[str]) -> Pivot:
    """Mean values by some columns of the results, the last of them across.

    Pipelines across are set side by side as in a comparison: the real baseline stands beside each
    generator and protocol, and means are over the units that all pipelines of a row have.

    Args:
        rows: result rows.
        columns: two or more of their columns; what they leave open is averaged over, but never
            different metrics.

    Raises:
        UserError: no such column, fewer than two, or rows of several metrics.
    """
    names = _names(rows, columns)
    found = Measurements.of(rows)
    metrics = sorted(found.rows.metric.dropna().unique())
    if len(metrics) > 1 and "metric" not in names:
        raise UserError(
            f"the rows are of {len(metrics)} metrics; name one, as in metric={metrics[0]}, or "
            f"have metric among the columns of --pivot. Metrics: {', '.join(metrics)}"
        )
    if names[-1] == ACROSS and set(names[:-1]) <= PAIRED and len(found.scored) == len(found.rows):
        table, caption = _side_by_side(found, names)
    else:
        table, caption = _plain(found.rows, names)
    without = int(found.rows.value.isna().sum())
    caption = "; ".join(filter(None, [_over(found.rows, names), caption]))
    return Pivot(table, metrics, len(found.rows), without, caption)


def _over(rows: pd.DataFrame, names: list[str]) -> str:
    """What the means are over: the columns that are left open and differ."""
    made = rows[rows.pipeline != REAL]
    made = made if len(made) else rows
    left = {name: made[name].nunique(dropna=False) for name in (*CELL, *UNIT) if name not in names}
    caption = [
        f"{n} levels of {name}" for name, n in left.items() if n > 1 and name not in WITH_DATASET
    ]
    return f"averaged over {', '.join(caption)}" if caption else ""


def _names(rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    names = [name.strip() for name in columns]
    for name in names:
        if name not in rows.columns:
            raise unknown("column", name, rows.columns)
    if len(set(names)) != len(names) or len(names) < 2 or "value" in names:
        raise UserError(
            f"--pivot is {','.join(names)!r}; expected two or more columns, as in "
            "predictor,pipeline, the last of them across"
        )
    return names


def _side_by_side(found: Measurements, names: list[str]) -> tuple[pd.DataFrame, str]:
    down = names[:-1]
    parts = []
    for cell in found.cells():
        values = pd.DataFrame(cell.values, columns=cell.arms)
        values.columns = [arm.split(" ")[0] for arm in cell.arms]
        values = values.T.groupby(level=0, sort=False).mean().T
        units = cell.units([name for name in down if name in UNIT]).reset_index(drop=True)
        held = {name: cell.names[name] for name in down if name in cell.names}
        parts.append(pd.concat([units.assign(**held)[down], values], axis=1))
    if not parts:
        return pd.DataFrame(columns=down), ""
    whole = pd.concat(parts, ignore_index=True)
    arms = sorted((name for name in whole if name not in down), key=_place)
    records, left, unlike = [], 0, False
    for keys, mine in whole.groupby([whole[name].map(_text) for name in down]):
        values = mine[[arm for arm in arms if mine[arm].notna().any()]]
        complete = values.dropna()
        left += (len(values) - len(complete)) if len(complete) else 0
        unlike |= complete.empty and values.shape[1] > 1
        used = complete if len(complete) else values
        means = {arm: mean(used[arm].dropna().to_numpy()) for arm in used}
        records.append({**dict(zip(down, keys, strict=True)), **means})
    caption = [
        f"{left} of {len(whole)} units are left out, as not every pipeline of their row has them"
        if left else "",
        "rows without a unit that all have: means over different units, not to be compared"
        if unlike else "",
    ]  # fmt: skip
    return pd.DataFrame(records, columns=[*down, *arms]), "; ".join(filter(None, caption))


def _plain(rows: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, str]:
    *down, across = names
    keys = rows.assign(**{name: rows[name].map(_text) for name in names})
    if rows.empty:
        return pd.DataFrame(columns=down), ""
    means = keys.groupby(names).value.agg(lambda values: mean(values.dropna().to_numpy()))
    table = means.unstack(across)
    table = table.reindex(columns=sorted(table.columns, key=_place))
    return table.reset_index().rename_axis(columns=None), _unlike(keys, names)


def _unlike(rows: pd.DataFrame, names: list[str]) -> str:
    """Which columns take other values in some of the means of a row than in others."""
    down = names[:-1]
    rows = rows[rows.value.notna()]
    found = []
    for name in ("protocol", *STEP, *UNIT):
        if name not in names:
            levels = rows.groupby(names)[name].agg(lambda of: tuple(sorted(set(map(_text, of)))))
            if (levels.groupby(level=down).nunique() > 1).any():
                found.append(name)
    return f"the means of a row differ in what they are over: {', '.join(found)}" if found else ""


def _text(value: object) -> str:
    """A value that names a group; what does not apply is written as in the names of parts."""
    if value is None or value != value:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _place(name: str) -> tuple[int, float, str]:
    """Pipelines in their order, numbers by size, the rest by name."""
    try:
        number = float(name)
    except ValueError:
        number = float("inf")
    return (ORDER.index(name) if name in ORDER else len(ORDER), number, name)
