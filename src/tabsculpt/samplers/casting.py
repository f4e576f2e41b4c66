"""Values of the data set's columns, cast back to the dtype of the column that they were read from.

The one place where a sampler casts. No cast wraps around, and none leaves the range seen: a number
within the range of the rows that were given stays within it, and one beyond it (of a generator that
extrapolates, or of a file) is clipped to what the dtype can hold. Whole numbers that int64 holds
are exact; where the data set has floats instead (beyond int64: ``uint64`` from 2**63 on, Python's
integers of any size), those equal to one that was given are that one, and others the nearest float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError


def cast_back(made: pd.Series, read: pd.Series, given: pd.Series) -> pd.Series:
    """Values of a data set's column in the dtype and with the words of the column given.

    Args:
        made: shape (m,), to be cast, of the data set's column.
        read: shape (n,), that column as it was read.
        given: shape (n,), what it was read from, row by row.

    Returns:
        Shape (m,), the index that of ``made``; missing in the way that ``given`` has it.

    Raises:
        UserError: values are missing that the dtype cannot say to be.
    """
    known = read.notna().to_numpy()
    absent = made.isna().to_numpy()
    if absent.any() and isinstance(given.dtype, np.dtype) and given.dtype.kind in "iub":
        raise UserError(
            f"column {made.name!r}: {absent.sum()} synthetic values are missing, which
            {given.dtype} " "cannot hold; use a nullable dtype such as Int64 or boolean"
        )
    values = _values(made[~absent], read[known], given[known])
    missing = given[given.isna()]
    filled = np.full(len(made), missing.iloc[0] if len(missing) else None, dtype=object)
    filled[~absent] = values
    whole = values if not absent.any() else filled
    return pd.Series(whole, index=made.index, dtype=given.dtype)


def _values(made: pd.Series, read: pd.Series, given: pd.Series) -> Any:
    """The same without missing values, as an array that the dtype given takes."""
    if isinstance(read.dtype, pd.CategoricalDtype) or read.dtype.name == "boolean":
        words = dict(zip(read.tolist(), given.tolist(), strict=True))
        return _objects([words[value] for value in made.tolist()])
    if pd.api.types.is_object_dtype(given.dtype):
        return _objects(_in_python(made, read, given))
    if pd.api.types.is_float_dtype(given.dtype):
        widest = float(np.finfo(_plain(given.dtype)).max)
        # Rounding to a narrower dtype keeps the order, so that no number leaves the range seen.
        return made.to_numpy(dtype=np.float64).clip(-widest, widest)
    limits = np.iinfo(_plain(given.dtype))
    if pd.api.types.is_integer_dtype(read.dtype):
        room = np.iinfo(np.int64)
        low, high = max(int(limits.min), int(room.min)), min(int(limits.max), int(room.max))
        return made.to_numpy(dtype=np.int64).clip(low, high)
    return _objects(_whole(made, read, given, (int(limits.min), int(limits.max))))


def _whole(
    made: pd.Series, read: pd.Series, given: pd.Series, limits: tuple[int, int] | None
) -> list[int]:
    """Floats as the whole numbers that they stand for; without limits, the range seen is all."""
    known = dict(zip(read.tolist(), map(int, given), strict=True))
    seen = min(known.values()), max(known.values())
    low, high = read.min(), read.max()
    whole = []
    for value in made.tolist():
        least, most = seen if limits is None or low <= value <= high else limits
        whole.append(min(max(known.get(value, round(value)), least), most))
    return whole


def _in_python(made: pd.Series, read: pd.Series, given: pd.Series) -> list[Any]:
    """Numbers of the one Python type that all values given have; as they are if there are more."""
    types = {type(value) for value in given}
    one: Any = types.pop() if len(types) == 1 else object
    if issubclass(one, (int, np.integer)):
        return [one(value) for value in _whole(made, read, given, None)]
    if issubclass(one, Decimal):
        return [one(repr(value)) for value in made.tolist()]
    return [one(value) for value in made] if issubclass(one, (float, np.floating)) else list(made)


def _objects(values: list[Any]) -> np.ndarray[Any, Any]:
    """An array of objects of one dimension, whatever they are."""
    return np.fromiter(values, dtype=object, count=len(values))


def _plain(dtype: Any) -> Any:
    """NumPy's dtype of the values of a nullable, Arrow or sparse one."""
    return getattr(dtype, "subtype", getattr(dtype, "numpy_dtype", dtype))
