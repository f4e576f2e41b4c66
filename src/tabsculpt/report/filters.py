"""Keeps the result rows that were asked for as ``column=value``."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tabsculpt.analysis.columns import RIVALS
from tabsculpt.errors import UserError, unknown

OF_SYNTHETIC = ("generator", "profiler", "pipeline", "protocol")
"""Columns in which the real-data baseline has no value of its own."""
EMPTY = "null"
"""What a cell without a value is called."""
PRECISE = ".15g"
MOST_LISTED = 40
"""Values that an error lists; of more, a person reads none."""


def keep(rows: pd.DataFrame, filters: Sequence[str], with_baseline: bool = False) -> pd.DataFrame:
    """The rows where every ``column=value`` or ``column=value,value`` holds.

    Args:
        rows: result rows.
        filters: as typed. Numbers are compared as numbers, anything else as text; a cell without
            value is ``null``; a row has every experiment under which its job was asked for.
        with_baseline: keep the real-data baseline, which has no generator, profiler or protocol
            of its own, whatever these are to be.

    Raises:
        UserError: not of this form, no such column, or a value that none of the
            rows has that the filters before it leave.
    """
    before: list[str] = []
    for text in filters:
        column, separator, value = text.partition("=")
        if not separator:
            raise UserError(f"cannot read filter {text!r}: expected column=value")
        if column not in rows.columns:
            raise unknown("column", column, rows.columns)
        if rows.empty and not before:
            continue  # no result at all, which is another thing to say
        words = _words(rows[column])
        asked = _wanted(value, words, _among(column, before))
        holds = words.map(lambda own, asked=asked: not asked.isdisjoint(own))
        if with_baseline and column in OF_SYNTHETIC:
            holds |= rows.pipeline == "real"
            if column != "pipeline":  # what trains otherwise on real rows has none of the others
                holds |= rows.pipeline.isin(RIVALS)
        rows = rows[holds.to_numpy(dtype=bool)]
        before.append(text)
    return rows


def _words(column: pd.Series) -> pd.Series:
    """What each cell may be called: one word, or several for experiments."""
    if column.name == "experiment":
        return column.fillna("").str.split(",").map(frozenset)
    numeric = pd.api.types.is_numeric_dtype(column)
    names = {value: frozenset([_word(value, numeric)]) for value in column.unique()}
    return column.map(names)


def _word(value: object, numeric: bool) -> str:
    if pd.isna(value):
        return EMPTY
    return f"{value:{PRECISE}}" if numeric else str(value)


def _wanted(value: str, words: pd.Series, what: str) -> set[str]:
    """The values asked for, as the column calls them.

    Raises:
        UserError: one of them is nowhere in the column.
    """
    known = set().union(*words.unique()) if len(words) else set()
    if value in known:  # also one that holds a comma, such as some settings
        return {value}
    found = {_canonical(each.strip(), known) for each in value.split(",")}
    for each in sorted(found - known):
        if len(known) > MOST_LISTED:
            some = ", ".join(sorted(known)[:3])
            raise UserError(f"unknown {what} {each!r}: it has {len(known)} values, such as {some}")
        raise unknown(what, each, known - {""})
    return found


def _canonical(text: str, known: set[str]) -> str:
    """A number as the column writes it; text as it is."""
    try:
        number = f"{float(text):{PRECISE}}"
    except ValueError:
        return text
    return number if number in known else text


def _among(column: str, before: Sequence[str]) -> str:
    return f"{column} among the rows with {' '.join(before)}" if before else f"{column} in the rows"
