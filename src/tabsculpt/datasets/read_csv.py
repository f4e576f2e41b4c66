"""CSV files, read into a raw frame: what is missing and what is a number, decided by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tabsculpt.datasets.check import listed, setting
from tabsculpt.datasets.csv_columns import (
    CsvColumn,
    exact_numbers,
    may_be_thousands,
    without_points,
)
from tabsculpt.datasets.csv_levels import read_column
from tabsculpt.datasets.csv_text import read_cells, release_text
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.source_form import SourceForm, names_of
from tabsculpt.datasets.title_rows import left_out
from tabsculpt.errors import UserError
from tabsculpt.table import IntArray

if TYPE_CHECKING:
    import pyarrow as pa

DECIMAL = "dataset.decimal"
_FOOTER_AT_MOST = 5


@dataclass(frozen=True, eq=False)
class Raw:
    """A table as a reader found it.

    Attributes:
        frame: shape (n, d), columns of numbers (int64, Int64, float64), categories or what else
            the file's types are; missing cells are NaN, NA or None.
        notes: what was done.
        lines: the line of the file at which each row ends, from 1, shape (n,); None where rows are
            no lines.
        form: the form of the source, as far as it can be seen before columns have roles.
    """

    frame: pd.DataFrame
    notes: tuple[Fact, ...] = ()
    lines: IntArray | None = None
    form: SourceForm | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame, source: str, notes: Sequence[Fact] = ()) -> Raw:
        """A table of a source whose columns have types; ``source`` is its format."""
        return cls(frame, tuple(notes), form=replace(names_of(frame), format=source))


@dataclass(frozen=True)
class Dialect:
    """What of a CSV file cannot be found from its content.

    Attributes:
        header: whether the first line names the columns.
        comment: what lines to leave out begin with, or None.
        skip_footer: lines to leave out at the end.
        missing_words: words that are missing in every column, beside those of `read_csv`.
        decimal: the decimal mark, "." or ","; None: found.

    Raises:
        UserError: ``skip_footer`` is negative, or ``decimal`` another mark.
    """

    header: bool = True
    comment: str | None = None
    skip_footer: int = 0
    missing_words: Sequence[str] = ()
    decimal: str | None = None

    def __post_init__(self) -> None:
        if self.skip_footer < 0:
            raise UserError(f"dataset.skip_footer is {self.skip_footer}; expected 0 or more")
        if self.decimal not in (None, ".", ","):
            raise UserError(
                f"dataset.decimal is {self.decimal!r}; expected '.' or {setting(DECIMAL, ',')}"
            )


def read_csv(path: Path, dialect: Dialect = Dialect()) -> Raw:
    """Read a CSV file whose encoding and separator are found from its content.

    The separator is a comma, semicolon, tab or bar. An empty cell, ``?``, ``NaN``, ``NULL``,
    ``<NA>`` and ``#N/A`` are missing. A word such as NA, none, unknown or ``-`` is missing where
    all other values of its column are numbers, true and false, dates or another kind that is not
    text, and otherwise a level. Digits of one width, some with leading zeros, are codes and stay
    text. Whole numbers are exact within 64 bits. Where the separator is a semicolon, columns whose
    every value reads so have their decimal commas turned into points. Levels lose surrounding
    blanks unless that would make two of them one.

    Args:
        path: the file.
        dialect: what cannot be found.

    Raises:
        UserError: the file cannot be read as a table; the message says where it breaks.
    """
    cells = read_cells(path, dialect.header, dialect.comment, dialect.skip_footer)
    words = frozenset(word.strip() for word in dialect.missing_words)
    commas = dialect.decimal == "," or (dialect.decimal is None and cells.separator == ";")
    read: dict[str, CsvColumn] = {}
    pointed: dict[str, pa.Array] = {}
    ends: list[list[str]] = []
    for name in list(cells.columns):
        texts = cells.columns.pop(name)  # of a long file the text of one column at a time is freed
        read[name] = exact_numbers(name, texts) or read_column(name, texts, words, commas)
        if _may_have_thousands(read[name], texts):
            pointed[name] = texts
        ends.append([text.strip() for text in texts[-_FOOTER_AT_MOST:].to_pylist()])
    if dialect.decimal != ".":
        read = _with_thousands(read, pointed, dialect.decimal)
    strays = {name: column.strays for name, column in read.items() if column.strays is not None}
    _refuse_footer(path, cells.lines, list(zip(*ends, strict=True)), strays)
    frame = pd.DataFrame({name: column.values for name, column in read.items()}, copy=False)
    release_text()
    of_columns = [note for column in read.values() for note in column.notes]
    notes = (*left_out(cells.above), *of_columns)
    form = SourceForm(
        tuple(column.form for column in read.values()),
        "csv",
        cells.separator,
        cells.encoding,
        dialect.header,
        cells.line_end,
    )
    return Raw(frame, notes, cells.lines, form)


def _may_have_thousands(column: CsvColumn, texts: pa.Array) -> bool:
    return bool(column.number and column.number.decimals == 3 and may_be_thousands(texts))


def _with_thousands(
    read: dict[str, CsvColumn], pointed: dict[str, pa.Array], decimal: str | None
) -> dict[str, CsvColumn]:
    """Columns such as 1.234, whose points separate thousands where other numbers have commas.

    Where nothing tells, they stay decimals, and a note asks.

    Args:
        read: every column.
        pointed: the text of those that may be such.
        decimal: the decimal mark that was given.
    """
    sure = decimal == "," or any(c.number and c.number.decimal == "," for c in read.values())
    found = dict(read)
    for name, texts in pointed.items():
        column = read[name]
        note = Fact(
            Done.POINTS, setting(DECIMAL, ","), name, 0, str(column.values.dropna().iloc[0])
        )
        found[name] = (
            without_points(column, texts) if sure else replace(column, notes=(*column.notes, note))
        )
    return found


def _refuse_footer(
    path: Path, numbered: IntArray, ends: Sequence[Sequence[str]], strays: dict[str, IntArray]
) -> None:
    """Refuse last rows, mostly empty, that alone hold words where columns hold numbers.

    Args:
        path: the file.
        numbered: the line at which each row ends, shape (n,).
        ends: the cells of the last rows, row by row.
        strays: the rows that hold words, by column.
    """
    n = len(numbered)
    rows = sorted({int(row) for at in strays.values() for row in at[-_FOOTER_AT_MOST - 1 :]})
    tail = [row for row in rows if row >= n - _FOOTER_AT_MOST]
    k = len(tail)
    broken = [name for name, at in strays.items() if k and at[0] >= n - k]
    if not broken or tail != list(range(n - k, n)):
        return
    shown = [ends[row - n] for row in tail]
    if any(2 * sum(map(bool, row)) > len(row) for row in shown):
        return
    begin = ", ".join(repr(next(filter(None, row))) for row in shown)
    lines = f"line {numbered[-1]}" if k == 1 else f"lines {numbered[-k]}-{numbered[-1]}"
    raise UserError(
        f"{path}: {lines} at the end ({begin}) hold words where {listed(broken)} holds numbers; "
        f"if that is a footer, leave it out with dataset.skip_footer={k}"
    )
