"""The form in which a table came, so that rows can be given back in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import pandas as pd

from tabsculpt.datasets.identifier_form import IdentifierForm
from tabsculpt.datasets.number_form import NumberForm
from tabsculpt.datasets.time_form import Clock, TimeForm
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.table import TEXT

UNNAMED = "Unnamed: "
"""How the name of a column begins that has none in the source."""


class Role(StrEnum):
    """What becomes of a column of the source where rows are given back."""

    COLUMN = "column"
    """A column of the table."""
    IDENTIFIER = "identifier"
    """Set aside; fresh values of its form are made."""
    EMPTY = "empty"
    """Without a value in the source; stays so."""
    LEFT_OUT = "left_out"
    """Not given back: free text, the group, what ``dataset.drop`` names."""


@dataclass(frozen=True)
class ColumnForm:
    """The form of a column of the source.

    Attributes:
        name: of the column.
        role: what becomes of it.
        dtype: of pandas, as the reader gave it; ``object`` for text.
        number: how its numbers are written, where the source is text.
        time: how its dates, times or durations are written.
        identifier: how its identifiers are built.
        levels: how each category, ``true`` and ``false`` is written in the source, by what it is
            called inside.
        missing: how a missing value is written.
    """

    name: str
    role: Role = Role.COLUMN
    dtype: str = "object"
    number: NumberForm | None = None
    time: TimeForm | None = None
    identifier: IdentifierForm | None = None
    levels: tuple[tuple[str, str], ...] = ()
    missing: str = ""

    @property
    def title(self) -> str:
        """The name in the first line of a text file; empty where the source has none."""
        return "" if self.name.startswith(UNNAMED) else self.name

    def restore(self, values: pd.Series) -> pd.Series:
        """Values in the type and spelling of the source; missing ones stay missing.

        Args:
            values: shape (n,), as a `tabsculpt.table.Table` holds them.
        """
        if values.dtype == TEXT:
            return values.astype(object).where(values.notna(), None)
        if _is_labelled(values):
            return self._typed(_spelt(values, self.levels))
        if self.time is not None:
            return self._times(self.time, values)
        if self.number is not None and self.dtype in ("object", "string", "str"):
            return self.number.texts(values)
        return self._typed(values)

    def texts(self, values: pd.Series) -> pd.Series:
        """Values as the text of a file in the form of the source has them."""
        if values.dtype == TEXT:
            found = values
        elif _is_labelled(values):
            found = _spelt(values, self.levels)
        elif self.time is not None:
            found = self.time.texts(values)
        else:
            found = (self.number or NumberForm()).texts(values)
        return found.astype(object).where(found.notna(), self.missing)

    def _times(self, form: TimeForm, values: pd.Series) -> pd.Series:
        if form.format:
            return self._typed(form.texts(values))
        times = form.times(values)
        if form.clock is Clock.TIME:
            clock = (pd.Timestamp(0) + times).dt.time.astype(object)
            return clock.where(times.notna(), None)
        if self.dtype == "object":  # dates without a time, as Arrow and databases give them
            return times.dt.date.astype(object).where(times.notna(), None)
        return times.astype(self.dtype)

    def _typed(self, values: pd.Series) -> pd.Series:
        """In the dtype of the source, or in one that also holds missing values."""
        if self.dtype in ("object", "category"):
            is_text = values.dtype == object or values.dtype.name == "category"
            return values.astype(self.dtype) if is_text else values
        if values.dtype == object and self.dtype in ("bool", "boolean"):
            values = values.map({"True": True, "False": False}).astype("boolean")
        elif values.dtype == object and _is_numeric(self.dtype):
            numbers = pd.to_numeric(values, errors="coerce")
            if (numbers.isna() & values.notna()).any():
                return values  # a class that others were merged into
            values = numbers
        if not values.isna().any():
            return values.astype(self.dtype)
        return values.astype(_NULLABLE.get(self.dtype, self.dtype))


_NULLABLE = {
    "bool": "boolean", "int8": "Int8", "int16": "Int16", "int32": "Int32", "int64": "Int64",
    "uint8": "UInt8", "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64",
}  # fmt: skip


@dataclass(frozen=True)
class SourceForm:
    """The form of a table in its source.

    Attributes:
        columns: of the source, in order.
        format: ``csv``, ``parquet``, ``arff``, ``feather``, ``excel``, ``sql``, ...; ``frame``
            where rows come from no file.
        separator: between the cells of a text file.
        encoding: of a text file, as Python names it.
        header: whether the first line of a text file names the columns.
        line_end: of a text file.
    """

    columns: tuple[ColumnForm, ...]
    format: str = "frame"
    separator: str = ","
    encoding: str = "utf-8"
    header: bool = True
    line_end: str = "\n"

    @cached_property
    def by_name(self) -> dict[str, ColumnForm]:
        """Each column's form by its name."""
        return {column.name: column for column in self.columns}

    @property
    def left_out(self) -> list[str]:
        """The columns of the source that `restore` does not give."""
        return [column.name for column in self.columns if column.role is Role.LEFT_OUT]

    def is_time(self, name: str) -> bool:
        """Whether a column holds dates, times of day or durations."""
        form = self.by_name.get(name)
        return form is not None and form.time is not None

    def restore(self, frame: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
        """Rows with the columns of the source, in its order, types and spelling.

        Args:
            frame: shape (n, d), as `tabsculpt.table.Table.frame` has them.
            seed: of identifiers that are drawn.

        Returns:
            Shape (n, d'): numbers, categories and times in the dtype of the source (one that can
            hold missing values, where there are some), numbers and dates that the source has as
            text as such text, fresh identifiers, and empty columns; without `left_out`.
        """
        return self._columns(frame, seed, as_text=False)

    def texts(self, frame: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
        """The same as strings, as a text file in the form of the source has them.

        Decimals, decimal marks and the spelling of missing values are those of each column;
        separators, quotes and encoding are left to who writes the file.
        """
        return self._columns(frame, seed, as_text=True)

    def _columns(self, frame: pd.DataFrame, seed: int, as_text: bool) -> pd.DataFrame:
        found: dict[str, pd.Series] = {}
        for place, column in enumerate(self.columns):
            match column.role:
                case Role.IDENTIFIER if column.identifier is not None:
                    drawn = derive_seed(seed, place)  # a name does not move draws
                    fresh = pd.Series(column.identifier.fresh(len(frame), drawn), dtype=object)
                    fresh.index = frame.index
                    found[column.name] = fresh if as_text else column.restore(fresh)
                case Role.EMPTY:
                    filler = column.missing if as_text else None
                    found[column.name] = pd.Series(filler, frame.index, dtype=object)
                case Role.COLUMN if column.name in frame:
                    make = column.texts if as_text else column.restore
                    found[column.name] = make(frame[column.name]).rename(column.name)
        return pd.DataFrame(found, index=frame.index)

    def with_columns(self, changed: Mapping[str, ColumnForm]) -> SourceForm:
        """The same with other forms of some columns."""
        columns = tuple(changed.get(column.name, column) for column in self.columns)
        return replace(self, columns=columns)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SourceForm:
        """The inverse of `to_json`, also after a turn through JSON."""
        return cls(**{**data, "columns": tuple(map(_column_from, data["columns"]))})


def _column_from(data: dict[str, Any]) -> ColumnForm:
    time = data["time"]
    return ColumnForm(
        data["name"],
        Role(data["role"]),
        data["dtype"],
        NumberForm(**data["number"]) if data["number"] else None,
        TimeForm(**{**time, "clock": Clock(time["clock"])}) if time else None,
        IdentifierForm(**data["identifier"]) if data["identifier"] else None,
        tuple((inside, outside) for inside, outside in data["levels"]),
        data["missing"],
    )


def _spelt(values: pd.Series, levels: tuple[tuple[str, str], ...]) -> pd.Series:
    """Categories and booleans as text, in the spelling of the source."""
    if values.dtype == "boolean":
        spelling = {True: "True", False: "False"} | {k == "true": v for k, v in levels}
        found = values.astype(object).map(spelling, na_action="ignore")
    else:
        known = dict(levels)
        found = values.astype(object).map(lambda v: known.get(v, v), na_action="ignore")
    return found.astype(object).where(values.notna().to_numpy(), None)


def _is_labelled(values: pd.Series) -> bool:
    """Whether values are categories, or true and false."""
    return values.dtype == "boolean" or values.dtype.name == "category" or values.dtype == object


def _is_numeric(dtype: str) -> bool:
    return dtype.lower().startswith(("int", "uint", "float"))


def names_of(frame: pd.DataFrame) -> SourceForm:
    """The form of a frame that comes from no text: names and dtypes."""
    return SourceForm(
        tuple(ColumnForm(str(name).strip(), dtype=_dtype_of(frame[name])) for name in frame.columns)
    )


def _dtype_of(values: pd.Series) -> str:
    """The dtype of a column; of objects that are numbers or true and false, one that holds them."""
    if values.dtype != object:
        return str(values.dtype)
    return _OF_OBJECTS.get(pd.api.types.infer_dtype(values, skipna=True), "object")


_OF_OBJECTS = {
    "boolean": "boolean", "integer": "Int64", "floating": "float64", "decimal": "float64",
    "mixed-integer-float": "float64",
}  # fmt: skip
