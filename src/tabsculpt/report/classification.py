"""Real rows alone against other arms in the scores of predicted classes, over several splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.stats.cells import Cell, cells
from tabsculpt.stats.paired import signed_rank
from tabsculpt.table import Task

METRICS = ("accuracy", "precision", "recall", "macro_f1")
NAMES = ["dataset", "protocol", "generator", "profiler", "proportion", "round"]


def classification_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Accuracy, and precision, recall and F1 as means over the classes, of each arm beside real.

    Args:
        rows: result rows.

    Returns:
        A row per cell, arm and metric, of the classifications that were done on several splits and
        whose minority was not cut: the columns of `NAMES`, ``predictors``, ``arm``, ``metric``,
        ``real`` and ``made`` (means over the pairs), ``difference`` (made less real,
        Hodges-Lehmann) with its 95 % interval ``low`` to ``high``, ``p`` (Wilcoxon
        signed-rank), ``n`` pairs and ``splits``.
    """
    found: list[dict[str, Any]] = []
    classes = rows[(rows.task != str(Task.REGRESSION)) & rows.minority.isna()]
    for metric in METRICS:
        for cell in cells(classes, metric, "complete"):
            found += _against_real(cell)
    table = pd.DataFrame(found)
    if table.empty:
        return table
    order = table.metric.map({metric: place for place, metric in enumerate(METRICS)})
    first = table.groupby([*NAMES, "arm"], sort=False, dropna=False).ngroup()
    return table.assign(first=first, order=order).sort_values(["first", "order"], ignore_index=True)


def classification_tables(rows: pd.DataFrame) -> Iterator[RichTable]:
    """`classification_scores` as a table per data set."""
    scores = classification_scores(rows)
    if scores.empty:
        return
    for (dataset, predictors), mine in scores.groupby(["dataset", "predictors"], sort=False):
        splits, pairs = mine.splits.max(), mine.n.max()
        table = RichTable(
            title=f"{escape(str(dataset))}: real rows alone against each arm, {splits} splits",
            title_justify="left",
            caption=f"means over predictors ({predictors}) and splits, {pairs} pairs; precision, "
            "recall and macro_f1 are means over the classes; difference: Hodges-Lehmann with 95 % "
            "interval of the test; p: Wilcoxon signed-rank, not corrected; splits share rows, so "
            "the intervals are too narrow and p is too low",
            caption_justify="left",
        )
        for name in ("arm", "metric"):
            table.add_column(name, no_wrap=True)
        for name in ("real", "arm's", "difference", "p"):
            table.add_column(name, no_wrap=True, justify="right")
        last = ""
        for row in mine.itertuples():
            label = _label(row)
            table.add_row("" if label == last else label, *_cells(row))
            last = label
        yield table


def _against_real(cell: Cell) -> Iterator[dict[str, Any]]:
    splits = [c for c in ("split_seed", "fold") if c in cell.units]
    if "real" not in cell.values or not splits:
        return
    real = cell.values["real"]
    common = {name: cell.names[name] for name in (*NAMES, "predictors", "metric")}
    common["splits"] = len(cell.values.reset_index()[splits].drop_duplicates())
    for arm in cell.values:
        if arm == "real":
            continue
        made = cell.values[arm]
        pair = signed_rank(made.to_numpy(), real.to_numpy())
        yield {
            **common,
            "arm": arm,
            "real": real.mean(),
            "made": made.mean(),
            "difference": pair.hodges_lehmann,
            "low": pair.low,
            "high": pair.high,
            "p": pair.p,
            "n": len(made),
        }


def _label(row: Any) -> str:
    parts = [row.generator, row.arm, row.protocol, row.profiler if row.profiler != "none" else ""]
    steps = [f"{row.proportion:g}" if pd.notna(row.proportion) else ""]
    steps += [f"round {row.round:g}" if pd.notna(row.round) else ""]
    return escape(" ".join(str(part) for part in (*parts, *steps) if part))


def _cells(row: Any) -> list[str]:
    difference = f"{row.difference:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
    return [row.metric, f"{row.real:.3f}", f"{row.made:.3f}", difference, f"{row.p:.4f}"]
