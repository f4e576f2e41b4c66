"""The tables of a label-flip search, on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table as RichTable

from tabsculpt.analysis.levels import level_of
from tabsculpt.report.numbers import column, number

SHADES = ((0.6, "on green4"), (0.4, "on dark_green"), (0.2, "on grey30"), (0.0, ""))


def show_selection(cells: pd.DataFrame, console: Console) -> None:
    """Print F1 by profiler and threshold with its spread, and by threshold and flip rate.

    Args:
        cells: see `tabsculpt.profilers.selection.search_cells`.
        console: where to.
    """
    planted = cells[cells.flip_rate > 0]
    console.print(_by_threshold(planted, cells))
    for profiler, mine in planted.groupby("profiler", sort=False):
        console.print(_heat_map(str(profiler), mine))


def _by_threshold(planted: pd.DataFrame, cells: pd.DataFrame) -> RichTable:
    table = RichTable(title="F1 of the hard rows against the flipped ones", title_justify="left")
    for header in ("profiler", "threshold", "F1", "spread", "precision", "recall", "false alarms"):
        table.add_column(header, justify="left" if header == "profiler" else "right")
    clean = cells[cells.flip_rate == 0].groupby(["profiler", "threshold"]).false_alarms.mean()
    for keys, mine in planted.groupby(["profiler", "threshold"], sort=False):
        profiler, threshold = keys
        alarms = number(clean[keys]) if keys in clean else "-"
        f1 = level_of(mine.f1)
        shown = [number(level_of(mine[name]).mean) for name in ("precision", "recall")]
        [mean], [spread] = column([f1.mean]), column([f1.deviation], like=[f1.mean])
        table.add_row(str(profiler), f"{threshold:g}", mean, spread, *shown, alarms)
    floor = (2 * planted.n_flipped / (planted.n_flipped + planted.n)).mean()
    table.caption = (
        "mean and standard deviation (n - 1) over flip rates above 0 and repeats; false alarms: "
        "share of the rows called hard at flip rate 0; calling every row hard has F1 "
        f"{number(floor)}"
    )
    table.caption_justify = "left"
    return table


def _heat_map(profiler: str, cells: pd.DataFrame) -> RichTable:
    f1 = cells.pivot_table(index="flip_rate", columns="threshold", values="f1")
    table = RichTable(title=f"{profiler}: F1 by flip rate (down) and threshold (across)")
    table.add_column("")
    for threshold in f1.columns:
        table.add_column(f"{threshold:g}", justify="right")
    for rate, values in f1.iterrows():
        table.add_row(f"{rate:g}", *(_shaded(value) for value in values))
    return table


def _shaded(value: float) -> str:
    shade = next(style for limit, style in SHADES if value >= limit)
    return f"[{shade}]{value:.2f}[/]" if shade else f"{value:.2f}"
