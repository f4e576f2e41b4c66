"""Tables as the plain, complete frames that generator libraries accept, and the way back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.generators import Given
from tabsculpt.generators.encoding.columns import (
    Discrete,
    Numbers,
    Numeric,
    codes_of,
    column_from_json,
    learn_column,
)
from tabsculpt.generators.encoding.quantiles import Quantiles
from tabsculpt.generators.requirements import check_given
from tabsculpt.table import FloatArray, IntArray, Kind, Schema, Table, Task, conform

_TAIL = 1e-6
"""Shares of the rows are kept this far from 0 and 1, where normal quantiles are infinite."""

_DTYPES = {
    Kind.CONTINUOUS: "Float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORICAL: "string",
}


@dataclass(frozen=True)
class Encoding:
    """How the columns of one training table become columns of a frame without missing values.

    Categories, booleans, integers of at most `DISCRETE_INTEGERS` distinct values (but not the
    target of a regression) and numbers with a single observed value become integer codes, missing
    being a code of its own. Other numbers are encoded as ``numbers`` says; where some are missing,
    a 0/1 column says which, and missing values are filled with observed values drawn at random,
    which leaves the distribution of the column as it was. Constant columns are left out and put
    back.

    Attributes:
        schema: of the table.
        columns: what was learnt of each, in the order of the schema.
        numbers: how columns of many numbers are encoded.
        extrapolate: whether decoded numbers may leave the range of the training rows.
    """

    schema: Schema
    columns: tuple[Discrete | Numeric, ...]
    numbers: Numbers = Numbers.STANDARD
    extrapolate: bool = False

    @classmethod
    def learn(
        cls,
        table: Table,
        numbers: Numbers = Numbers.STANDARD,
        extrapolate: bool = False,
        bins: int = 0,
    ) -> Encoding:
        """Look at the training rows.

        Args:
            table: n rows.
            numbers: how columns of many numbers are encoded.
            extrapolate: as the attribute; bins do not extrapolate.
            bins: the most bins of a column, where ``numbers`` is bins.
        """
        schema = table.schema
        number = schema.target if schema.task is Task.REGRESSION else None
        columns = (
            learn_column(table.frame[c.name], c, c.name == number, numbers, bins)
            for c in schema.columns
        )
        return cls(schema, tuple(columns), numbers, extrapolate)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The columns of the encoded frame, named by position: number of codes, 0 for numbers.

        Empty if every training row is the same.
        """
        sizes: dict[str, int] = {}
        for place, column in enumerate(self.columns):
            if isinstance(column, Numeric):
                sizes[f"{place}"] = max(0, len(column.ends) - 1)
                if column.missing:
                    sizes[f"{place}_missing"] = 2
            elif len(column.levels) > 1:
                sizes[f"{place}"] = len(column.levels)
        return sizes

    @property
    def names(self) -> list[str]:
        """The columns of the encoded frame; none if every training row is the same."""
        return list(self.sizes)

    @property
    def discrete(self) -> list[str]:
        """Those that hold codes."""
        return [name for name, size in self.sizes.items() if size]

    @property
    def continuous(self) -> list[str]:
        """Those that hold numbers."""
        return [name for name, size in self.sizes.items() if not size]

    def name_of(self, column: str) -> str:
        """The encoded column of a table's column; not in `names` if that is constant."""
        return f"{self.schema.names.index(column)}"

    def encode(self, table: Table, seed: int) -> pd.DataFrame:
        """The rows as a frame of floats and integer codes, shape (n, len(names)).

        Args:
            table: rows of the schema, whose discrete values were all seen in training.
            seed: of the values drawn for missing values in numeric columns, and within the steps of
                quantiles.
        """
        rng = np.random.default_rng(seed)
        encoded: dict[str, Any] = {}
        for place, (spec, column) in enumerate(zip(self.schema.columns, self.columns, strict=True)):
            values = table.frame[spec.name]
            missing = values.isna().to_numpy()
            if isinstance(column, Discrete):
                encoded[f"{place}"] = codes_of(values, missing, column)
                continue
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
            known = numbers[~missing]  # few sampled rows may all lack it
            numbers[missing] = rng.choice(known, missing.sum()) if known.size else 0.0
            encoded[f"{place}"] = self._encode(numbers, column, rng)
            encoded[f"{place}_missing"] = missing.astype(np.int64)
        return pd.DataFrame(encoded, index=range(len(table)))[self.names]

    def encode_given(self, given: Given) -> dict[str, float]:
        """The encoded columns that given values fix: a code or a number each.

        Raises:
            UserError: values that no row can have, or that no training row had.
        """
        check_given(given, self.schema)
        fixed: dict[str, float] = {}
        for name, value in given.items():
            place = self.schema.names.index(name)
            column = self.columns[place]
            if isinstance(column, Discrete):
                if value not in column.levels:
                    raise UserError(f"given: no training row has {value!r} in column {name!r}")
                fixed[f"{place}"] = column.levels.index(value)
            else:
                middle = np.random.default_rng(derive_seed("given", place))
                fixed[f"{place}"] = self._encode(np.array([float(value)]), column, middle)[0]
                fixed[f"{place}_missing"] = 0
        return {name: code for name, code in fixed.items() if name in self.sizes}

    def decode(self, frame: pd.DataFrame, seed: int = 0) -> Table:
        """The inverse of `encode`: numbers clipped to the training range.

        Args:
            frame: the columns `names`, shape (n, len(names)); codes are integers.
            seed: of the numbers drawn within bins.

        Raises:
            ValueError: a number is NaN.
        """
        rng = np.random.default_rng(seed)
        decoded = {}
        for place, (spec, column) in enumerate(zip(self.schema.columns, self.columns, strict=True)):
            if isinstance(column, Discrete):
                levels = pd.array(list(column.levels), dtype=_DTYPES[spec.kind])
                codes = frame.get(f"{place}", np.zeros(len(frame), dtype=np.int64))
                decoded[spec.name] = pd.Series(levels.take(np.asarray(codes)))
                continue
            numbers = self._decode(frame[f"{place}"].to_numpy(), column, rng)
            if np.isnan(numbers).any():
                raise ValueError(f"the generator gave NaN in column {spec.name!r}")
            if not self.extrapolate:
                numbers = np.clip(numbers, column.low, column.high)
            if column.missing:
                numbers = np.where(frame[f"{place}_missing"] == 1, np.nan, numbers)
            decoded[spec.name] = pd.Series(numbers, dtype=np.float64)
        return conform(pd.DataFrame(decoded, index=range(len(frame))), self.schema)

    def _encode(
        self, numbers: FloatArray, column: Numeric, rng: np.random.Generator
    ) -> FloatArray | IntArray:
        from scipy.special import ndtri

        if column.quantiles is None:
            return (numbers - column.mean) / column.deviation
        shares = column.quantiles.to_uniform(numbers, rng)
        if self.numbers is Numbers.BINS:
            return np.searchsorted(column.ends[1:-1], shares, side="right").astype(np.int64)
        normal: FloatArray = ndtri(shares.clip(_TAIL, 1 - _TAIL))
        return normal

    def _decode(self, encoded: FloatArray, column: Numeric, rng: np.random.Generator) -> FloatArray:
        from scipy.special import ndtr

        if column.quantiles is None:
            return encoded * column.deviation + column.mean
        if self.numbers is Numbers.BINS:
            ends, codes = np.array(column.ends), encoded.astype(int)
            return column.quantiles.from_uniform(rng.uniform(ends[codes], ends[codes + 1]))
        numbers = column.quantiles.from_uniform(ndtr(encoded))
        if self.extrapolate:
            numbers = numbers + column.deviation * _beyond(encoded, column.quantiles)
        return np.where(np.isnan(encoded), np.nan, numbers)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": self.schema.to_json(),
            "columns": [asdict(column) for column in self.columns],
            "numbers": self.numbers,
            "extrapolate": self.extrapolate,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Encoding:
        columns = tuple(column_from_json(column) for column in data["columns"])
        schema = Schema.from_json(data["schema"])
        return cls(schema, columns, Numbers(data["numbers"]), data["extrapolate"])


def _beyond(normal: FloatArray, quantiles: Quantiles) -> FloatArray:
    """How far normal scores lie outside those of the training rows, in standard deviations."""
    from scipy.special import ndtri

    shares = np.array([quantiles.shares[0], quantiles.shares[-1]])
    low, high = ndtri(shares.clip(_TAIL, 1 - _TAIL))
    outside: FloatArray = normal - np.clip(normal, low, high)
    return outside
