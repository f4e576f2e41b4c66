"""The tables of the removal curves, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.levels import Change, change_of
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.profilers import removed
from tabsculpt.report.numbers import column


def removal_tables(found: Measurements) -> Iterator[RichTable]:
    """The change of the headline metric by profiler and share of rows taken away.

    Args:
        found: measurements; those of the protocol "removal", and the real baseline of each.

    Yields:
        A table per data set; the profiler whose hardest rows are missed most comes first.
    """
    for names, rows in removed(found):
        shares = sorted(rows.proportion.unique())
        title = f"{names['dataset']}: change of {names['metric']} without the hardest rows"
        table = RichTable(title=escape(title), title_justify="left")
        table.add_column("profiler", no_wrap=True)
        for share in shares:
            table.add_column(f"{share:g} less", justify="right", no_wrap=True)
        lower = rows.direction.iloc[0] == "min"
        means = rows.groupby("named").change.mean().sort_values(ascending=not lower)
        for name in means.index:
            mine = rows[rows.named == name]
            table.add_row(escape(name), *_cells([mine[mine.proportion == s] for s in shares]))
        table.caption = (
            "mean change against all real rows, with its 95 % interval over splits, seeds and "
            "trainings (Student's t; they share test rows, so that it says nothing of other data)"
        )
        table.caption_justify = "left"
        yield table


def _cells(found: Sequence[pd.DataFrame]) -> Iterator[str]:
    changes: list[Change] = [change_of(rows.change) for rows in found]
    means, reaches = [c.mean for c in changes], [c.reach for c in changes]
    texts, around = column(means, sign=True), column(reaches, like=means)
    for one, text, reach in zip(changes, texts, around, strict=True):
        missing = f" ({one.n} of {one.of})" if 0 < one.n < one.of else ""
        yield f"{text} ± {reach}{missing}" if one.n > 1 else f"{text}{missing}"
