"""The features of complete rows as points, between which new rows are put."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.table import Column, FloatArray, IntArray, Kind, Table, conform


@dataclass(frozen=True, eq=False)
class Space:
    """Numbers in standard deviations of the training rows, names (nominal values) as codes.

    Attributes:
        table: n rows without missing values.
        nominal: the kinds of columns that are names; booleans otherwise are the numbers 0 and 1.
    """

    table: Table
    nominal: tuple[Kind, ...] = (Kind.CATEGORICAL,)

    @cached_property
    def numbers(self) -> tuple[Column, ...]:
        """The p feature columns between whose values there are others."""
        return tuple(c for c in self.table.schema.features if c.kind not in self.nominal)

    @cached_property
    def names(self) -> tuple[Column, ...]:
        """The q feature columns whose values are only alike or different."""
        return tuple(c for c in self.table.schema.features if c.kind in self.nominal)

    @cached_property
    def coordinates(self) -> FloatArray:
        """Shape (n, p), each column with mean 0 and standard deviation 1, or 0 if constant."""
        return (self._raw - self._centre) / self._scale

    @cached_property
    def codes(self) -> IntArray:
        """Shape (n, q): the place of the category in its schema, and 0 or 1 for booleans."""
        codes = np.empty((len(self.table), len(self.names)), dtype=np.int64)
        for place, column in enumerate(self.names):
            values = self.table.frame[column.name]
            codes[:, place] = values if column.kind is Kind.BOOLEAN else values.cat.codes
        return codes

    def rows(self, coordinates: FloatArray, codes: IntArray, target: Any) -> Table:
        """Points as rows: whole numbers rounded, and all within the range of the training rows.

        Args:
            coordinates: shape (m, p).
            codes: shape (m, q).
            target: shape (m,), values of the target, classes by name.
        """
        schema, frame = self.table.schema, self.table.frame
        raw = coordinates * self._scale + self._centre
        columns: dict[str, Any] = {schema.target: target}
        for place, column in enumerate(self.numbers):
            values = raw[:, place]
            columns[column.name] = values > 0.5 if column.kind is Kind.BOOLEAN else values
        for place, column in enumerate(self.names):
            levels = np.array(column.categories or (False, True), dtype=object)
            columns[column.name] = levels[codes[:, place]]
        made = conform(pd.DataFrame(columns), schema).frame
        bounded = {
            c.name: made[c.name].clip(frame[c.name].min(), frame[c.name].max())
            for c in schema.columns
            if c.is_numeric
        }
        return Table(made.assign(**bounded), schema)

    @cached_property
    def _raw(self) -> FloatArray:
        raw = np.empty((len(self.table), len(self.numbers)))
        for place, column in enumerate(self.numbers):
            raw[:, place] = self.table.frame[column.name]
        return raw

    @cached_property
    def _centre(self) -> FloatArray:
        return self._raw.mean(axis=0)

    @cached_property
    def _scale(self) -> FloatArray:
        varies = np.ptp(self._raw, axis=0) > 0
        return np.where(varies, self._raw.std(axis=0), 1.0)
