"""Real rows alone against other arms in the scores of predicted classes, over several splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CELL, HEADLINE, SPLIT
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import comparison
from tabsculpt.report.numbers import column
from tabsculpt.table import Task

CLASS_METRICS = (HEADLINE[Task.BINARY], "accuracy", "precision", "recall", "macro_f1")


def classification_scores(found: Measurements) -> pd.DataFrame:
    """AUC, accuracy, and precision, recall and F1 as means over the classes, of arms beside real.

    Args:
        found: measurements.

    Returns:
        A row per cell, arm and metric, of the classifications that were done on several splits and
        whose minority was not cut: the columns of `columns.CELL`, ``arm``, ``metric``, ``real`` and
        ``made`` (means over the units that both have), ``difference`` (made less real) with its
        95 % interval ``low`` to ``high`` and ``p`` over splits and fits, ``verdict`` of the arm in
        words, ``n`` units and ``splits``.
    """
    classes = found.rows.task.ne(Task.REGRESSION) & found.rows.minority.isna()
    if not classes.any():
        return pd.DataFrame()
    records: list[dict[str, Any]] = []
    for metric in CLASS_METRICS:
        for cell in found.cells(metric):
            if classes.iloc[int(cell.at.max())]:
                records += _against_real(cell)
    table = pd.DataFrame(records)
    if table.empty:
        return table
    order = table.metric.map({metric: place for place, metric in enumerate(CLASS_METRICS)})
    first = table.groupby([*CELL, "arm"], sort=False, dropna=False).ngroup()
    return table.assign(first=first, order=order).sort_values(["first", "order"], ignore_index=True)


def classification_tables(found: Measurements) -> Iterator[RichTable]:
    """`classification_scores` as a table per data set, predictors, test rows and device."""
    scores = classification_scores(found)
    if scores.empty:
        return
    same = ["dataset", "data", "predictors", "evaluation", "device"]
    for (dataset, _, predictors, evaluation, _), mine in scores.groupby(same, sort=False):
        splits, pairs = mine.splits.max(), mine.n.max()
        table = RichTable(
            title=f"{escape(str(dataset))}: real rows alone against each pipeline, {splits} splits",
            title_justify="left",
            caption=f"means over predictors ({predictors}) and splits ({escape(evaluation)}), "
            f"{pairs} pairs; precision, recall and macro_f1 are means over the classes; "
            "difference: with its 95 % interval over splits and fits (corrected resampled t-test); "
            f"practically equal: within {100 * ROPE:g} % of real",
            caption_justify="left",
        )
        for name in ("pipeline", "metric"):
            table.add_column(name, no_wrap=True)
        for name in ("real", "pipeline's", "difference"):
            table.add_column(name, no_wrap=True, justify="right")
        table.add_column("the pipeline is")
        last = ""
        for row in mine.itertuples():
            label = _label(row)
            table.add_row("" if label == last else label, *_cells(row))
            last = label
        yield table


def _against_real(cell: Cell) -> Iterator[dict[str, Any]]:
    if REAL not in cell.arms or not set(SPLIT) & set(cell.varying):
        return
    for arm in cell.arms:
        if arm == REAL:
            continue
        pair = comparison(cell, arm, REAL)
        if pair.found is None or pair.found.over.splits < 2:
            continue
        over = pair.found.over
        yield {
            **{name: cell.names[name] for name in (*CELL, "metric")},
            "arm": arm,
            "real": pair.means[1],
            "made": pair.means[0],
            "difference": over.mean,
            "low": over.low,
            "high": over.high,
            "p": over.p,
            "verdict": pair.found.words,
            "n": len(pair.values),
            "splits": over.splits,
        }


def _label(row: Any) -> str:
    parts = [row.generator, row.arm, row.protocol, row.profiler if row.profiler != "none" else ""]
    steps = [f"{row.proportion:g}" if pd.notna(row.proportion) else ""]
    steps += [f"round {row.round:g}" if pd.notna(row.round) else ""]
    return escape(" ".join(str(part) for part in (*parts, *steps) if part))


def _cells(row: Any) -> list[str]:
    means = (row.real, row.made)
    difference, low, high = column((row.difference, row.low, row.high), sign=True, like=means)
    interval = f" ({low} to {high})" if row.splits >= LEAST_SPLITS else ""
    return [row.metric, *column(means), f"{difference}{interval}", row.verdict]
