"""The tables of a sweep over the share of the minority: what each way of upsampling is worth."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.report.by_step import mean_cell

METRICS = ("auc_roc", "auc_pr")
SAME = ["dataset", "data", "predictors"]


def minority_tables(rows: pd.DataFrame) -> Iterator[RichTable]:
    """AUC-ROC and AUC-PR by way of upsampling and share of the minority, for each data set.

    Args:
        rows: result rows.

    Yields:
        Tables; none where the minority was cut to one share, or to none.
    """
    cut = rows[rows.minority.notna() & rows.predictor.notna()]
    for (name, _, predictors), group in cut.groupby(SAME, sort=False):
        shares = sorted(group.minority.unique())
        if len(shares) < 2:
            continue
        used = ["generator", "generator_settings", "pipeline", "pipeline_settings"]
        arm = group[used].agg(" ".join, axis=1).str.split().str.join(" ")
        group = group.assign(arm=arm.where(group.pipeline != "real", "real rows alone"))
        for metric in METRICS:
            scored = group[group.metric == metric]
            table = RichTable(
                title=f"{escape(str(name))}: {metric} by share of the minority in the train part",
                title_justify="left",
                caption=f"mean ± standard deviation over predictors ({predictors}), splits and "
                "seeds",
                caption_justify="left",
            )
            table.add_column("rows trained on", no_wrap=True)
            for share in shares:
                table.add_column(f"{100 * share:g} %", justify="right", no_wrap=True)
            for arm, mine in scored.groupby("arm", sort=False):
                cells = (mean_cell(mine[mine.minority == share]) for share in shares)
                table.add_row(escape(str(arm)), *cells)
            yield table
