"""Texts of the train part and of synthetic tables: a section where a column is text."""

from __future__ import annotations

import pandas as pd

from tabsculpt.report.draw_tables import first_runs
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import WHO, Column, Shown

SORTS = ("real", "synthetic", "hard", "dropped")
TEXT = (
    "Real and synthetic texts are of the first rows of each class in their table, not chosen; hard "
    "ones of the train rows that the profiler puts first, dropped ones of synthetic rows that were "
    "left out. Real texts stand here word for word: whoever gets this page gets them."
)
COLUMNS = (
    *(column for column in WHO if column.name != "protocol"),
    Column("pipeline", "pipeline", "text"),
    Column("sort", "sort", "text", help="real, synthetic, hard (real) or dropped (synthetic)"),
    Column("label", "class", "text"),
    Column("column", "column", "text"),
    Column("text", "text", "long"),
)


def text_section(of: Results) -> Section:
    """Texts side by side, for each arm those of the first of its runs."""
    found = _texts(of)
    table = Shown("texts", "Texts", "", COLUMNS, found, [[job] for job in found.get("job", [])])
    return Section("texts", "Texts", TEXT if len(found) else "", tables=[table])


def _texts(of: Results) -> pd.DataFrame:
    """A row for each text: those of one run together, sort by sort."""
    runs = first_runs(of.inputs.rows)
    found = of.inputs.texts(list(runs.job))
    if found.empty:
        return pd.DataFrame(columns=[column.name for column in COLUMNS])
    arms = runs.set_index("job").arm
    order = found["sort"].map({sort: place for place, sort in enumerate(SORTS)})
    found = found.assign(pipeline=found.job.map(arms), order=order)
    found["text"] = found.text.fillna("(missing)")
    return found.sort_values(["job", "order"], kind="stable").reset_index(drop=True)
