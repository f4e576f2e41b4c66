"""A synthetic table in the form of the user's own: columns, order, types and spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.source_form import Role, SourceForm, names_of
from tabsculpt.datasets.write_table import TEXT, count_formulas, guard_formulas
from tabsculpt.table import Kind, Table

MARK = "synthetic"
"""The column that says which rows are synthetic, where real ones stand before them."""


@dataclass(frozen=True, eq=False)
class Formed:
    """What goes into a file.

    Attributes:
        frame: its rows.
        formulas: cells that a spreadsheet would take for formulas, by column.
        guarded: whether an apostrophe was put before these.
        mark: the column that says which rows are synthetic, or None.
        real: real rows, which come first.
    """

    frame: pd.DataFrame
    formulas: dict[str, int]
    guarded: bool
    mark: str | None
    real: int


def form_of(dataset: Dataset) -> SourceForm:
    """The form of a data set's source; of one without a source, that of its table."""
    return dataset.form or names_of(dataset.table.frame)


def formed(
    dataset: Dataset, table: Table, path: Path, seed: int, append_real: bool, guard: bool
) -> Formed:
    """Rows as a file of the source's form holds them.

    Args:
        dataset: where the form comes from, and real rows.
        table: synthetic rows of its schema.
        path: the file, whose suffix says whether it is text.
        seed: of fresh identifiers.
        append_real: whether every real row comes first, as it was, with a column that says which
            rows are synthetic.
        guard: whether texts that a spreadsheet would take for formulas get an apostrophe.
    """
    form, as_text = form_of(dataset), path.suffix.lower() in TEXT
    make = form.texts if as_text else form.restore
    frame = make(table.frame, seed)
    mark, real = None, 0
    if append_real:
        own = _real_rows(dataset, form, as_text, seed)
        mark, real = _mark(frame), len(own)
        whole = pd.concat([own, frame], ignore_index=True)
        frame = whole.assign(**{mark: [False] * len(own) + [True] * len(frame)})
        frame = frame.astype({mark: str}) if as_text else frame
    texts = _texts(frame, dataset, mark) if as_text else []
    counts = count_formulas(frame, texts)
    if guard and counts:
        frame = guard_formulas(frame, list(counts))
    return Formed(frame, counts, guard and bool(counts), mark, real)


def inside(dataset: Dataset, given: Mapping[str, str]) -> dict[str, str]:
    """Given values in the spelling of the source, as they are called inside."""
    forms = form_of(dataset).by_name
    named = {
        name: {outside: within for within, outside in forms[name].levels} if name in forms else {}
        for name in given
    }
    return {name: named[name].get(text, text) for name, text in given.items()}


def _real_rows(dataset: Dataset, form: SourceForm, as_text: bool, seed: int) -> pd.DataFrame:
    """The real rows, missing values and identifiers as they were."""
    frame = (form.texts if as_text else form.restore)(dataset.table.frame, seed)
    own = dataset.origin.beside if dataset.origin is not None else pd.DataFrame()
    for column in form.columns:
        if column.role is Role.IDENTIFIER and column.name in own:
            values = own[column.name].astype(object)
            shown = values.map(str, na_action="ignore").where(values.notna(), column.missing)
            frame[column.name] = (shown if as_text else own[column.name]).to_numpy()
    return frame


def _mark(frame: pd.DataFrame) -> str:
    name = MARK
    while name in frame:
        name += "_"
    return name


def _texts(frame: pd.DataFrame, dataset: Dataset, mark: str | None) -> list[str]:
    """The columns of text: no numbers, no times."""
    kinds = {column.name: column.kind for column in dataset.table.schema.columns}
    numeric = (Kind.CONTINUOUS, Kind.INTEGER)
    return [name for name in frame if kinds.get(name) not in numeric and name != mark]
