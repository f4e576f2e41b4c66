"""Result rows turned into a table of mean values."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.errors import UserError, unknown
from tabsculpt.report.terminal import ORDER


def pivot(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Mean values by some columns of the results, the last of them across.

    Args:
        rows: result rows.
        columns: two or more of their columns; what they leave open is averaged over, but never
            different metrics.

    Returns:
        A row per combination of the others. A row without value (a failed one) takes no part in
        a mean; a combination without any is empty.

    Raises:
        UserError: no such column, fewer than two, or rows of several metrics.
    """
    names = [name.strip() for name in columns]
    for name in names:
        if name not in rows.columns:
            raise unknown("column", name, rows.columns)
    if len(set(names)) != len(names) or len(names) < 2 or "value" in names:
        raise UserError(
            f"--pivot is {','.join(names)!r}; expected two or more columns, as in "
            "predictor,pipeline, the last of them across"
        )
    metrics = sorted(rows.metric.dropna().unique())
    if len(metrics) > 1 and "metric" not in names:
        raise UserError(
            f"the rows are of {len(metrics)} metrics; name one, as in metric={metrics[0]}, or "
            f"have metric among the columns of --pivot. Metrics: {', '.join(metrics)}"
        )
    *down, across = names
    rows = rows.assign(**{name: rows[name].map(_text) for name in names})
    if rows.empty:
        return pd.DataFrame(columns=down)
    means = rows.groupby(names).value.mean().unstack(across)
    means = means.reindex(columns=sorted(means.columns, key=_place))
    return means.reset_index().rename_axis(columns=None)


def pivot_table(table: pd.DataFrame, rows: pd.DataFrame) -> RichTable:
    """A pivot as a person reads it, with what the means are over."""
    shown = RichTable(caption=_caption(rows), caption_justify="left")
    numbers = set(table.select_dtypes("number"))
    for name in table.columns:
        shown.add_column(escape(str(name)), justify="right" if name in numbers else "left")
    for record in table.itertuples(index=False):
        cells = zip(table.columns, record, strict=True)
        shown.add_row(*(_number(v) if name in numbers else escape(str(v)) for name, v in cells))
    return shown


def _caption(rows: pd.DataFrame) -> str:
    absent = int(rows.value.isna().sum())
    without = f", {absent} of them without a value" if absent else ""
    metrics = ", ".join(sorted(rows.metric.dropna().unique()))
    return f"mean {metrics} over {len(rows)} rows{without}"


def _number(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.4g}"


def _text(value: object) -> str:
    """A value that names a group; what does not apply is said as the names of parts say it."""
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
