"""Tables as the plain, complete frames that generator libraries accept, and the way back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.errors import TooFewRowsError
from tabsculpt.table import Column, IntArray, Kind, Schema, Table, Task, conform

Level = str | int | float | bool | None

DISCRETE_INTEGERS = 10
"""Integer columns with at most this many distinct values are treated as discrete."""

_DTYPES = {
    Kind.CONTINUOUS: "Float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORICAL: "string",
}


@dataclass(frozen=True)
class Discrete:
    """A column of few values: ``levels`` in sorted order, missing (None) last."""

    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Numeric:
    """A column of many numbers: its range, mean and standard deviation, all in its own unit."""

    low: float
    high: float
    mean: float
    deviation: float
    missing: bool


@dataclass(frozen=True)
class Encoding:
    """How the columns of one training table become columns of a frame without missing values.

    Categories, booleans, integers of at most `DISCRETE_INTEGERS` distinct values (but not the
    target of a regression) and numbers with a single observed value become integer codes, missing
    being a code of its own. Other numbers are standardised; where some are missing, a 0/1 column
    says which, and the gaps are filled with observed values drawn at random, which leaves the
    distribution of the column as it was. Constant columns are left out and put back.
    """

    schema: Schema
    columns: tuple[Discrete | Numeric, ...]

    @classmethod
    def learn(cls, table: Table) -> Encoding:
        """Look at the training rows."""
        schema = table.schema
        number = schema.target if schema.task is Task.REGRESSION else None
        return cls(
            schema,
            tuple(_learn(table.frame[c.name], c, c.name == number) for c in schema.columns),
        )

    @cached_property
    def discrete(self) -> list[str]:
        """The columns of the encoded frame that hold codes."""
        return [name for name, levels in self._names if levels]

    @cached_property
    def names(self) -> list[str]:
        """The columns of the encoded frame; none if every training row is the same."""
        return [name for name, _ in self._names]

    @cached_property
    def _names(self) -> list[tuple[str, bool]]:
        """The encoded columns, named by position, and whether each is discrete."""
        names = []
        for place, column in enumerate(self.columns):
            if isinstance(column, Numeric):
                names.append((f"{place}", False))
            if isinstance(column, Numeric) and column.missing:
                names.append((f"{place}_missing", True))
            if isinstance(column, Discrete) and len(column.levels) > 1:
                names.append((f"{place}", True))
        return names

    def encode(self, table: Table, seed: int) -> pd.DataFrame:
        """The rows as a frame of floats and integer codes, shape (n, len(names)).

        Args:
            table: the training rows.
            seed: of the values drawn for the gaps in numeric columns.
        """
        rng = np.random.default_rng(seed)
        encoded: dict[str, Any] = {}
        for place, (spec, column) in enumerate(zip(self.schema.columns, self.columns, strict=True)):
            values = table.frame[spec.name]
            gaps = values.isna().to_numpy()
            if isinstance(column, Discrete):
                encoded[f"{place}"] = _codes(values, gaps, column)
                continue
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
            numbers[gaps] = rng.choice(numbers[~gaps], gaps.sum())
            encoded[f"{place}"] = (numbers - column.mean) / column.deviation
            encoded[f"{place}_missing"] = gaps.astype(np.int64)
        return pd.DataFrame(encoded, index=range(len(table)))[self.names]

    def decode(self, frame: pd.DataFrame) -> Table:
        """The inverse of `encode`: numbers clipped to the training range, gaps as the frame says.

        Args:
            frame: the columns `names`, shape (n, len(names)); codes are integers.

        Raises:
            ValueError: a number is NaN.
        """
        decoded = {}
        for place, (spec, column) in enumerate(zip(self.schema.columns, self.columns, strict=True)):
            if isinstance(column, Discrete):
                levels = pd.array(list(column.levels), dtype=_DTYPES[spec.kind])
                codes = frame.get(f"{place}", np.zeros(len(frame), dtype=np.int64))
                decoded[spec.name] = pd.Series(levels.take(np.asarray(codes)))
                continue
            numbers = frame[f"{place}"].to_numpy() * column.deviation + column.mean
            if np.isnan(numbers).any():
                raise ValueError(f"the generator gave NaN in column {spec.name!r}")
            numbers = np.clip(numbers, column.low, column.high)
            if column.missing:
                numbers = np.where(frame[f"{place}_missing"] == 1, np.nan, numbers)
            decoded[spec.name] = pd.Series(numbers, dtype=np.float64)
        return conform(pd.DataFrame(decoded, index=range(len(frame))), self.schema)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": self.schema.to_json(),
            "columns": [asdict(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Encoding:
        columns = tuple(
            Discrete(tuple(column["levels"])) if "levels" in column else Numeric(**column)
            for column in data["columns"]
        )
        return cls(Schema.from_json(data["schema"]), columns)


def require_rows(name: str, least: int, table: Table) -> None:
    """Check that there are rows enough.

    Raises:
        TooFewRowsError: the table has fewer than ``least``.
    """
    if len(table) < least:
        raise TooFewRowsError(f"{name} needs at least {least} training rows, got {len(table)}")


def _learn(values: pd.Series, column: Column, keep_numeric: bool) -> Discrete | Numeric:
    observed = values.dropna()
    distinct = sorted(observed.unique().tolist())
    missing = len(observed) < len(values)
    few = column.kind is Kind.INTEGER and len(distinct) <= DISCRETE_INTEGERS and not keep_numeric
    if few or not column.is_numeric or len(distinct) <= 1:
        return Discrete((*distinct, None) if missing else tuple(distinct))
    numbers = observed.to_numpy(dtype=np.float64)
    return Numeric(
        low=float(numbers.min()),
        high=float(numbers.max()),
        mean=float(numbers.mean()),
        deviation=float(numbers.std()),
        missing=missing,
    )


def _codes(values: pd.Series, gaps: Any, column: Discrete) -> IntArray:
    place = {level: code for code, level in enumerate(column.levels)}
    keys = [None if gap else value for value, gap in zip(values.tolist(), gaps, strict=True)]
    return np.array([place[key] for key in keys], dtype=np.int64)
