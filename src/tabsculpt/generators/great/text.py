"""The columns of a table as words: every value that a row may have, in writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.generators.encoding.columns import Discrete, Numeric
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import FloatArray, IntArray

MISSING = "None"
"""The word for a missing value."""


@dataclass(frozen=True)
class Words:
    """A column in writing.

    Attributes:
        name: without commas, unlike that of any other column.
        values: by code, no two alike. For numbers, the middle of each bin, rounded as far as it
            stays unlike the others, and `MISSING` last where some are missing.
    """

    name: str
    values: tuple[str, ...]


def write_columns(encoding: Encoding) -> dict[str, Words]:
    """The columns that are not constant in writing, by their encoded name.

    Args:
        encoding: whose numbers are in bins.
    """
    names = distinct([spec.name for spec in encoding.schema.columns])
    words = {}
    for place, column in enumerate(encoding.columns):
        if f"{place}" not in encoding.sizes:
            continue
        if isinstance(column, Discrete):
            texts = [MISSING if level is None else f"{level}" for level in column.levels]
        else:
            texts = _write_numbers(_middles(column)) + [MISSING] * column.missing
        words[f"{place}"] = Words(names[place], tuple(distinct(texts)))
    return words


def to_codes(words: dict[str, Words], encoding: Encoding, encoded: pd.DataFrame) -> IntArray:
    """The values of encoded rows as places in ``values``, shape (n, len(words))."""
    codes = []
    for name, column in words.items():
        code = encoded[name].to_numpy(dtype=np.int64)
        if f"{name}_missing" in encoding.sizes:
            code = np.where(encoded[f"{name}_missing"] == 1, len(column.values) - 1, code)
        codes.append(code)
    return np.column_stack(codes) if codes else np.empty((len(encoded), 0), dtype=np.int64)


def from_codes(words: dict[str, Words], encoding: Encoding, codes: IntArray) -> pd.DataFrame:
    """The inverse of `to_codes`; the bin of a missing number is the first."""
    encoded: dict[str, Any] = {}
    for (name, column), code in zip(words.items(), codes.T, strict=True):
        encoded[name] = code
        if f"{name}_missing" in encoding.sizes:
            missing = code == len(column.values) - 1
            encoded[name] = np.where(missing, 0, code)
            encoded[f"{name}_missing"] = missing.astype(np.int64)
    return pd.DataFrame(encoded, index=range(len(codes)))[encoding.names]


def _middles(column: Numeric) -> FloatArray:
    """The median of each bin, in the column's unit."""
    assert column.quantiles is not None
    ends = np.array(column.ends)
    return column.quantiles.from_uniform((ends[:-1] + ends[1:]) / 2)


def _write_numbers(numbers: FloatArray) -> list[str]:
    """Numbers as decimals with as few digits as tell them apart, two at least."""
    texts: list[str] = []
    for digits in range(2, 18):
        texts = [
            np.format_float_positional(number, digits, unique=False, fractional=False, trim="-")
            for number in numbers
        ]
        if len(set(texts)) == len(texts):
            break
    return texts


def distinct(texts: list[str]) -> list[str]:
    """The texts on one line without commas, which end a value, and no two alike."""
    plain: list[str] = []
    for text in texts:
        word = " ".join(text.replace(",", ";").split()) or "blank"
        while word in plain:
            word += "'"
        plain.append(word)
    return plain
