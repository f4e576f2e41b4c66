"""What was done to a table when it was read: facts with column and count, and their sentences.

A fact is about one column. The notes of a result row, and what is shown, have one sentence for
facts of one sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tabsculpt.datasets.check import listed, setting
from tabsculpt.notes import Note


class Done(StrEnum):
    """What was done, or what was seen and left as it is."""

    READ_AS_MISSING = "read_as_missing"
    KEPT_WORD = "kept_word"
    DECIMAL_COMMAS = "decimal_commas"
    CODES = "codes"
    ZEROS_DROPPED = "zeros_dropped"
    ROUNDED = "rounded"
    MIXED = "mixed"
    NUMBERS_AS_TEXT = "numbers_as_text"
    FORM = "form"
    NUMBERS_READ = "numbers_read"
    POINTS = "points"
    TIMES_READ = "times_read"
    DAY_OR_MONTH = "day_or_month"
    MORE_FORMATS = "more_formats"
    MORE_ZONES = "more_zones"
    IDENTIFIER = "identifier"
    COUNTS_ROWS = "counts_rows"
    ALL_DIFFERENT = "all_different"
    FREE_TEXT = "free_text"
    TEXT_HASHED = "text_hashed"
    TEXT_KEPT = "text_kept"
    RARE_CLASSES = "rare_classes"
    CONSTRAINT = "constraint"
    DATES_AS_NUMBERS = "dates_as_numbers"
    LEVELS_MERGED = "levels_merged"
    ROW_NUMBERS = "row_numbers"
    ROW_NAMES = "row_names"
    UNNAMED_EMPTY = "unnamed_empty"
    EMPTY = "empty"
    WITHOUT_TARGET = "without_target"
    SOURCE = "source"


@dataclass(frozen=True)
class Fact:
    """One fact of reading.

    Attributes:
        code: what was done.
        text: the word, the value or an example that it is about; of SOURCE, the whole sentence.
        column: where; empty where it is not about a column.
        count: number of cells or rows.
        example: a value, where the text says something else.
    """

    code: Done
    text: str = ""
    column: str = ""
    count: int = 0
    example: str = ""

    def __str__(self) -> str:
        return _sentence([self])


# A sentence, and how each column is named in it. Notes that differ in what the sentence itself
# does not tell share one.
_WORDS: dict[Done, tuple[str, str]] = {
    Done.READ_AS_MISSING: ("{text} read as missing in {columns}", "{column} ({count})"),
    Done.KEPT_WORD: (
        "{text} kept as a level of {columns}, not read as missing: {typed} would",
        "{column} ({count})",
    ),
    Done.DECIMAL_COMMAS: ("decimal commas read in {columns}", "{column}"),
    Done.CODES: ("codes with leading zeros read as categories: {columns}", "{column} ({text})"),
    Done.ZEROS_DROPPED: ("numbers with leading zeros read without them: {columns}",
                         "{column} ({text})"),
    Done.ROUNDED: (
        "whole numbers too large to be exact, rounded to 16 digits: {columns}",
        "{column} ({count}, such as {text})",
    ),
    Done.MIXED: (
        "{columns} holds words among numbers ({text}) and is read as a category",
        "{column}",
    ),
    Done.NUMBERS_AS_TEXT: (
        "numbers stored as text are read as categories: {columns}", "{column} ({text})",
    ),
    Done.FORM: ("{text} are read as categories: {columns}", "{column}"),
    Done.DATES_AS_NUMBERS: (
        "whole numbers that are all days of a calendar, read as dates: {columns}",
        "{column} ({text})",
    ),
    Done.NUMBERS_READ: ("{text} read as numbers: {columns}", "{column} ({example})"),
    Done.POINTS: (
        "three digits after every point, read as decimals: {columns} ({text} if the points "
        "separate thousands)",
        "{column} ({example})",
    ),
    Done.TIMES_READ: ("{text}: {columns}", "{column}{example}"),
    Done.DAY_OR_MONTH: (
        "day and month cannot be distinguished in {columns}: read with the {text}", "{column}",
    ),
    Done.MORE_FORMATS: (
        "dates written in more than one way, given back in the most frequent: {columns}",
        "{column} ({text})",
    ),
    Done.MORE_ZONES: ("more than one offset from UTC in {columns}: {text}", "{column}"),
    Done.IDENTIFIER: (
        "identifiers, so set aside: {columns} (dataset.keep uses them)", "{column} ({text})",
    ),
    Done.COUNTS_ROWS: (
        "whole numbers that count the rows, so set aside: {columns} (dataset.keep uses them)",
        "{column} ({text})",
    ),
    Done.ALL_DIFFERENT: (
        "whole numbers of which none is there twice, read as numbers: {columns} (dataset.drop "
        "leaves out what identifies rows)",
        "{column} ({text})",
    ),
    Done.FREE_TEXT: (
        "free text, or names with hardly a value twice, so set aside: {columns} "
        "(dataset.text=hash uses its words, dataset.text=keep the text)",
        "{column} ({count} different values)",
    ),
    Done.TEXT_HASHED: ("free text read as {text} hashed features: {columns}", "{column}"),
    Done.TEXT_KEPT: ("free text kept as text: {columns}", "{column} (in {rows})"),
    Done.RARE_CLASSES: ("{text}", ""),
    Done.CONSTRAINT: ("the constraint {text} does not hold in {columns}", "{rows}"),
    Done.LEVELS_MERGED: ("{columns}: {text}", "{column}"),
    Done.ROW_NUMBERS: ("the unnamed first column numbers the rows: left out", ""),
    Done.ROW_NAMES: ("the unnamed first column holds row names ({text}): set aside", ""),
    Done.UNNAMED_EMPTY: ("columns without a name and a value left out: {columns}", "{column}"),
    Done.EMPTY: ("no value in any row, so set aside: {columns}", "{column}"),
    Done.WITHOUT_TARGET: ("{columns} dropped",
                          "{rows} without a value of the target {column!r}"),
    Done.SOURCE: ("{text}", ""),
}  # fmt: skip


def sentences(facts: Iterable[Fact]) -> list[str]:
    """The sentences of facts, in order; facts of one sort share a sentence."""
    return [_sentence(group) for group in _alike(facts)]


def as_notes(facts: Iterable[Fact]) -> tuple[Note, ...]:
    """The same as notes, with the columns of each and the sum of their counts."""
    return tuple(
        Note(
            str(group[0].code),
            _sentence(group),
            sum(fact.count for fact in group) or None,
            {fact.column: fact.count for fact in group if fact.column},
        )
        for group in _alike(facts)
    )


def _alike(facts: Iterable[Fact]) -> list[list[Fact]]:
    groups: dict[tuple[Done, str], list[Fact]] = {}
    for fact in facts:
        key = fact.text if "{text}" in _WORDS[fact.code][0] else ""
        groups.setdefault((fact.code, key), []).append(fact)
    return list(groups.values())


def about(facts: Iterable[Fact], without: Sequence[str]) -> list[Fact]:
    """The facts but those about columns that are not used."""
    return [fact for fact in facts if fact.column not in without]


def _sentence(group: list[Fact]) -> str:
    first = group[0]
    sentence, item = _WORDS[first.code]
    columns = listed(
        item.format(
            column=fact.column,
            text=fact.text,
            count=fact.count,
            rows=_rows(fact.count),
            example=_example(fact),
        )
        for fact in group
    )
    typed = setting("dataset.missing_words", [first.text]) if "{typed}" in sentence else ""
    text = first.text if any(map(str.isalnum, first.text)) else repr(first.text)
    return sentence.format(columns=columns, text=text, typed=typed)


def _example(fact: Fact) -> str:
    if fact.code is not Done.TIMES_READ:
        return fact.example
    return f" ({fact.example})" if fact.example else ""


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
