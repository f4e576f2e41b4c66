"""Rows as numbers: codes of categories, one row's identity, and points that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.table import Column, FloatArray, IntArray, Kind, Table, Task


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """How rows become points; fitted on train, so that every table is seen on the same scale.

    All columns take part, the target too. Categories are one-hot (`Table.matrix`); a missing value
    becomes the median of train in its column. Each column of the table, be it one number or many
    indicators, then has mean 0 and total variance 1 in train, so that a rare category does not
    outweigh all else as it would if every indicator had variance 1. What does not vary in train
    keeps its unit; what is all missing in train is left out.

    Attributes:
        kept: shape (d',), the columns of the matrix with a value in train.
        fill: shape (d,), what a missing value becomes.
        centre: shape (d,), subtracted.
        spread: shape (d,), divided by, above 0.
    """

    kept: npt.NDArray[np.bool_]
    fill: FloatArray
    centre: FloatArray
    spread: FloatArray

    @classmethod
    def fit(cls, train: Table) -> FeatureSpace:
        """Read medians, means and variances off the training rows (at least one)."""
        raw = whole_matrix(train)
        kept = np.asarray(~np.isnan(raw).all(axis=0))
        raw = raw[:, kept]
        fill: FloatArray = np.nanmedian(raw, axis=0)
        filled = np.where(np.isnan(raw), fill, raw)
        varies = np.ptp(filled, axis=0) > 0
        column = np.repeat(np.arange(len(train.schema.columns)), _widths(train))[kept]
        spread = np.sqrt(np.bincount(column, filled.var(axis=0) * varies))[column]
        return cls(kept, fill, filled.mean(axis=0), np.where(spread > 0, spread, 1.0))

    def points(self, table: Table) -> FloatArray:
        """The rows of a table of the same schema as points, shape (n, d)."""
        raw = whole_matrix(table)[:, self.kept]
        points: FloatArray = (np.where(np.isnan(raw), self.fill, raw) - self.centre) / self.spread
        return points


def whole_matrix(table: Table) -> FloatArray:
    """`Table.matrix` with the target at the end, one-hot for classes; shape (n, d')."""
    if table.schema.task is Task.REGRESSION:
        return np.column_stack([table.matrix(), table.target])
    target = (table.target[:, None] == np.arange(len(table.schema.classes))).astype(np.float64)
    return np.hstack([table.matrix(), target])


def row_identities(matrix: FloatArray) -> IntArray:
    """A number for each row, shape (n,), the same for rows that are equal; missing equals missing.

    Args:
        matrix: shape (n, d).
    """
    plain = np.ascontiguousarray(np.where(np.isnan(matrix), np.nan, matrix + 0.0))
    texts = [row.tobytes() for row in plain]
    return pd.factorize(np.array(texts, dtype=object))[0].astype(np.int64)


def table_identities(tables: Sequence[Table]) -> IntArray:
    """`row_identities` of whole tables, one after the other, without a matrix of their rows.

    Args:
        tables: of one schema, n rows in all.

    Returns:
        Shape (n,).
    """
    identity = np.zeros(sum(map(len, tables)), dtype=np.int64)
    for column in tables[0].schema.columns:
        values = np.concatenate([_comparable(t.frame[column.name], column) for t in tables])
        codes, distinct = pd.factorize(values)  # -1 is missing
        identity = pd.factorize(identity * (len(distinct) + 1) + codes + 1)[0].astype(np.int64)
        if len(identity) and identity.max() + 1 == len(identity):
            break  # no two are equal, whatever the other columns hold
    return identity


def _comparable(values: pd.Series, column: Column) -> npt.NDArray[Any]:
    categorical = column.kind is Kind.CATEGORICAL
    plain: npt.NDArray[Any] = (
        category_codes(values, column)
        if categorical
        else values.to_numpy(dtype=np.float64, na_value=np.nan)
    )
    return plain


def category_codes(values: pd.Series, column: Column) -> IntArray:
    """Codes of a column of categories or booleans, shape (n,): 0 is missing, then each in order."""
    if column.kind is Kind.CATEGORICAL:
        return values.cat.codes.to_numpy(dtype=np.int64) + 1
    return values.astype("Int64").fillna(-1).to_numpy(dtype=np.int64) + 1


def category_counts(values: pd.Series, column: Column) -> IntArray:
    """Rows of each code of `category_codes`, shape (categories + 1,)."""
    size = 1 + (len(column.categories) if column.kind is Kind.CATEGORICAL else 2)
    return np.bincount(category_codes(values, column), minlength=size)


def some_rows(table: Table, count: int, seed: int) -> Table:
    """That many rows of a table, drawn without replacement."""
    return table.take(np.random.default_rng(seed).choice(len(table), count, replace=False))


def _widths(table: Table) -> list[int]:
    """How many columns of `whole_matrix` each column takes, the target's last."""
    columns = [*table.schema.features, table.schema.target_column]
    return [len(c.categories) if c.kind is Kind.CATEGORICAL else 1 for c in columns]
