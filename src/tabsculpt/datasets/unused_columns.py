"""Columns that are set aside: row numbers, row names, and columns without a value."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from tabsculpt.datasets.notes import Done, Note
from tabsculpt.datasets.texts import distinct_texts

FIRST = "Unnamed: 0"
"""What pandas and our own reader call a first column without a name."""

_UNNAMED = "Unnamed: "


def set_aside(frame: pd.DataFrame, used: Collection[str | None]) -> tuple[pd.DataFrame, list[Note]]:
    """Leave out columns that say nothing of their row, as R, pandas and spreadsheets write them.

    These are an unnamed first column that numbers the rows or names each of them, and columns
    without a single value.

    Args:
        frame: shape (n, d).
        used: columns that a setting names; they stay.

    Returns:
        The frame without them, and what was left out.
    """
    notes = []
    for name in frame.columns:
        if name in used:
            continue
        values = frame[name]
        if values.isna().all():
            unnamed = str(name).startswith(_UNNAMED)
            notes.append(
                Note(Done.UNNAMED_EMPTY, "", name, 1) if unnamed else Note(Done.EMPTY, "", name)
            )
        elif name == FIRST and (note := _names_rows(values)):
            notes.append(note)
    return frame.drop(columns=[note.column for note in notes]), notes


def _names_rows(values: pd.Series) -> Note | None:
    """A note where a first column has no name and another value in each row."""
    if values.isna().any() or not values.is_unique:
        return None
    if pd.api.types.is_integer_dtype(values.dtype):
        return Note(Done.ROW_NUMBERS, "", str(values.name), len(values))
    if pd.api.types.is_numeric_dtype(values.dtype):
        return None
    return Note(Done.ROW_NAMES, distinct_texts(values)[0].as_py(), str(values.name), len(values))
