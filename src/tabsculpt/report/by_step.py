"""The table of protocols with several steps: by proportion of synthetic rows, or by round."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.table import Table as RichTable

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.columns import arms_in_order
from tabsculpt.analysis.levels import level
from tabsculpt.report.numbers import levels

WORDS = {
    "proportion": "proportion: synthetic rows added, as a share of the real ones",
    "round": "round: times that the hard synthetic rows were dropped again",
}


def step_table(cells: Sequence[Cell], rows: pd.DataFrame) -> RichTable | None:
    """The headline metric by arm and step.

    Args:
        cells: those of one group, see `Measurements.side_by_side`.
        rows: all measurements of the group.

    Returns:
        A table; None where nothing is done in steps.
    """
    step = "round" if any(pd.notna(cell.names["round"]) for cell in cells) else "proportion"
    by_step: dict[float, list[Cell]] = {}
    for cell in cells:
        if pd.notna(cell.names[step]):
            by_step.setdefault(cell.names[step], []).append(cell)
    if not by_step:
        return None
    steps = sorted(by_step)
    table = RichTable(title=f"{cells[0].names['metric']} by {step}", title_justify="left")
    table.add_column("pipeline", no_wrap=True)
    for value in steps:
        table.add_column(f"{value:g}", justify="right", no_wrap=True)
    for arm in arms_in_order(arm for cell in cells for arm in cell.arms):
        table.add_row(arm, *levels([level(by_step[value], arm) for value in steps]))
    seeds = rows.sample_seed.dropna().nunique()
    caption_parts = [
        f"mean over predictors and {seeds} sampling seeds ± standard deviation (n - 1) over "
        "predictors"
    ]
    table.caption = "; ".join(
        [*caption_parts, WORDS[step], *(_stops(rows) if step == "round" else ())]
    )
    table.caption_justify = "left"
    return table


def _stops(rows: pd.DataFrame) -> list[str]:
    rounds = rows[rows.metric == "rounds"]
    return [f"{r.arm} stopped after {r.value:.0f}: {r.reason}" for r in rounds.itertuples()]
