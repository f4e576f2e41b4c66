"""The form of a source, once it is known what its columns are used for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from tabsculpt.datasets.identifier_form import IdentifierForm
from tabsculpt.datasets.source_form import ColumnForm, Role, SourceForm
from tabsculpt.table import IntArray, Kind, Table


def learn_form(
    read: SourceForm,
    whole: pd.DataFrame,
    table: Table,
    rows: IntArray,
    unused: Collection[str],
) -> SourceForm:
    """What the reader found of a source, with the roles of columns and the spelling of levels.

    Args:
        read: what the reader found, and what was converted.
        whole: every column of the source as read, shape (n, d).
        table: the rows that are used, with the columns that are.
        rows: which of the rows of ``whole`` these are.
        unused: columns that were set aside without being asked to.
    """
    found = read.by_name
    kinds = {column.name: column.kind for column in table.schema.columns}
    columns = []
    for name in whole.columns:
        form = found[name]
        if name not in kinds:
            columns.append(_set_aside(form, whole[name], name in unused))
        elif kinds[name] in (Kind.CATEGORICAL, Kind.BOOLEAN):
            levels = _levels(whole[name].loc[rows], table.frame[name])
            columns.append(replace(form, levels=levels))
        else:
            columns.append(form)
    return replace(read, columns=tuple(columns))


def _levels(source: pd.Series, inside: pd.Series) -> tuple[tuple[str, str], ...]:
    """How each level is spelt in the source; where in more than one way, the most frequent.

    A level that several of the source were merged into keeps its name.
    """
    outer, spelt = _coded(source)
    inner, called = _coded(inside)
    if inside.dtype == "boolean":
        called = [text.lower() for text in called]
    known = (outer >= 0) & (inner >= 0)
    width = max(len(spelt), 1)
    pairs, n = np.unique(inner[known] * width + outer[known], return_counts=True)
    texts = {
        "inside": [called[place] for place in pairs // width],
        "source": [spelt[place] for place in pairs % width],
    }
    counts = pd.DataFrame(texts, dtype=object).assign(n=n)
    counts["alike"] = counts["source"].map(lambda text: " ".join(text.split()).casefold())
    merged = counts.groupby("inside")["alike"].nunique() > 1
    first = counts.sort_values("n", ascending=False, kind="stable").drop_duplicates("inside")
    levels = zip(first["inside"], first["source"], strict=True)
    return tuple(sorted((name, name if merged[name] else text) for name, text in levels))


def _coded(values: pd.Series) -> tuple[IntArray, list[str]]:
    """The code of each value among the different texts, -1 where it is missing, and the texts."""
    if values.dtype == object:  # True and 1 are equal, and two texts
        values = values.map(str, na_action="ignore")
    codes, levels = pd.factorize(values)
    return codes.astype(np.int64), [str(level) for level in levels]


def _set_aside(form: ColumnForm, values: pd.Series, unasked: bool) -> ColumnForm:
    """The form of a column that is not used: empty, an identifier or left out."""
    if not unasked:
        return replace(form, role=Role.LEFT_OUT)
    known = values.dropna()
    if known.empty:
        return replace(form, role=Role.EMPTY)
    built = IdentifierForm.learn(known.map(str).tolist()) if known.is_unique else None
    role = Role.LEFT_OUT if built is None else Role.IDENTIFIER
    return replace(form, role=role, identifier=built)
