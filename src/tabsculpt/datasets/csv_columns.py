"""A column of a CSV file: whether its texts are numbers, codes or levels, and which are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.number_form import NumberForm
from tabsculpt.datasets.source_form import ColumnForm
from tabsculpt.datasets.texts import (
    Form,
)
from tabsculpt.table import IntArray

if TYPE_CHECKING:
    import pyarrow as pa

_EXACT = 2**53
_SHOWN = 3
_TRIED = 20
_MOST_DECIMALS = 12
_TELLING = 10
"""Different numbers from which it is no chance that three digits follow every point."""


@dataclass(frozen=True, eq=False)
class CsvColumn:
    """A column as read from a CSV file.

    Attributes:
        values: shape (n,).
        notes: what was done to it.
        strays: the rows of words in a column of numbers.
        number: how its numbers are written; None where it holds none.
        missing: how a missing value is written, most often.
    """

    values: pd.Series
    notes: tuple[Fact, ...] = ()
    strays: IntArray | None = None
    number: NumberForm | None = None
    missing: str = ""

    @property
    def form(self) -> ColumnForm:
        """The form of the column in the file."""
        dtype = str(self.values.dtype)
        text = dtype in ("category", "object")
        return ColumnForm(
            str(self.values.name),
            dtype="object" if text else dtype,
            number=self.number,
            missing=self.missing,
        )


def plain_form(texts: pa.Array) -> NumberForm:
    """How plain numbers are written: how many decimals, and whether always as many.

    Args:
        texts: shape (n,), numbers without blanks around and without missing ones.
    """
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(texts, "[eE]")).as_py():
        return NumberForm()
    points = pc.find_substring(texts, ".")
    after = pc.subtract(pc.subtract(pc.binary_length(texts), points), 1)
    ends = pc.min_max(pc.if_else(pc.less(points, 0), 0, after)).as_py()
    if ends["max"] is None or ends["max"] > _MOST_DECIMALS:
        return NumberForm()
    return NumberForm(ends["max"], fixed=ends["min"] == ends["max"])


def exact_numbers(name: str, texts: pa.Array) -> CsvColumn | None:
    """A column of nothing but plain numbers and empty cells, or None; most columns are such."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(texts)
    filled = pc.if_else(pc.equal(texts, ""), None, texts)
    if filled.null_count == len(filled):
        return CsvColumn(pd.Series(np.nan, range(len(filled)), name=name))
    whole = cast(filled, pa.int64())
    if whole is not None:  # 0x10 and 007 are cast as well
        zeros = pc.match_substring_regex(filled, r"^[+-]?0[0-9xX]")
        if zeros.true_count:
            return None
        return CsvColumn(as_series(whole, name), number=NumberForm(0, fixed=True))
    numbers = cast(filled, pa.float64())
    if numbers is None:
        return None
    values = as_series(numbers, name)
    odd = values.isna().sum() > filled.null_count or (values.abs() > _EXACT).any()
    return None if odd else CsvColumn(values, number=plain_form(filled.drop_null()))


def cast(texts: pa.Array, to: pa.DataType) -> pa.Array | None:
    """The texts as numbers, or None; the first ones are tried before all, as failing is slow."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.cast(texts.drop_null()[:_TRIED], to)
        return pc.cast(texts, to)
    except pa.ArrowInvalid:
        return None


def as_series(numbers: pa.Array, name: str) -> pd.Series:
    """Numbers of Arrow as float64, int64, or Int64 where some are missing."""
    import pyarrow as pa

    if numbers.type == pa.float64():
        return pd.Series(numbers.to_numpy(zero_copy_only=False), name=name)
    if not numbers.null_count:
        return pd.Series(numbers.to_numpy(), name=name)
    missing = np.asarray(numbers.is_null())
    return pd.Series(
        pd.arrays.IntegerArray(numbers.fill_null(0).to_numpy().copy(), missing), name=name
    )


def may_be_thousands(texts: pa.Array) -> bool:
    """Whether points may separate thousands: every one stands before three digits, as in 1.234.

    Args:
        texts: of a column of plain numbers with three decimals at most.
    """
    import pyarrow.compute as pc

    known = pc.unique(pc.utf8_trim_whitespace(texts))
    known = known.filter(pc.match_substring_regex(known, r"^-?\d"))
    pointed = pc.match_substring(known, ".").true_count
    if len(known) < _TELLING or 2 * pointed < len(known):
        return False
    whole = pc.match_substring_regex(known, r"^-?(?:[1-9]\d{0,2}\.\d{3}|\d{1,3})$")
    return bool(whole.false_count == 0)


def without_points(column: CsvColumn, texts: pa.Array) -> CsvColumn:
    """A column of plain numbers read again, its points separating thousands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array(column.values.notna().to_numpy())
    plain = pc.replace_substring(pc.utf8_trim_whitespace(texts), ".", "")
    whole = pc.cast(pc.if_else(known, plain, pa.scalar(None, pa.string())), pa.int64())
    example = next(text for text in pc.utf8_trim_whitespace(texts).to_pylist() if "." in text)
    name = str(column.values.name)
    note = Fact(Done.NUMBERS_READ, str(Form.THOUSANDS), name, 0, example)
    form = NumberForm(0, fixed=True, thousands=".", decimal=",")
    return replace(column, values=as_series(whole, name), notes=(*column.notes, note), number=form)
