"""The scores of the package ``sdmetrics``, which many users know."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pandas as pd

from tabsculpt.extras import absent, to_install
from tabsculpt.table import Column, Kind, Table

NAMES = (
    "sdmetrics_quality",
    "sdmetrics_column_shapes",
    "sdmetrics_column_pair_trends",
    "sdmetrics_diagnostic",
)

_TABLE = "rows"
_SDTYPES = {
    Kind.CONTINUOUS: "numerical",
    Kind.INTEGER: "numerical",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORICAL: "categorical",
}


def why_not() -> str:
    """Why the scores cannot be had here; empty where they can."""
    missing = absent(["sdmetrics"])
    return f"needs {missing[0]}: {to_install('sdv')}" if missing else ""


def sdmetrics_scores(real: Table, synthetic: Table) -> dict[str, float]:
    """The quality and diagnostic scores of SDMetrics, each in [0, 1], high is good.

    Quality is the mean of the column shapes (1 - Kolmogorov-Smirnov of numbers, 1 - total variation
    of categories) and the column pair trends (closeness of correlations and of contingency tables).
    Diagnostic says whether values are in the range and among the categories of the real rows and
    columns are the same, which synthetic rows should be to 1.

    Source: SDMetrics, https://docs.sdv.dev/sdmetrics (quality report and diagnostic report).

    Args:
        real: at least one row.
        synthetic: at least one row of the same schema.

    Returns:
        By the names of `NAMES`; NaN where the package gives none.
    """
    from sdmetrics.reports import DiagnosticReport, QualityReport

    columns = real.schema.columns
    known = {f"c{k}": {"sdtype": _SDTYPES[column.kind]} for k, column in enumerate(columns)}
    frames = {_TABLE: _plain(real)}, {_TABLE: _plain(synthetic)}
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


def _plain(table: Table) -> pd.DataFrame:
    """The columns with the dtypes that the package knows, named by their places."""
    columns = enumerate(table.schema.columns)
    return pd.DataFrame({f"c{k}": _values(table.frame[c.name], c) for k, c in columns})


def _values(values: pd.Series, column: Column) -> pd.Series:
    if column.is_numeric:
        return values.astype("Float64").astype(float)
    return values.astype(object).where(values.notna(), None)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
