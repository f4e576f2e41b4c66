"""A table: a frame whose columns have declared kinds, with a target and a task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.table.schema import Column, Kind, Schema, Task, TextUse

__all__ = [
    "TEXT",
    "Column",
    "FloatArray",
    "IntArray",
    "Kind",
    "Schema",
    "Table",
    "Task",
    "TextUse",
    "concat",
    "conform",
    "feature_matrix",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
TEXT = pd.StringDtype("python")
"""What holds text: no dependence on whether pandas finds Arrow."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows that obey a schema. Make one with `conform`, which casts and checks.

    Attributes:
        frame: shape (n, d), the columns of the schema.
        schema: what the columns are.
        groups: the group of each row, shape (n,), numbers or strings, where rows belong together
            (the visits of a patient); None where they do not. A group is no feature.
    """

    frame: pd.DataFrame
    schema: Schema
    groups: npt.NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def features(self) -> pd.DataFrame:
        """Every column but the target, shape (n, d)."""
        return self.frame.drop(columns=self.schema.target)

    @property
    def target(self) -> npt.NDArray[Any]:
        """The target, shape (n,): float64 in its own unit, or the int64 code of the class."""
        values = self.frame[self.schema.target]
        if self.schema.task is Task.REGRESSION:
            return values.to_numpy(dtype=np.float64, na_value=np.nan)
        return values.cat.codes.to_numpy(dtype=np.int64)

    def take(self, rows: npt.NDArray[Any] | Sequence[int]) -> Table:
        """The rows at these positions (or where a boolean mask holds), index renewed."""
        picked = np.asarray(rows)
        if picked.dtype == bool:
            picked = np.flatnonzero(picked)
        picked = picked.astype(int)
        groups = None if self.groups is None else self.groups[picked]
        return Table(self.frame.take(picked).reset_index(drop=True), self.schema, groups)

    def without_text(self) -> Table:
        """The same rows without columns of text; itself where there are none."""
        if not self.schema.texts:
            return self
        frame = self.frame.drop(columns=list(self.schema.texts))
        return Table(frame, self.schema.without_text(), self.groups)

    def matrix(self) -> FloatArray:
        """The features as numbers, shape (n, d'): categories one-hot in schema order, missing NaN.

        A missing category is NaN in each of its columns. The target is not among them, nor is text,
        which `tabsculpt.text.features` turns into columns of numbers.
        """
        return feature_matrix(self.frame, self.schema)

    def fingerprint(self) -> str:
        """A hash of schema, dtypes, values, groups and row order; NaN is unlike every number."""
        named = [self.schema.to_json(), self.unnamed_fingerprint()]
        return hashlib.blake2b(
            json.dumps(named, sort_keys=True).encode(), digest_size=16
        ).hexdigest()

    def unnamed_fingerprint(self) -> str:
        """The same, but for the names of the columns, of which their places alone count."""
        digest = hashlib.blake2b(digest_size=16)
        digest.update(json.dumps(self.schema.unnamed().to_json(), sort_keys=True).encode())
        for name in self.schema.names:
            column = self.frame[name]
            digest.update(f"{column.dtype.name}\x1f".encode())
            missing = column.isna().to_numpy()
            digest.update(missing.tobytes())
            digest.update(_plain(column, missing).tobytes())
        if self.groups is not None:
            digest.update(json.dumps(self.groups.tolist()).encode())
        return digest.hexdigest()


def feature_matrix(frame: pd.DataFrame, schema: Schema) -> FloatArray:
    """See `Table.matrix`; for a frame that may lack the target."""
    blocks = []
    for column in schema.features:
        values = frame[column.name]
        if column.kind is Kind.TEXT:
            continue
        if column.kind is Kind.CATEGORICAL:
            codes = values.cat.codes.to_numpy()
            block = (codes[:, None] == np.arange(len(column.categories))).astype(np.float64)
            block[codes < 0] = np.nan
        else:
            block = values.to_numpy(dtype=np.float64, na_value=np.nan)[:, None]
        blocks.append(block)
    return np.hstack(blocks) if blocks else np.empty((len(frame), 0))


def conform(frame: pd.DataFrame, schema: Schema) -> Table:
    """Cast a frame to a schema's columns, order and dtypes.

    Args:
        frame: has at least the columns of the schema; numbers for integer columns may be floats
            and are rounded; categories and booleans may be strings, numbers or categories.
        schema: what the result obeys.

    Returns:
        A table with a fresh index.

    Raises:
        ValueError: a column is absent, or a value is outside the declared categories.
    """
    absent = [name for name in schema.names if name not in frame.columns]
    if absent:
        raise ValueError(f"columns absent: {absent}")
    columns = {column.name: _cast(frame[column.name], column) for column in schema.columns}
    made = pd.DataFrame(columns)
    made.index = pd.RangeIndex(len(made))
    return Table(made, schema)


def concat(tables: Sequence[Table]) -> Table:
    """Stack tables of one schema, in order; groups are not kept.

    Raises:
        ValueError: no table, or the schemas differ.
    """
    if not tables or any(table.schema != tables[0].schema for table in tables):
        raise ValueError("concat needs at least one table, all of one schema")
    frames = [table.frame for table in tables if len(table)] or [tables[0].frame]
    return Table(pd.concat(frames, ignore_index=True), tables[0].schema)


def _cast(values: pd.Series, column: Column) -> pd.Series:
    match column.kind:
        case Kind.CONTINUOUS if values.dtype == np.float64:
            return values
        case Kind.CONTINUOUS:
            return values.astype("Float64").astype(np.float64)
        case Kind.INTEGER if pd.api.types.is_integer_dtype(values.dtype):
            return values.astype("Int64")
        case Kind.INTEGER:
            # the greatest number of double precision that int64 holds is below 2**63
            known = values.astype("Float64").clip(-(2.0**63), np.nextafter(2.0**63, 0))
            return known.round().astype("Int64")
        case Kind.BOOLEAN:
            return _as_boolean(values, column.name)
        case Kind.CATEGORICAL:
            return _as_categories(values, column)
        case Kind.TEXT:
            return values.astype(TEXT)


def _as_boolean(values: pd.Series, name: str) -> pd.Series:
    if values.dtype.name == "boolean":
        return values
    known: dict[object, bool] = {
        "true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False,
    }  # fmt: skip
    mapped = values.astype("string").str.lower().map(known)
    if (mapped.isna() & values.notna()).any():
        raise ValueError(f"column {name!r} has values that are neither true nor false")
    return mapped.astype("boolean")


def _as_categories(values: pd.Series, column: Column) -> pd.Series:
    dtype = pd.CategoricalDtype(list(column.categories))
    if values.dtype == dtype:  # whatever their order, which the codes depend on
        return values.cat.reorder_categories(list(column.categories))
    # level by level: whole numbers among missing values would be read as 3.0
    text = values.astype(object).map(str, na_action="ignore").where(values.notna(), None)
    cast = text.astype(dtype)
    stray = cast.isna() & values.notna()
    if stray.any():
        raise ValueError(f"column {column.name!r} has unknown categories: {set(text[stray])}")
    return cast


def _plain(column: pd.Series, missing: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """The values as a contiguous array, with one fixed filler where they are missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(dtype=np.int64)
    if column.dtype == TEXT:
        texts = [text.encode() for text in column.fillna("")]
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        return np.concatenate([lengths.view(np.uint8), np.frombuffer(b"".join(texts), np.uint8)])
    dtype = np.float64 if column.dtype == np.float64 else np.int64
    values = column.to_numpy(dtype=dtype, na_value=0)
    return np.where(missing, dtype(0), values)
