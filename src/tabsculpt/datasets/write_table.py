"""Writes rows in the form of their source, by the suffix of the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets.source_form import SourceForm
from tabsculpt.engine.writing import replacing
from tabsculpt.errors import UserError

SUFFIXES = (".csv", ".tsv", ".parquet", ".arff", ".feather")
TEXT = (".csv", ".tsv")
"""Files that a spreadsheet opens, which takes some texts for formulas."""
_NUMBER = re.compile(r"[+-]?(\d[\d.,\s]*|[.,]\d+)(e[+-]?\d+)?\s*%?", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_suffix(path: Path) -> None:
    """Refuse a file whose form cannot be recognised, or is not written here.

    Raises:
        UserError: the suffix is none of `SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            f"--out {str(path)!r}: expected a name ending in {', '.join(SUFFIXES[:-1])} or "
            f"{SUFFIXES[-1]}"
        )


def write_table(frame: pd.DataFrame, path: Path, form: SourceForm) -> None:
    """Write rows to a file, whole or not at all.

    Args:
        frame: what `SourceForm.texts` gives for a suffix among `TEXT`, else `SourceForm.restore`.
        path: whose suffix is one of `SUFFIXES`.
        form: of the source, whose separator, encoding, header and line ends a ``.csv`` has; a
            ``.tsv`` has tabs.

    Raises:
        UserError: the suffix is another one, or a character is not in the source's encoding.
        WriteError: it cannot be written there.
    """
    check_suffix(path)
    with replacing(path, make_folder=False) as draft:
        match path.suffix.lower():
            case ".parquet":
                frame.to_parquet(draft, index=False)
            case ".feather":
                frame.reset_index(drop=True).to_feather(draft)
            case ".arff":
                _write_arff(frame, path.stem, draft)
            case suffix:
                _write_text(frame, draft, form, "\t" if suffix == ".tsv" else form.separator)


def formulas(values: pd.Series) -> npt.NDArray[np.bool_]:
    """Which texts a spreadsheet would take for formulas, shape (n,): =, +, - or @ first.

    A number with a sign is none.

    Args:
        values: shape (n,), of strings; missing ones are none.
    """
    codes, distinct = pd.factorize(values)
    found = np.array([_is_formula(text) for text in distinct] + [False], dtype=bool)
    return found[codes]


def count_formulas(frame: pd.DataFrame, columns: Collection[str]) -> dict[str, int]:
    """How many cells of each column a spreadsheet would take for formulas, where there are some."""
    counts = {name: int(formulas(frame[name]).sum()) for name in columns}
    return {name: count for name, count in counts.items() if count}


def guard_formulas(frame: pd.DataFrame, columns: Collection[str]) -> pd.DataFrame:
    """The same with an apostrophe before each text that a spreadsheet would take for a formula.

    Source: OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection

    Args:
        frame: of strings.
        columns: those that hold text.
    """
    guarded = {
        name: frame[name].where(~formulas(frame[name]), "'" + frame[name].astype(str))
        for name in columns
    }
    return frame.assign(**guarded)


def _is_formula(text: Any) -> bool:
    cell = str(text)
    return cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)


def _write_text(frame: pd.DataFrame, path: Path, form: SourceForm, separator: str) -> None:
    forms = form.by_name
    try:
        frame.to_csv(
            path,
            index=False,
            sep=separator,
            header=[forms[n].title if n in forms else n for n in frame] if form.header else False,
            encoding=form.encoding,
            lineterminator=form.line_end,
            quoting=csv.QUOTE_MINIMAL,
        )
    except UnicodeEncodeError as error:
        raise UserError(
            f"{error.object[error.start : error.end]!r} cannot be written in the source's encoding "
            f"({form.encoding}); write a .parquet instead"
        ) from error


def _write_arff(frame: pd.DataFrame, name: str, path: Path) -> None:
    import arff

    attributes = [(str(column), _arff_kind(frame[column])) for column in frame]
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    numbers = [i for i, (_, kind) in enumerate(attributes) if kind in ("INTEGER", "REAL")]
    for row in rows:
        for place in range(len(row)):
            if place not in numbers and row[place] is not None:
                row[place] = str(row[place])
    content = {"relation": name, "attributes": attributes, "data": rows}
    path.write_text(arff.dumps(content), encoding="utf-8")


def _arff_kind(values: pd.Series) -> str | list[str]:
    """Nominal with its values for categories, true and false; a number; or a string."""
    if pd.api.types.is_bool_dtype(values.dtype) or values.dtype == "boolean":
        return ["False", "True"]
    if isinstance(values.dtype, pd.CategoricalDtype):
        return [str(level) for level in values.cat.categories]
    if pd.api.types.is_integer_dtype(values.dtype):
        return "INTEGER"
    if pd.api.types.is_float_dtype(values.dtype):
        return "REAL"
    if values.dropna().map(str).nunique() <= max(20, len(values) // 10):
        return sorted(map(str, values.dropna().unique()))
    return "STRING"
