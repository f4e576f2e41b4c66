"""What the columns of several tables look like, in few numbers: for violins and histograms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.table import FloatArray, Table

BINS = 40
MOST_CATEGORIES = 20
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
OTHER = "(other)"
MISSING = "(missing)"


@dataclass(frozen=True)
class Distribution:
    """One column of one table, in at most 50 numbers.

    Attributes:
        column: its name.
        role: "target" or "feature".
        table: which table it is of.
        rows: n, missing values included.
        edges: of the bins, in the column's unit; empty for categories. The same in all tables.
        categories: the most frequent of the first table, then "(other)"; empty for numbers.
        shares: of the rows, per bin or category; with a missing value, they sum to less than 1.
        below, above: share of the rows outside the edges; 0 for categories.
        quantiles: at 5, 25, 50, 75 and 95 %; empty for categories or without values.
    """

    column: str
    role: str
    table: str
    rows: int
    edges: list[float]
    categories: list[str]
    shares: list[float]
    below: float
    above: float
    quantiles: list[float]


def distributions(tables: dict[str, Table]) -> list[Distribution]:
    """Describe every column of tables of one schema, on common bins.

    Args:
        tables: by name; bins span the values of the first two (the real parts), so that a wild
            synthetic value does not flatten the rest: `below` and `above` count it.

    Returns:
        One per column and table, in the order of the schema.
    """
    schema = next(iter(tables.values())).schema
    return [
        found
        for column in schema.columns
        for found in _column(
            column.name,
            "target" if column.name == schema.target else "feature",
            {name: table.frame[column.name] for name, table in tables.items()},
            column.is_numeric,
        )
    ]


def _column(
    name: str, role: str, values: dict[str, pd.Series], numeric: bool
) -> Iterator[Distribution]:
    if not numeric:
        yield from _categories(name, role, values)
        return
    numbers = {table: series.to_numpy(dtype=float) for table, series in values.items()}
    edges = _edges(list(numbers.values())[:2])
    for table, found in numbers.items():
        present = found[np.isfinite(found)]
        n = max(1, len(found))
        counts, _ = np.histogram(present, edges)
        yield Distribution(
            name,
            role,
            table,
            len(found),
            edges.tolist(),
            [],
            (counts / n).tolist(),
            float((present < edges[0]).sum() / n),
            float((present > edges[-1]).sum() / n),
            np.quantile(present, QUANTILES).tolist() if len(present) else [],
        )


def _edges(real: list[FloatArray]) -> FloatArray:
    pooled = np.concatenate(real)
    pooled = pooled[np.isfinite(pooled)]
    if not len(pooled):
        return np.array([0.0, 1.0])
    low, high = float(pooled.min()), float(pooled.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    distinct = np.unique(pooled)
    whole = bool((distinct == np.round(distinct)).all())
    if whole and high - low < BINS:  # a bin per whole number, or bins beat against the grid
        return np.arange(low - 0.5, high + 1.0)
    edges: FloatArray = np.linspace(low, high, BINS + 1)
    return edges


def _categories(name: str, role: str, values: dict[str, pd.Series]) -> Iterator[Distribution]:
    shown = {t: s.astype(object).where(s.notna(), MISSING).astype(str) for t, s in values.items()}
    first = next(iter(shown.values()))
    frequent = [str(label) for label in first.value_counts().index[:MOST_CATEGORIES]]
    for table, labels in shown.items():
        shares = labels.value_counts(normalize=True).reindex(frequent).fillna(0.0)
        rest = max(0.0, 1.0 - float(shares.sum())) if len(labels) else 0.0
        yield Distribution(
            name,
            role,
            table,
            len(labels),
            [],
            [*frequent, OTHER],
            [*map(float, shares), rest],
            0.0,
            0.0,
            [],
        )
