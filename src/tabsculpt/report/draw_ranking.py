"""Figures of protocols that compare profilers: planted hard rows, and removal of the hardest."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tabsculpt.report.by_step import HEADLINE
from tabsculpt.report.figure import Axis, Figure, Points, Rule
from tabsculpt.report.removal import changes
from tabsculpt.stats.cells import SAME
from tabsculpt.table import Task


def rankings(rows: pd.DataFrame) -> Iterator[Figure]:
    """How well each profiler finds rows that were made hard, by share of such rows."""
    ranked = rows[(rows.protocol == "hardness") & (rows.metric == "auprc")]
    keys = ["dataset", "protocol_settings", "evaluation", "proportion"]
    for (dataset, settings, _, share), cell in ranked.groupby(keys, sort=False):
        yield _figure(
            "ranking",
            "Planted hard rows found",
            {"dataset": str(dataset), "perturbation": str(settings), "share": f"{share:g}"},
            Axis("AUPRC, planted rows as positive (higher is better)", span=(0.0, 1.0)),
            cell.assign(shown=cell.value),
            Rule("x", float(share), "no skill"),
        )


def removals(rows: pd.DataFrame) -> Iterator[Figure]:
    """What the hardest rows are worth: the change of the headline metric without them."""
    removed = rows[rows.protocol == "removal"]
    for keys, cell in removed.groupby(SAME, sort=False):
        metric = HEADLINE[Task(cell.task.iloc[0])]
        alike = (rows[SAME] == list(keys)).all(axis=1) & (rows.metric == metric)
        changed = changes(rows[alike & (rows.pipeline == "real")], cell[cell.metric == metric])
        unit = "RMSE, unit of the target" if metric == "rmse" else "AUC"
        for share, mine in changed.groupby("proportion"):
            yield _figure(
                "removal",
                "Change without the hardest rows",
                {"dataset": str(keys[0]), "removed": f"{share:g}"},
                Axis(f"change of {unit} against all real rows"),
                mine.assign(shown=mine.change),
                Rule("x", 0.0, "all real rows"),
            )


def _figure(
    block: str, title: str, where: dict[str, str], axis: Axis, cell: pd.DataFrame, rule: Rule
) -> Figure:
    """A mark per profiler for the column ``shown`` of a cell, the greatest at the top."""
    names = (cell.profiler + " " + cell.profiler_settings).str.strip()
    means = cell.groupby(names).shown.agg(["mean", "min", "max"]).sort_values("mean")[::-1]
    profilers = list(map(str, means.index))
    ran = int(cell.shown.notna().sum())
    runs = ["seed", "split_seed", "fold", "predictor"]
    expected = len(profilers) * len(cell[runs].drop_duplicates())
    spans = (means["min"].tolist(), means["max"].tolist())
    return Figure(
        block,
        title,
        where,
        axis,
        Axis("profiler", "category", tuple(profilers)),
        (Points("profiler", means["mean"].tolist(), profilers, *spans), rule),
        "Marks are means over seeds, splits and predictors, lines from the least to the greatest; "
        f"dashed: {rule.label}. {ran} values ran, {len(cell) - ran} failed, "
        f"{max(0, expected - len(cell))} absent.",
    )
