"""Prints what is advised: the answer first, then what was tried."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.advice.decide import Decided
from tabsculpt.report.numbers import number


def show(decided: Decided, file: Path | None, seconds: float, console: Console) -> None:
    """Print the recommendation and the ranking.

    Args:
        decided: what was found.
        file: the synthetic rows that were written, or None.
        seconds: that it took.
        console: where to.
    """
    first, *rest = decided.recommendation.words
    console.print(f"[bold]{escape(first)}[/]", soft_wrap=True)
    for sentence in rest:
        console.print(escape(sentence), soft_wrap=True)
    if file is not None:
        console.print(f"The rows to add are in {escape(str(file))}", soft_wrap=True)
    if decided.recommendation.chosen:
        counts = ", ".join(f"{name} {n}" for name, n in decided.recommendation.chosen.items())
        console.print(f"Chosen on inner splits: {escape(counts)} times.", soft_wrap=True)
    console.print(_ranking(decided))
    console.print(f"took {seconds:.0f} s", highlight=False)


def _ranking(decided: Decided) -> RichTable:
    advice = decided.recommendation
    table = RichTable(title="what was tried, on inner splits", title_justify="left")
    for header in ("generator", "pipeline", "rows added"):
        table.add_column(header)
    for header in (f"gain in {advice.metric}", "95 % interval", "helps", "splits", "seconds"):
        table.add_column(header, justify="right")
    table.add_column("note")
    for row in decided.table.itertuples():
        share = "" if pd.isna(row.proportion) else f"{row.proportion:g} x"
        known = not pd.isna(row.gain)
        ends = f"{number(row.low)} to {number(row.high)}" if known and row.splits >= 3 else ""
        sure = f"{100 * row.probability:.0f} %" if not pd.isna(row.probability) else ""
        table.add_row(
            str(row.generator),
            str(row.pipeline),
            share,
            f"{row.gain:+.3g}" if known else "",
            ends,
            sure,
            f"{row.splits:.0f}" if known else "",
            f"{row.seconds:.1f}" if not pd.isna(row.seconds) else "",
            escape(str(row.note)),
        )
    table.caption = (
        "gain: positive is better than real rows alone, the mean over the predictors; helps: "
        "probability of a gain above the rope; splits: outer splits whose inner rows it was tried "
        "on. These numbers chose, and are flattered by that; the sentences above are not"
    )
    table.caption_justify = "left"
    return table
