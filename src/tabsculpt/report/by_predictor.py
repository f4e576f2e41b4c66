"""Whether the choice of predictors turns a verdict: a section of the report."""

from __future__ import annotations

import pandas as pd

from tabsculpt.analysis.by_predictor import predictor_table
from tabsculpt.report.predictor_tables import NOTE
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import VERDICT, Column, Shown, who


def predictor_section(of: Results) -> Section:
    """Whether the choice of predictors turns any verdict."""
    found = predictor_table(of.cells)
    if found.empty:
        return Section("choice-of-predictors", "Choice of predictors")
    turned = found[found.against.ne("") | (found.better.gt(0) & found.worse.gt(0))]
    summary = "No predictor alone turns a verdict or contradicts another."
    if len(turned):
        pairs = [f"{p.first} against {p.second} on {p.dataset} ({p.conclusion})"
                 for p in turned.head(4).itertuples()]  # fmt: skip
        summary = f"{len(turned)} of {len(found)} pairs: {'; '.join(pairs)}"
        summary += "; ..." if len(turned) > 4 else "."
    text = f"{summary} {int(found.hangs_on.ne('').sum())} of {len(found)} verdicts hang on one of
    them." return Section("choice-of-predictors", "Choice of predictors", text,
    tables=[_table(found)])


def _table(found: pd.DataFrame) -> Shown:
    columns = [
        *who(found),
        Column("metric", "metric", "text"),
        Column("first", "first", "text"),
        Column("second", "second", "text"),
        Column("verdict", "the first is", "text", help=VERDICT),
        Column("conclusion", "choice of predictors", "text"),
        Column("better", "better", help="predictors that say so alone"),
        Column("worse", "worse", help="predictors that say so alone"),
        Column("equal", "practically equal", help="predictors that say so alone"),
        Column("not_enough", "not enough data", help="predictors that say so alone"),
        Column("hangs_on", "hangs on", "text", help="without it the verdict is another"),
        Column("each", "each: difference and verdict", "long"),
    ]
    return Shown("by_predictor", "Verdicts by predictor", NOTE, columns, found)
