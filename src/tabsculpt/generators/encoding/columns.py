"""What an encoding learns of one column of a table, and how it codes discrete values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.generators.encoding.quantiles import Quantiles
from tabsculpt.table import Column, IntArray, Kind

Level = str | int | float | bool | None

DISCRETE_INTEGERS = 10
"""Integer columns with at most this many distinct values are treated as discrete."""


class Numbers(StrEnum):
    """How a column of many numbers is encoded.

    standard: less its mean, over its standard deviation. normal: as the quantile of the standard
    normal distribution at its share of the rows. bins: as the code of its bin, of like shares.
    """

    STANDARD = "standard"
    NORMAL = "normal"
    BINS = "bins"


@dataclass(frozen=True)
class Discrete:
    """A column of few values: ``levels`` in sorted order, missing (None) last."""

    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Numeric:
    """A column of many numbers: its range, mean and standard deviation, all in its own unit.

    ``quantiles`` and ``ends`` (of the bins, as shares of the rows) where the encoding needs them.
    """

    low: float
    high: float
    mean: float
    deviation: float
    missing: bool
    quantiles: Quantiles | None = None
    ends: tuple[float, ...] = ()


def learn_column(
    values: pd.Series, column: Column, keep_numeric: bool, numbers: Numbers, bins: int
) -> Discrete | Numeric:
    """Look at the training rows of one column; arguments as of `Encoding.learn`.

    Args:
        values: of the column, shape (n,).
        column: what the schema says of it.
        keep_numeric: whether an integer column stays numeric, however few values it has.
        numbers: how a column of many numbers is encoded.
        bins: the most bins, where ``numbers`` is bins.
    """
    observed = values.dropna()
    distinct = sorted(observed.unique().tolist())
    missing = len(observed) < len(values)
    few = column.kind is Kind.INTEGER and len(distinct) <= DISCRETE_INTEGERS and not keep_numeric
    if few or not column.is_numeric or len(distinct) <= 1:
        return Discrete((*distinct, None) if missing else tuple(distinct))
    known = observed.to_numpy(dtype=np.float64)
    quantiles = None if numbers is Numbers.STANDARD else Quantiles.learn(known)
    low, high = float(known.min()), float(known.max())
    if column.kind is Kind.INTEGER:
        # beyond 2**53 the nearest number of double precision may lie outside the range
        low = low if low >= distinct[0] else float(np.nextafter(low, np.inf))
        high = high if high <= distinct[-1] else float(np.nextafter(high, -np.inf))
    return Numeric(
        low=low,
        high=high,
        mean=float(known.mean()),
        deviation=float(known.std()),
        missing=missing,
        quantiles=quantiles,
        ends=tuple(quantiles.cut(bins)) if quantiles and numbers is Numbers.BINS else (),
    )


def codes_of(values: pd.Series, absent: Any, column: Discrete) -> IntArray:
    """The place of each value among the levels, shape (n,); where ``absent`` is true, of None."""
    place = {level: code for code, level in enumerate(column.levels)}
    keys = [
        None if is_absent else value
        for value, is_absent in zip(values.tolist(), absent, strict=True)
    ]
    return np.array([place[key] for key in keys], dtype=np.int64)


def column_from_json(data: dict[str, Any]) -> Discrete | Numeric:
    """The inverse of `dataclasses.asdict`."""
    if "levels" in data:
        return Discrete(tuple(data["levels"]))
    known = data["quantiles"]
    quantiles = known and Quantiles(tuple(known["values"]), tuple(known["shares"]))
    return Numeric(**{**data, "quantiles": quantiles, "ends": tuple(data["ends"])})
