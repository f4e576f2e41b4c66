"""Levels that differ in case or blanks only: mild, MILD and "mild "."""

from __future__ import annotations

import pandas as pd

from tabsculpt.datasets.notes import Done, Fact


def alike_levels(values: pd.Series) -> list[list[str]]:
    """Levels of a column of text or categories that case and blanks alone tell apart.

    Args:
        values: shape (n,), of any dtype.

    Returns:
        Groups of two or more levels, the most frequent first; none for other columns.
    """
    if not (values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype)):
        return []
    counts = {v: n for v, n in values.value_counts().items() if n and isinstance(v, str)}
    groups: dict[str, list[str]] = {}
    for level in sorted(counts, key=lambda v: (-counts[v], v != v.strip(), v)):
        groups.setdefault(" ".join(level.split()).casefold(), []).append(level)
    return [group for group in groups.values() if len(group) > 1]


def merge_levels(values: pd.Series) -> tuple[pd.Series, list[Fact]]:
    """Give alike levels the spelling of the most frequent one, without blanks around it.

    Returns:
        The column, and what was merged.
    """
    counts = values.value_counts()
    spelt: dict[str, str] = {}
    notes = []
    for first, *others in alike_levels(values):
        spelt |= dict.fromkeys([first, *others], first.strip())
        merged = ", ".join(f"{other!r} ({counts[other]})" for other in others)
        total = int(counts[others].sum())
        text = f"{merged} read as {first.strip()!r}"
        notes.append(Fact(Done.LEVELS_MERGED, text, str(values.name), total))
    if not spelt:
        return values, []
    texts = values.astype(object)
    return texts.map(spelt).where(texts.isin(list(spelt)), texts), notes
