"""Verdicts by predictor on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.columns import CELL, STEP

NOTE = (
    "The verdict of each pair by each predictor alone, and by the suite without it. A predictor "
    "alone has the noise of its own fits, so that it says 'not enough data' sooner."
)


def predictor_tables(found: pd.DataFrame) -> Iterator[RichTable]:
    """`predictor_table` as a table for each data set, generator, profiler and protocol."""
    if found.empty:
        return
    keys = [name for name in CELL if name not in STEP]
    for _, mine in found.groupby(keys, sort=False, dropna=False):
        first = mine.iloc[0]
        title = f"{first.dataset}, {first.metric}, {first.generator}: verdicts by predictor"
        table = RichTable(title=escape(title), title_justify="left")
        steps = [step for step in STEP if mine[step].notna().any()]
        for head in (*steps, "first", "second", "the first is", "predictors alone", "choice"):
            table.add_column(head)
        for row in mine.itertuples():
            counts = ((row.better, "better"), (row.worse, "worse"), (row.equal, "equal"),
                      (row.not_enough, "not enough data"))  # fmt: skip
            alone = ", ".join(f"{n} {word}" for n, word in counts if n)
            texts = (row.first, row.second, row.verdict, alone, row.conclusion)
            table.add_row(*(f"{getattr(row, step):g}" for step in steps), *map(escape, texts))
        table.caption, table.caption_justify = NOTE, "left"
        yield table
