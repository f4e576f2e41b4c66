"""The tables of the hardness benchmark, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.levels import level_of
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.profilers import planted
from tabsculpt.report.numbers import levels, number


def ranking_tables(found: Measurements) -> Iterator[RichTable]:
    """AUPRC by profiler and share of perturbed rows, a table per data set and perturbation.

    Args:
        found: measurements; those of the protocol "hardness" are shown.

    Yields:
        Tables with the no-skill line first, then profilers from best to worst.
    """
    for names, rows in planted(found):
        shares = sorted(rows.proportion.unique())
        runs = rows.seed.nunique()
        title = f"{names['dataset']}: AUPRC, {names['protocol_settings']}, {names['evaluation']}"
        table = RichTable(title=escape(f"{title}, {runs} runs"), title_justify="left")
        table.add_column("profiler", no_wrap=True)
        for share in shares:
            table.add_column(f"{share:g} perturbed", justify="right", no_wrap=True)
        skill = (f"{number(share)} ({number(1 - share)})" for share in shares)
        table.add_row("(no skill)", *skill)
        ours = rows[rows.metric == "auprc"].groupby("named").value.mean()
        for name in ours.sort_values(ascending=False).index:
            mine = rows[rows.named == name]
            cells = (_cell(mine[mine.proportion == share]) for share in shares)
            table.add_row(escape(str(name)), *cells)
        table.caption = (
            "mean and standard deviation (n - 1) over runs, perturbed rows as positive; in "
            "brackets with the others as positive, as published"
        )
        table.caption_justify = "left"
        yield table


def _cell(rows: pd.DataFrame) -> str:
    ours = level_of(rows[rows.metric == "auprc"].value)
    published = level_of(rows[rows.metric == "auprc_published"].value)
    if not ours.n:
        return "-"
    return f"{levels([ours])[0]} ({number(published.mean)})"
