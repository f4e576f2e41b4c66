"""A column of a CSV file by its different texts: numbers, codes or levels, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets.check import listed
from tabsculpt.datasets.csv_columns import CsvColumn, as_series, cast, plain_form
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.texts import (
    MISSING_MARKS,
    MISSING_WORDS,
    NOTED_WORDS,
    Form,
    are_codes,
    form_of,
    matches,
)
from tabsculpt.table import IntArray

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 3


def read_column(
    name: str, texts: pa.Array, words: frozenset[str], decimal_commas: bool
) -> CsvColumn:
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
    word_notes = [*column.notes_of(missing, Done.READ_AS_MISSING)]
    if known is None:
        noted = np.asarray(pc.is_in(lower, pa.array(sorted(NOTED_WORDS))))
        word_notes += column.notes_of(kept & noted, Done.KEPT_WORD)
    found = column.read()
    return replace(found, notes=(*word_notes, *found.notes), missing=column.missing_word())


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

    def notes_of(self, which: npt.NDArray[np.bool_], code: Done) -> list[Fact]:
        """A note for each word among some of the texts; empty cells have none."""
        found: dict[str, int] = {}
        for place in np.flatnonzero(which):
            word = self.tidy[place].as_py()
            found[word] = found.get(word, 0) + int(self.counts[place])
        return [Fact(code, word, self.name, n) for word, n in sorted(found.items()) if word]

    def missing_word(self) -> str:
        """How missing values are written, most often; empty where none is missing."""
        counts = np.where(self.missing, self.counts, 0)
        return str(self.tidy[int(counts.argmax())].as_py()) if counts.any() else ""

    def read(self) -> CsvColumn:
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = pc.if_else(pa.array(self.missing), pa.scalar(None, pa.string()), self.tidy)
        if self.kind is Form.DECIMAL_COMMAS:
            texts = pc.replace_substring(texts, ",", ".")
            done = (Fact(Done.DECIMAL_COMMAS, column=self.name),)
            read = self._numbers(texts)
            assert read.number is not None
            return CsvColumn(read.values, done, number=replace(read.number, decimal=","))
        if self.kind is not Form.NUMBERS:
            return self._category(texts)
        if are_codes(texts.drop_null()):
            note = Fact(Done.CODES, self._zero(texts), self.name)
            return CsvColumn(self._category(texts).values, (note,))
        return self._numbers(texts)

    def _numbers(self, texts: pa.Array) -> CsvColumn:
        import pyarrow as pa
        import pyarrow.compute as pc

        notes = []
        if zero := self._zero(texts):
            notes.append(Fact(Done.ZEROS_DROPPED, zero, self.name))
        plain = pc.utf8_ltrim(texts, characters="+")
        numbers = cast(plain, pa.int64())
        if numbers is None:
            numbers = pc.cast(plain, pa.float64())
            notes += self._rounded(texts)
        form = plain_form(texts.drop_null())
        values = as_series(numbers.take(pa.array(self.codes)), self.name)
        return CsvColumn(values, tuple(notes), number=form)

    def _zero(self, texts: pa.Array) -> str:
        """A text with a leading zero that a number would lose, or nothing."""
        import pyarrow.compute as pc

        [*found] = texts.filter(pc.match_substring_regex(texts, r"^[+-]?0\d"))[:1].to_pylist()
        return found[0] if found else ""

    def _rounded(self, texts: pa.Array) -> list[Fact]:
        """Whole numbers that float64 does not hold."""
        import pyarrow.compute as pc

        long = np.asarray(pc.match_substring_regex(texts, r"^[+-]?\d{16,}$").fill_null(False))
        lost = [p for p in np.flatnonzero(long) if _inexact(self.tidy[p].as_py())]
        if not lost:
            return []
        example = self.tidy[lost[0]].as_py()
        return [Fact(Done.ROUNDED, example, self.name, int(self.counts[lost].sum()))]

    def _category(self, texts: pa.Array) -> CsvColumn:
        import pyarrow as pa
        import pyarrow.compute as pc

        if pc.count_distinct(texts).as_py() < len(texts) - self.missing.sum():
            # Without the blanks two levels would be one: they stay as written.
            texts = pc.if_else(pa.array(self.missing), pa.scalar(None, pa.string()), self.levels)
        known = np.asarray(texts.is_valid())
        places = np.where(known, np.cumsum(known) - 1, -1)
        names = texts.drop_null().to_pylist()
        values = pd.Categorical.from_codes(places[self.codes], categories=names)
        return CsvColumn(pd.Series(values, name=self.name), *self._strays(texts))

    def _strays(self, texts: pa.Array) -> tuple[tuple[Fact, ...], IntArray | None]:
        """The note on a category that is nearly numbers, and the rows that are not."""
        known = np.asarray(texts.is_valid())
        if not known.any() or form_of(texts.drop_null()) is not Form.MIXED:
            return (), None
        numbers = np.asarray(matches(texts, Form.NUMBERS).fill_null(False))
        words = np.flatnonzero(known & ~numbers)
        shown = listed(repr(self.tidy[place].as_py()) for place in words[:_SHOWN])
        note = Fact(Done.MIXED, shown, self.name, int(self.counts[words].sum()))
        return (note,), np.flatnonzero(np.isin(self.codes, words))


def _inexact(text: str) -> bool:
    value = float(text)
    return not np.isfinite(value) or int(value) != int(text)
