"""Figures of protocols that compare profilers: planted hard rows, and removal of the hardest."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tabsculpt.analysis.columns import RUN
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.profilers import planted, removed
from tabsculpt.report.figure import Axis, Figure, Points, Rule
from tabsculpt.report.labels import metric_unit


def rankings(found: Measurements) -> Iterator[Figure]:
    """How well each profiler finds rows that were made hard, by share of such rows."""
    for names, rows in planted(found):
        ranked = rows[rows.metric == "auprc"]
        for share, mine in ranked.groupby("proportion", sort=False):
            yield _figure(
                "ranking",
                "Planted hard rows found",
                {
                    **_where(names),
                    "perturbation": names["protocol_settings"],
                    "share": f"{share:g}",
                },
                Axis("AUPRC, planted rows as positive (higher is better)", span=(0.0, 1.0)),
                mine.assign(shown=mine.value),
                Rule("x", float(share), "no skill"),
            )


def removals(found: Measurements) -> Iterator[Figure]:
    """What the hardest rows are worth: the change of the headline metric without them."""
    for names, rows in removed(found):
        for share, mine in rows.groupby("proportion"):
            yield _figure(
                "removal",
                "Change without the hardest rows",
                {**_where(names), "removed": f"{share:g}"},
                Axis(f"change of {metric_unit(names['metric'])} against all real rows"),
                mine.assign(shown=mine.change),
                Rule("x", 0.0, "all real rows"),
            )


def _where(names: dict[str, str]) -> dict[str, str]:
    return {name: names[name] for name in ("dataset", "predictors", "evaluation", "device")}


def _figure(
    block: str, title: str, where: dict[str, str], axis: Axis, cell: pd.DataFrame, rule: Rule
) -> Figure:
    """A mark per profiler for the column ``shown`` of a cell, the greatest at the top."""
    means = cell.groupby("named").shown.agg(["mean", "min", "max"]).sort_values("mean")[::-1]
    profilers = list(map(str, means.index))
    ran = int(cell.shown.notna().sum())
    expected = len(profilers) * len(cell[[*RUN, "predictor"]].drop_duplicates())
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
