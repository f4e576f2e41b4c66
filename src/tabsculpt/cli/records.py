"""What a command found, as plain values that JSON has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Lists, mappings by text, text, numbers, flags and None.

    Args:
        value: also of dataclasses, arrays, tables (each row a mapping), paths and dates; numbers
            that JSON lacks (NaN, infinite ones) become None.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return str(value) if isinstance(value, Path) else _of_libraries(value)


def _of_libraries(value: Any) -> Any:
    """A value of pandas or NumPy; anything else as text."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, pd.Series):
        return plain(value.to_dict())
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if value is pd.NA or value is pd.NaT:
        return None
    return plain(value.item()) if isinstance(value, np.generic) else str(value)
