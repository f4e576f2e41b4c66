"""The tables of the removal curves, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.table import Table as RichTable

from tabsculpt.report.by_step import HEADLINE
from tabsculpt.stats.cells import SAME
from tabsculpt.table import Task

RUN = ["split_seed", "fold", "seed", "predictor"]
"""What a score and the baseline that it is compared with share."""


def removal_tables(rows: pd.DataFrame) -> Iterator[RichTable]:
    """The change of the headline metric by profiler and share of rows taken away.

    Args:
        rows: result rows; those of the protocol "removal", and the real baseline of each.

    Yields:
        A table per data set; the profiler whose hardest rows are missed most comes first.
    """
    removed = rows[rows.protocol == "removal"]
    for keys, cell in removed.groupby(SAME, sort=False):
        metric = HEADLINE[Task(cell.task.iloc[0])]
        same = (rows[SAME] == list(keys)).all(axis=1) & (rows.metric == metric)
        changed = changes(rows[same & (rows.pipeline == "real")], cell[cell.metric == metric])
        shares = sorted(cell.proportion.unique())
        title = f"{keys[0]}: change of {metric} without the hardest rows"
        table = RichTable(title=title, title_justify="left")
        table.add_column("profiler", no_wrap=True)
        for share in shares:
            table.add_column(f"{share:g} less", justify="right", no_wrap=True)
        ascending = metric != "rmse"
        means = changed.groupby("named").change.mean().sort_values(ascending=ascending)
        for name in means.index:
            mine = changed[changed.named == name]
            table.add_row(name, *(_cell(mine[mine.proportion == share]) for share in shares))
        table.caption = (
            "mean change against all real rows, with its 95 % interval over splits, seeds and "
            "trainings (Student's t; they share test rows, so that it says nothing of other data)"
        )
        table.caption_justify = "left"
        yield table


def changes(real: pd.DataFrame, removed: pd.DataFrame) -> pd.DataFrame:
    """The rows of the protocol, with ``change`` against the baseline of the same run."""
    named = (removed.profiler + " " + removed.profiler_settings).str.strip()
    keyed = removed.assign(named=named)
    merged = keyed.merge(real[[*RUN, "value"]], on=RUN, how="left", suffixes=("", "_real"))
    return merged.assign(change=merged.value - merged.value_real)


def _cell(rows: pd.DataFrame) -> str:
    from scipy.stats import t

    values = rows.change.dropna()
    n = len(values)
    if not n:
        return "-"
    mean = float(values.mean())
    if n == 1:
        return f"{mean:+.4f}"
    reach = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / n**0.5)
    missing = f" ({n} of {len(rows)})" if n < len(rows) else ""
    return f"{mean:+.4f} ± {reach:.4f}{missing}"
