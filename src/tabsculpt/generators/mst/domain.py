"""What a private generator knows of the columns before it counts a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError, unknown
from tabsculpt.table import Column, FloatArray, IntArray, Kind, Schema, Table, conform

_DTYPES = {
    Kind.CONTINUOUS: "Float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORICAL: "string",
}


@dataclass(frozen=True)
class Cells:
    """The cells of one column: categories, or bins of like width, and one for missing values.

    Attributes:
        levels: categories, or false and true; of numbers the only one, where it is; else empty.
        edges: of the bins, one more than these; empty for categories.
        has_missing: whether values may be missing; the last cell, then.
    """

    levels: tuple[Any, ...]
    edges: tuple[float, ...]
    has_missing: bool

    def __len__(self) -> int:
        return max(len(self.levels), len(self.edges) - 1, 0) + self.has_missing

    def encode(self, values: pd.Series) -> IntArray:
        """The cell of each value, shape (n,); numbers outside the edges are in the outer cells."""
        missing = values.isna().to_numpy()
        if self.edges:
            numbers = values.to_numpy(dtype=np.float64, na_value=self.edges[0])
            codes = np.searchsorted(self.edges[1:-1], numbers, side="right")
        else:
            codes = pd.Index(self.levels, dtype=object).get_indexer(values.astype(object))
        return np.where(missing, len(self) - 1, codes).astype(np.int64)

    def decode(self, codes: IntArray, kind: Kind, rng: np.random.Generator) -> Any:
        """Values for cells, shape (n,): a number anywhere in its bin."""
        if self.edges:
            missing = self.has_missing & (codes == len(self) - 1)
            edges, place = np.array(self.edges), np.where(missing, 0, codes)
            return np.where(missing, np.nan, rng.uniform(edges[place], edges[place + 1]))
        levels = pd.array([*self.levels, None], dtype=_DTYPES[kind])
        return levels.take(codes)


@dataclass(frozen=True)
class Domain:
    """The cells of every column, in the order of the schema."""

    schema: Schema
    cells: tuple[Cells, ...]

    @classmethod
    def of(cls, table: Table, bins: int, bounds: Mapping[str, Sequence[float]]) -> Domain:
        """Ranges as given, or as the table has them, with its categories and whether it has
        missing values.

        Raises:
            UserError: bounds for a column that is none or holds no numbers, or that are none.
        """
        columns = {column.name: column for column in table.schema.columns}
        for name, ends in bounds.items():
            if name not in columns:
                raise unknown("column of generator.bounds", name, columns)
            _check(columns[name], ends)
        cells = (
            _cells(table.frame[name], column, bins, bounds.get(name))
            for name, column in columns.items()
        )
        return cls(table.schema, tuple(cells))

    @property
    def varied(self) -> list[int]:
        """The places of the columns of more than one cell."""
        return [place for place, cells in enumerate(self.cells) if len(cells) > 1]

    def encode(self, table: Table) -> IntArray:
        """The cells of rows, shape (n, d)."""
        columns = [
            cells.encode(table.frame[name])
            for name, cells in zip(self.schema.names, self.cells, strict=True)
        ]
        return np.column_stack(columns)

    def decode(self, codes: Mapping[int, IntArray], n: int, rng: np.random.Generator) -> Table:
        """Rows from the cells of the varied columns; the others have their one."""
        alone = np.zeros(n, dtype=np.int64)
        columns = {
            column.name: cells.decode(codes.get(place, alone), column.kind, rng)
            for place, (column, cells) in enumerate(
                zip(self.schema.columns, self.cells, strict=True)
            )
        }
        return conform(pd.DataFrame(columns, index=range(n)), self.schema)

    def to_json(self) -> dict[str, Any]:
        cells = [[list(c.levels), list(c.edges), c.has_missing] for c in self.cells]
        return {"schema": self.schema.to_json(), "cells": cells}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Domain:
        cells = (Cells(tuple(levels), tuple(edges), g) for levels, edges, g in data["cells"])
        return cls(Schema.from_json(data["schema"]), tuple(cells))


def _check(column: Column, ends: Sequence[float]) -> None:
    where = f"generator.bounds.{column.name}"
    if not column.is_numeric:
        raise UserError(f"{where}: the column holds no numbers ({column.kind})")
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise UserError(f"{where} is {list(ends)}; expected [low, high]")


def _cells(values: pd.Series, column: Column, bins: int, bounds: Sequence[float] | None) -> Cells:
    known = values.dropna()
    has_missing = len(known) < len(values)
    if not column.is_numeric:
        return Cells(tuple(sorted(known.unique().tolist())), (), has_missing)
    if known.empty:
        return Cells((), (), has_missing)
    if bounds is None and known.nunique() == 1:
        return Cells((known.iloc[0].item(),), (), has_missing)
    low, high = bounds if bounds is not None else (known.min(), known.max())
    return Cells(
        (), _edges(float(low), float(high), bins, column.kind is Kind.INTEGER), has_missing
    )


def _edges(low: float, high: float, bins: int, whole: bool) -> tuple[float, ...]:
    """Of bins of like width; whole numbers of few values have a bin each."""
    edges: FloatArray = np.linspace(low, high, bins + 1)
    if whole and high - low < bins:
        edges = np.concatenate([[low], np.arange(low, high) + 0.5, [high]])
    return tuple(edges.tolist())
