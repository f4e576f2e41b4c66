"""Frames that share the columns of others: of a long table, each copy counts.

pandas 3 does the same by itself; before it, ``assign``, ``drop`` and ``reset_index`` copy every
column. What is made so is only read, and `tabsculpt.table.conform` copies it once at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd


def with_columns(frame: pd.DataFrame, changed: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The frame with some columns in place of those of their names, or after the others."""
    if not changed:
        return frame
    columns = {**{name: frame[name] for name in frame.columns}, **changed}
    return pd.DataFrame(columns, index=frame.index, copy=False)


def without(frame: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """The frame without some columns."""
    left = {name: frame[name] for name in frame.columns if name not in names}
    return pd.DataFrame(left, index=frame.index, columns=list(left), copy=False)


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its rows numbered from 0."""
    found = frame.copy(deep=False)
    found.index = pd.RangeIndex(len(frame))
    return found
