"""CSV files, read into a raw frame: what is missing and what is a number, decided by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets.check import listed
from tabsculpt.datasets.csv_text import Cells, read_cells
from tabsculpt.datasets.notes import Done, Note
from tabsculpt.datasets.texts import (
    MISSING_MARKS,
    MISSING_WORDS,
    NOTED_WORDS,
    Form,
    are_codes,
    form_of,
    matches,
)
from tabsculpt.errors import UserError
from tabsculpt.table import IntArray

if TYPE_CHECKING:
    import pyarrow as pa

_FOOTER_AT_MOST = 5
_EXACT = 2**53
_SHOWN = 3
_TRIED = 20


@dataclass(frozen=True, eq=False)
class Raw:
    """A table as a reader found it.

    Attributes:
        frame: shape (n, d), columns of numbers (int64, Int64, float64), categories or what else
            the file's types are; missing cells are NaN, NA or None.
        notes: what was done.
        lines: the line of the file at which each row ends, from 1, shape (n,); None where rows are
            no lines.
    """

    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()
    lines: IntArray | None = None


@dataclass(frozen=True)
class Dialect:
    """What of a CSV file cannot be found from its content.

    Attributes:
        header: whether the first line names the columns.
        comment: what lines to leave out begin with, or None.
        skip_footer: lines to leave out at the end.
        missing_words: words that are missing in every column, beside those of `read_csv`.

    Raises:
        UserError: ``skip_footer`` is negative.
    """

    header: bool = True
    comment: str | None = None
    skip_footer: int = 0
    missing_words: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.skip_footer < 0:
            raise UserError(f"dataset.skip_footer is {self.skip_footer}; expected 0 or more")


@dataclass(frozen=True, eq=False)
class _Column:
    """A column, what is to be said of it, and the rows of words in a column of numbers."""

    values: pd.Series
    notes: tuple[Note, ...] = ()
    strays: IntArray | None = None


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
    read = {
        name: _exact_numbers(name, texts) or _read(name, texts, words, cells.separator == ";")
        for name, texts in cells.columns.items()
    }
    strays = {name: column.strays for name, column in read.items() if column.strays is not None}
    _refuse_footer(path, cells, strays)
    frame = pd.DataFrame({name: column.values for name, column in read.items()})
    notes = tuple(note for column in read.values() for note in column.notes)
    return Raw(frame, notes, cells.lines)


def _exact_numbers(name: str, texts: pa.Array) -> _Column | None:
    """A column of nothing but plain numbers and empty cells, or None; most columns are such."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(texts)
    filled = pc.if_else(pc.equal(texts, ""), None, texts)
    if filled.null_count == len(filled):
        return _Column(pd.Series(np.nan, range(len(filled)), name=name))
    whole = _cast(filled, pa.int64())
    if whole is not None:  # 0x10 and 007 are cast as well
        zeros = pc.match_substring_regex(filled, r"^[+-]?0[0-9xX]")
        return None if zeros.true_count else _Column(_series(whole, name))
    numbers = _cast(filled, pa.float64())
    if numbers is None:
        return None
    values = _series(numbers, name)
    odd = values.isna().sum() > filled.null_count or (values.abs() > _EXACT).any()
    return None if odd else _Column(values)


def _cast(texts: pa.Array, to: pa.DataType) -> pa.Array | None:
    """The texts as numbers, or None; the first ones are tried before all, as failing is slow."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.cast(texts.drop_null()[:_TRIED], to)
        return pc.cast(texts, to)
    except pa.ArrowInvalid:
        return None


def _series(numbers: pa.Array, name: str) -> pd.Series:
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


def _read(name: str, texts: pa.Array, words: frozenset[str], decimal_commas: bool) -> _Column:
    """A column that needs a closer look, decided by its different texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = texts.dictionary_encode()
    codes, levels = encoded.indices.to_numpy(), encoded.dictionary
    counts = np.bincount(codes, minlength=len(levels))
    tidy = pc.utf8_trim_whitespace(levels)
    lower = pc.utf8_lower(tidy)
    marks = np.asarray(pc.is_in(tidy, pa.array([*MISSING_MARKS, *words])))
    usual = np.asarray(pc.is_in(lower, pa.array(MISSING_WORDS)))
    rest = tidy.filter(pa.array(~marks & ~usual))
    known = _kind(rest, decimal_commas)
    kept = usual & ~marks
    missing = marks | usual if known is not None else marks
    column = _Levels(name, codes, counts, levels, tidy, missing, known or Form.TEXT)
    said = [*column.told(missing, Done.READ_AS_MISSING)]
    if known is None:
        noted = np.asarray(pc.is_in(lower, pa.array(sorted(NOTED_WORDS))))
        said += column.told(kept & noted, Done.KEPT_WORD)
    found = column.read()
    return _Column(found.values, (*said, *found.notes), found.strays)


def _kind(rest: pa.Array, decimal_commas: bool) -> Form | None:
    """What a column's values are apart from words that may mean missing; None for text."""
    import pyarrow.compute as pc

    if not len(rest):
        return Form.NUMBERS
    rest = pc.unique(rest)
    form = form_of(rest)
    if form in (Form.THOUSANDS, Form.DECIMAL_COMMAS) and decimal_commas:
        return Form.DECIMAL_COMMAS if matches(rest, Form.DECIMAL_COMMAS).false_count == 0 else form
    return None if form in (Form.TEXT, Form.MIXED) else form


@dataclass(frozen=True, eq=False)
class _Levels:
    """A column by its different texts.

    Attributes:
        name: of the column.
        codes: which text each cell is, shape (n,).
        counts: how often each text occurs, shape (m,).
        levels: the texts, shape (m,).
        tidy: the same without blanks around.
        missing: which of them are missing.
        kind: what the others are.
    """

    name: str
    codes: IntArray
    counts: IntArray
    levels: pa.Array
    tidy: pa.Array
    missing: npt.NDArray[np.bool_]
    kind: Form

    def told(self, which: npt.NDArray[np.bool_], code: Done) -> list[Note]:
        """A note for each word among some of the texts; of empty cells nothing is said."""
        found: dict[str, int] = {}
        for place in np.flatnonzero(which):
            word = self.tidy[place].as_py()
            found[word] = found.get(word, 0) + int(self.counts[place])
        return [Note(code, word, self.name, n) for word, n in sorted(found.items()) if word]

    def read(self) -> _Column:
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = pc.if_else(pa.array(self.missing), pa.scalar(None, pa.string()), self.tidy)
        if self.kind is Form.DECIMAL_COMMAS:
            texts = pc.replace_substring(texts, ",", ".")
            done = (Note(Done.DECIMAL_COMMAS, column=self.name),)
            return _Column(self._numbers(texts).values, done)
        if self.kind is not Form.NUMBERS:
            return self._category(texts)
        if are_codes(texts.drop_null()):
            note = Note(Done.CODES, self._zero(texts), self.name)
            return _Column(self._category(texts).values, (note,))
        return self._numbers(texts)

    def _numbers(self, texts: pa.Array) -> _Column:
        import pyarrow as pa
        import pyarrow.compute as pc

        notes = []
        if zero := self._zero(texts):
            notes.append(Note(Done.ZEROS_DROPPED, zero, self.name))
        plain = pc.utf8_ltrim(texts, characters="+")
        numbers = _cast(plain, pa.int64())
        if numbers is None:
            numbers = pc.cast(plain, pa.float64())
            notes += self._rounded(texts)
        return _Column(_series(numbers.take(pa.array(self.codes)), self.name), tuple(notes))

    def _zero(self, texts: pa.Array) -> str:
        """A text with a leading zero that a number would lose, or nothing."""
        import pyarrow.compute as pc

        [*found] = texts.filter(pc.match_substring_regex(texts, r"^[+-]?0\d"))[:1].to_pylist()
        return found[0] if found else ""

    def _rounded(self, texts: pa.Array) -> list[Note]:
        """Whole numbers that float64 does not hold."""
        import pyarrow.compute as pc

        long = np.asarray(pc.match_substring_regex(texts, r"^[+-]?\d{16,}$").fill_null(False))
        lost = [p for p in np.flatnonzero(long) if _inexact(self.tidy[p].as_py())]
        if not lost:
            return []
        example = self.tidy[lost[0]].as_py()
        return [Note(Done.ROUNDED, example, self.name, int(self.counts[lost].sum()))]

    def _category(self, texts: pa.Array) -> _Column:
        import pyarrow as pa
        import pyarrow.compute as pc

        if pc.count_distinct(texts).as_py() < len(texts) - self.missing.sum():
            # Without the blanks two levels would be one: they stay as written.
            texts = pc.if_else(pa.array(self.missing), pa.scalar(None, pa.string()), self.levels)
        known = np.asarray(texts.is_valid())
        places = np.where(known, np.cumsum(known) - 1, -1)
        names = texts.drop_null().to_pylist()
        values = pd.Categorical.from_codes(places[self.codes], categories=names)
        return _Column(pd.Series(values, name=self.name), *self._strays(texts))

    def _strays(self, texts: pa.Array) -> tuple[tuple[Note, ...], IntArray | None]:
        """What is to be said of a category that is nearly numbers, and the rows that are not."""
        known = np.asarray(texts.is_valid())
        if not known.any() or form_of(texts.drop_null()) is not Form.MIXED:
            return (), None
        numbers = np.asarray(matches(texts, Form.NUMBERS).fill_null(False))
        words = np.flatnonzero(known & ~numbers)
        shown = listed(repr(self.tidy[place].as_py()) for place in words[:_SHOWN])
        note = Note(Done.MIXED, shown, self.name, int(self.counts[words].sum()))
        return (note,), np.flatnonzero(np.isin(self.codes, words))


def _inexact(text: str) -> bool:
    value = float(text)
    return not np.isfinite(value) or int(value) != int(text)


def _refuse_footer(path: Path, cells: Cells, strays: dict[str, IntArray]) -> None:
    """Refuse last rows, mostly empty, that alone hold words where columns hold numbers."""
    n = len(cells.lines)
    rows = sorted({int(row) for at in strays.values() for row in at[-_FOOTER_AT_MOST - 1 :]})
    tail = [row for row in rows if row >= n - _FOOTER_AT_MOST]
    k = len(tail)
    broken = [name for name, at in strays.items() if k and at[0] >= n - k]
    if not broken or tail != list(range(n - k, n)):
        return
    shown = [[column[row].as_py().strip() for column in cells.columns.values()] for row in tail]
    if any(2 * sum(map(bool, row)) > len(row) for row in shown):
        return
    begin = ", ".join(repr(next(filter(None, row))) for row in shown)
    lines = f"line {cells.lines[-1]}" if k == 1 else f"lines {cells.lines[-k]}-{cells.lines[-1]}"
    raise UserError(
        f"{path}: {lines} at the end ({begin}) hold words where {listed(broken)} holds numbers; "
        f"if that is a footer, leave it out with dataset.skip_footer={k}"
    )
