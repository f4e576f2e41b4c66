"""The table of protocols with several steps: by proportion of synthetic rows, or by round."""

from __future__ import annotations

import pandas as pd
from rich.table import Table as RichTable

from tabsculpt.table import Task

HEADLINE = {Task.REGRESSION: "rmse", Task.BINARY: "auc_roc", Task.MULTICLASS: "auc_roc"}


def step_table(group: pd.DataFrame) -> RichTable | None:
    """The headline metric by arm and step.

    Args:
        group: result rows of one cell of a grid, with the column ``arm``.

    Returns:
        A table; None where nothing is done in steps.
    """
    made = group[group.pipeline != "real"]
    step = "round" if made["round"].notna().any() else "proportion"
    steps = sorted(made[step].dropna().unique())
    if not steps:
        return None
    metric = HEADLINE[Task(group.task.iloc[0])]
    scored = group[group.metric == metric]
    table = RichTable(title=f"{metric} by {step}", title_justify="left")
    table.add_column("pipeline", no_wrap=True)
    for value in steps:
        table.add_column(f"{value:g}", justify="right", no_wrap=True)
    for arm in scored.arm.unique():
        mine = scored[scored.arm == arm]
        of = [mine if arm == "real" else mine[mine[step] == value] for value in steps]
        table.add_row(arm, *(mean_cell(rows) for rows in of))
    seeds = made.sample_seed.dropna().nunique()
    table.caption = f"mean ± standard deviation over predictors and {seeds} sampling seeds"
    if step == "round":
        table.caption += "; " + "; ".join(_stops(made))
    table.caption_justify = "left"
    return table


def _stops(made: pd.DataFrame) -> list[str]:
    rounds = made[made.metric == "rounds"]
    return [f"{r.arm} stopped after {r.value:.0f}: {r.reason}" for r in rounds.itertuples()]


def mean_cell(rows: pd.DataFrame) -> str:
    """The mean of the values there are and their standard deviation."""
    values = rows.value.dropna()
    if values.empty:
        return "-"
    missing = f" ({len(values)} of {len(rows)})" if len(values) < len(rows) else ""
    digits = 3 if values.abs().max() < 10 else 1
    return f"{values.mean():.{digits}f} ± {values.std(ddof=0):.{digits}f}{missing}"
