"""What is done to a raw table before kinds are decided, and what its values look like besides."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from tabsculpt.datasets.check import example_of, first_word, look_of
from tabsculpt.datasets.levels import merge_levels
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.texts import Form, are_codes, distinct_texts
from tabsculpt.datasets.unused_columns import set_aside
from tabsculpt.table.uncopied import with_columns

_SENTENCES = {
    Form.DATES,
    Form.DURATIONS,
    Form.ACCOUNTING,
    Form.TIMES,
    Form.PERCENTAGES,
    Form.THOUSANDS,
    Form.DECIMAL_COMMAS,
    Form.MONEY,
    Form.UNITS,
}


def clean(
    frame: pd.DataFrame,
    missing_values: Sequence[float],
    merge: bool,
    used: Collection[str | None],
    group: str | None = None,
) -> tuple[pd.DataFrame, list[Fact]]:
    """Apply what the user says of values, and set columns aside that say nothing of their row.

    Args:
        frame: shape (n, d).
        missing_values: numbers that stand for a missing value in every column of numbers.
        merge: whether levels that differ in case or blanks only are made one.
        used: columns that are not set aside, whatever they hold.
        group: the column that keeps its values as they are, or None.

    Returns:
        The frame, and what was done.
    """
    notes = [note for name in frame.columns for note in _rounded(frame[name])]
    changed = {}
    for name in frame.columns.difference([group], sort=False):
        values, found = _without_codes(frame[name], missing_values)
        if merge and not found:
            values, found = merge_levels(values)
        if found:
            changed[name] = values
            notes += found
    frame, unused = set_aside(with_columns(frame, changed), used)
    return frame, [*notes, *unused]


def look(values: pd.Series) -> list[Fact]:
    """What a `plain` column looks like beside what it is read as."""
    name = str(values.name)
    form = look_of(values)
    if form in _SENTENCES:
        return [Fact(Done.FORM, f"{form} ({example_of(values)})", name)]
    if values.dtype != object:
        return []
    if form is Form.MIXED:
        return [Fact(Done.MIXED, repr(first_word(values)), name)]
    if form is Form.NUMBERS and not are_codes(distinct_texts(values)):
        return [Fact(Done.NUMBERS_AS_TEXT, example_of(values), name)]
    return []


def _rounded(values: pd.Series) -> list[Fact]:
    """Unsigned whole numbers that int64 does not hold, see `tabsculpt.datasets.infer.plain`."""
    if not pd.api.types.is_unsigned_integer_dtype(values.dtype):
        return []
    large = values[(values > np.iinfo(np.int64).max).fillna(False).to_numpy(dtype=bool)]
    if large.empty:
        return []
    return [Fact(Done.ROUNDED, str(large.iloc[0]), str(values.name), len(large))]


def _without_codes(values: pd.Series, codes: Sequence[float]) -> tuple[pd.Series, list[Fact]]:
    """A column of numbers without those that stand for missing ones."""
    kind = values.dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return values, []
    counts = {code: int((values == code).sum()) for code in codes}
    notes = [
        Fact(Done.READ_AS_MISSING, f"{code:g}", str(values.name), count)
        for code, count in counts.items()
        if count
    ]
    if not notes:
        return values, []
    nullable = "Int64" if pd.api.types.is_integer_dtype(kind) else np.float64
    return values.astype(nullable).mask(values.isin(list(codes))), notes
