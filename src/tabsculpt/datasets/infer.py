"""The kind of each column, found from its values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.table import Column, Kind

_WHOLE_LIMIT = 2.0**53
_NUMBERS = {"integer", "floating", "integer-na", "mixed-integer-float", "decimal"}
_TIMES = {"datetime", "datetime64", "date", "time", "timedelta", "timedelta64"}
_TEXTS = {"string", "categorical", "empty"}


def plain(values: pd.Series) -> pd.Series:
    """Bring a column to numbers, booleans, text or categories.

    Args:
        values: a column as a reader gave it, of any dtype.

    Returns:
        The same values as a numeric, boolean or category dtype, or as an object dtype of strings;
        dates, times and durations as they are, for `require_features` to refuse with the others.

    Raises:
        UserError: the values are something else (lists, bytes, a mixture).
    """
    if pd.api.types.is_bool_dtype(values.dtype) and not isinstance(
        values.dtype, pd.CategoricalDtype
    ):
        return values
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in _NUMBERS:
        return _numbers(values)
    if kind == "boolean":
        return values.astype("boolean")
    if kind == "empty":
        return pd.Series(np.nan, index=values.index, dtype=np.float64, name=values.name)
    if kind in _TIMES or kind == "period":
        return values
    if kind in _TEXTS:
        return values if kind == "categorical" else values.astype(object)
    raise UserError(
        f"column {values.name!r} holds {kind} values; numbers, true/false or text are expected, "
        "so turn it into one of these or leave it out with dataset.drop"
    )


def kind_of(values: pd.Series) -> Kind:
    """The kind of a `plain` column.

    Whole numbers are integers, also where a float dtype holds them; text that says true or false
    only is boolean; 0 and 1 stay integers; every other text is a category.
    """
    if isinstance(values.dtype, pd.CategoricalDtype) or values.dtype == object:
        texts = {str(value).lower() for value in values.dropna().unique()}
        return Kind.BOOLEAN if texts and texts <= {"true", "false"} else Kind.CATEGORICAL
    if pd.api.types.is_bool_dtype(values.dtype):
        return Kind.BOOLEAN
    if pd.api.types.is_integer_dtype(values.dtype):
        return Kind.INTEGER
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    whole = np.all(known == np.round(known)) and np.all(np.abs(known) <= _WHOLE_LIMIT)
    return Kind.INTEGER if whole and known.size else Kind.CONTINUOUS


def _numbers(values: pd.Series) -> pd.Series:
    """Numbers of a numeric dtype; whole ones that int64 does not hold are floats."""
    if pd.api.types.is_unsigned_integer_dtype(values.dtype):
        fits = values.dropna().max() <= np.iinfo(np.int64).max
        return values.astype("Int64" if fits else np.float64)
    return values.astype(np.float64) if values.dtype == object else values


def column_of(values: pd.Series) -> Column:
    """A `plain` column's name and kind, with its categories sorted where it has some."""
    kind = kind_of(values)
    if kind is not Kind.CATEGORICAL:
        return Column(str(values.name), kind)
    categories = sorted({str(value) for value in values.dropna().unique()})
    return Column(str(values.name), kind, tuple(categories))
