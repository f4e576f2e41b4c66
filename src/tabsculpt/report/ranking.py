"""The tables of the hardness benchmark, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.table import Table as RichTable


def ranking_tables(rows: pd.DataFrame) -> Iterator[RichTable]:
    """AUPRC by profiler and share of perturbed rows, a table per data set and perturbation.

    Args:
        rows: result rows of the protocol "hardness".

    Yields:
        Tables with the no-skill line first, then profilers from best to worst.
    """
    for keys, cell in rows.groupby(["dataset", "protocol_settings", "evaluation"], sort=False):
        shares = sorted(cell.proportion.unique())
        runs = cell.seed.nunique()
        table = RichTable(
            title=f"{keys[0]}: AUPRC, {', '.join(keys[1:])}, {runs} runs", title_justify="left"
        )
        table.add_column("profiler", no_wrap=True)
        for share in shares:
            table.add_column(f"{share:g} perturbed", justify="right", no_wrap=True)
        table.add_row("(no skill)", *(f"{share:.3f} ({1 - share:.3f})" for share in shares))
        named = (cell.profiler + " " + cell.profiler_settings).str.strip()
        ours = cell[cell.metric == "auprc"].groupby(named).value.mean()
        for name in ours.sort_values(ascending=False).index:
            mine = cell[named == name]
            table.add_row(str(name), *(_cell(mine[mine.proportion == share]) for share in shares))
        table.caption = (
            "mean and standard deviation over runs, perturbed rows as positive; in brackets with "
            "the others as positive, as published"
        )
        table.caption_justify = "left"
        yield table


def _cell(rows: pd.DataFrame) -> str:
    ours = rows[rows.metric == "auprc"].value
    published = rows[rows.metric == "auprc_published"].value
    if ours.notna().sum() == 0:
        return "-"
    return f"{ours.mean():.3f} ± {ours.std(ddof=0):.3f} ({published.mean():.3f})"
