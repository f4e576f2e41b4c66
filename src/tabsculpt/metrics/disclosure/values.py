"""Rows as numbers, for attackers that look at some of the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray, Kind, Table


@dataclass(frozen=True, eq=False)
class Values:
    """The columns of a table, the target among them; NaN is missing.

    Attributes:
        matrix: shape (n, d); a category is its code.
        numeric: shape (d,), whether order and distance mean something in a column.
    """

    matrix: FloatArray
    numeric: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, table: Table) -> Values:
        """The values of every column."""
        columns = table.schema.columns
        matrix = np.empty((len(table), len(columns)))
        for j, column in enumerate(columns):
            values = table.frame[column.name]
            if column.kind is Kind.CATEGORICAL:
                codes = values.cat.codes.to_numpy(dtype=np.float64)
                matrix[:, j] = np.where(codes < 0, np.nan, codes)
            else:
                matrix[:, j] = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return cls(matrix, np.array([column.is_numeric for column in columns]))

    def some(self, most: int, rng: np.random.Generator) -> Values:
        """At most so many rows, drawn without replacement."""
        return Values(self.matrix[rng.permutation(len(self.matrix))[:most]], self.numeric)


def differences(asked: FloatArray, among: FloatArray, numeric: bool, width: float) -> FloatArray:
    """How far the values of a column are apart, in [0, 1]; shape (n, m).

    Numbers by their difference as a share of ``width``, categories by 1 where they differ
    (Gower's distance). Missing is 0 from missing, and 1 from any value.

    Source: J. Gower, "A general coefficient of similarity and some of its properties", Biometrics
    27, 1971, https://doi.org/10.2307/2528823

    Args:
        asked: shape (n,).
        among: shape (m,).
        numeric: whether they are numbers.
        width: of the numbers' range; 0 for a column of one value.
    """
    scale = (width or 1.0) if numeric else 1.0  # before the cast, which numbers beyond float32 need
    a, b = (asked / scale)[:, None].astype(np.float32), (among / scale)[None, :].astype(np.float32)
    apart = np.minimum(np.abs(a - b), 1) if numeric else (a != b).astype(np.float32)
    gone, away = np.isnan(asked)[:, None], np.isnan(among)[None, :]
    found: FloatArray = np.where(gone & away, np.float32(0), np.where(gone | away, 1, apart))
    return found
