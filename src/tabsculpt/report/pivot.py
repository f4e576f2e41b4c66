"""A pivot on the terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.pivot import Pivot
from tabsculpt.report.numbers import column


def pivot_table(pivot: Pivot) -> RichTable:
    """A pivot as a person reads it, with what the means are over."""
    shown = RichTable(caption=_caption(pivot), caption_justify="left")
    texts = []
    for name in pivot.table:
        number = pivot.table[name].dtype.kind == "f"
        shown.add_column(escape(str(name)), justify="right" if number else "left")
        values = pivot.table[name]
        texts.append(column(values) if number else [escape(str(value)) for value in values])
    for row in zip(*texts, strict=True):
        shown.add_row(*row)
    return shown


def _caption(pivot: Pivot) -> str:
    absent = f", {pivot.without} of them without a value" if pivot.without else ""
    caption = f"mean {', '.join(pivot.metrics)} over {pivot.n} rows{absent}"
    return "; ".join(filter(None, [caption, pivot.caption]))
