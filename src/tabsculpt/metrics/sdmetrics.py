"""The scores of the package ``sdmetrics``, which many users know."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.extras import absent, to_install
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, IntArray, Kind, Schema, Table
from tabsculpt.table.subsample import at_most

NAMES = (
    "sdmetrics_quality",
    "sdmetrics_column_shapes",
    "sdmetrics_column_pair_trends",
    "sdmetrics_diagnostic",
)

MOST_COLUMNS = 50
"""Columns that the package is given: it takes a second for some hundred pairs of them."""
MOST_ROWS = 50_000

_TABLE = "rows"
_SDTYPES = {
    Kind.CONTINUOUS: "numerical",
    Kind.INTEGER: "numerical",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORICAL: "categorical",
}


def why_not(schema: Schema) -> str:
    """Why the scores cannot be had here, or of such tables; empty where they can."""
    if schema.pixels is not None:
        return "is of columns and pairs of them, and these are pixels; see fid and kid"
    missing = absent(["sdmetrics"])
    return f"needs {missing[0]}: {to_install('sdv')}" if missing else ""


def sampled(table: Table) -> tuple[Note, ...]:
    """The note where a table is too long or wide for `sdmetrics_scores`; else empty."""
    rows, columns = len(table), len(table.schema.columns)
    if why_not(table.schema) or (rows <= MOST_ROWS and columns <= MOST_COLUMNS):
        return ()
    text = (
        f"quality: the scores of SDMetrics are of {min(rows, MOST_ROWS):,} rows and "
        f"{min(columns, MOST_COLUMNS)} columns, drawn of {rows:,} rows and {columns:,} columns"
    )
    return (Note(Code.ROWS_DRAWN, text, min(rows, MOST_ROWS)),)


def sdmetrics_scores(real: Table, synthetic: Table, seed: int = 0) -> dict[str, float]:
    """The quality and diagnostic scores of SDMetrics, each in [0, 1], high is good.

    Quality is the mean of the column shapes (1 - Kolmogorov-Smirnov of numbers, 1 - total variation
    of categories) and the column pair trends (closeness of correlations and of contingency tables).
    Diagnostic says whether values are in the range and among the categories of the real rows and
    columns are the same, which synthetic rows should be to 1.

    Source: SDMetrics, https://docs.sdv.dev/sdmetrics (quality report and diagnostic report).

    They are of at most 50,000 rows of each table and of at most 50 columns, drawn by the seed; text
    is left out.

    Args:
        real: at least one row.
        synthetic: at least one row of the same schema.
        seed: of the draws; the same for all tables that are compared, so that they are of the same
            columns.

    Returns:
        By the names of `NAMES`; NaN where the package gives none. Empty where `why_not` says why.
    """
    if why_not(real.schema):
        return {}
    real, synthetic = real.without_text(), synthetic.without_text()
    from sdmetrics.reports import DiagnosticReport, QualityReport

    columns = real.schema.columns
    places = _drawn(len(columns), derive_seed(seed, "columns"))
    known = {f"c{k}": {"sdtype": _SDTYPES[columns[k].kind]} for k in places}
    rows = (at_most(table, MOST_ROWS, derive_seed(seed, "rows")) for table in (real, synthetic))
    frames = tuple({_TABLE: _plain(table, places)} for table in rows)
    metadata = {"tables": {_TABLE: {"columns": known}}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quality, diagnostic = QualityReport(), DiagnosticReport()
        quality.generate(*frames, metadata, verbose=False)
        diagnostic.generate(*frames, metadata, verbose=False)
        parts = quality.get_properties().set_index("Property")["Score"]
    found = (
        quality.get_score(), parts["Column Shapes"], parts["Column Pair Trends"],
        diagnostic.get_score(),
    )  # fmt: skip
    return dict(zip(NAMES, map(_number, found), strict=True))


def _drawn(columns: int, seed: int) -> IntArray:
    """The places of the columns that are looked at, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(columns)[:MOST_COLUMNS])


def _plain(table: Table, places: IntArray) -> pd.DataFrame:
    """Some columns with the dtypes that the package knows, named by their places."""
    columns = [(k, table.schema.columns[k]) for k in places]
    return pd.DataFrame({f"c{k}": _values(table.frame[c.name], c) for k, c in columns})


def _values(values: pd.Series, column: Column) -> pd.Series:
    if column.is_numeric:
        return values.astype("Float64").astype(float)
    return values.astype(object).where(values.notna(), None)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
