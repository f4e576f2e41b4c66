"""Columns that are set aside: row numbers and names, identifiers, free text, empty ones."""

from __future__ import annotations

import re
from collections.abc import Collection

import pandas as pd

from tabsculpt.datasets.check import many_levels
from tabsculpt.datasets.identifier_form import IdentifierForm
from tabsculpt.datasets.infer import kind_of
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.source_form import UNNAMED
from tabsculpt.datasets.texts import Form, distinct_texts, form_of
from tabsculpt.table import Kind
from tabsculpt.table.uncopied import without

FIRST = "Unnamed: 0"
"""What pandas and our own reader call a first column without a name."""

_LEAST = 20
"""Rows from which values that all differ are taken for identifiers."""
_SURPRISE = 3.0
"""Expected pairs of equal numbers from which it tells something that there are none."""
_QUANTITIES = {
    "year", "yr", "month", "week", "day", "date", "hour", "minute", "second", "time", "age", "rank",
    "position", "period", "quarter",
}  # fmt: skip
_NAMES = {
    "id", "ids", "idx", "index", "identifier", "rowid", "rownumber", "no", "nr", "uuid", "guid",
    "mrn", "ssn", "pk",
}  # fmt: skip
_NAMES_AFTER_A_NOUN = {"number", "num", "key", "record", "serial"}
_NOUNS_BEFORE_ID = re.compile(
    r"(?:subject|patient|participant|person|user|customer|client|record|row|case|sample|sub|pat)id"
)


def set_aside(frame: pd.DataFrame, used: Collection[str | None]) -> tuple[pd.DataFrame, list[Fact]]:
    """Leave out columns that say nothing of their row, as R, pandas and spreadsheets write them.

    These are an unnamed first column that numbers the rows or names each of them, columns without
    a single value, identifiers (texts of one form, whole numbers under a name that says so, each
    different, or such that follow each other without a gap, where another column is left), and free
    text.

    Args:
        frame: shape (n, d).
        used: columns that a setting names; they stay.

    Returns:
        The frame without them, and what was left out.
    """
    notes = []
    for name in frame.columns:
        if name in used:
            continue
        values = frame[name]
        if values.isna().all():
            unnamed = str(name).startswith(UNNAMED)
            notes.append(
                Fact(Done.UNNAMED_EMPTY, "", name, 1) if unnamed else Fact(Done.EMPTY, "", name)
            )
        elif note := _says_nothing(values):
            notes.append(note)
    if not set(frame.columns) - {note.column for note in notes} - set(used):
        notes = [note for note in notes if note.code is not Done.COUNTS_ROWS]  # all that there is
    left = without(frame, {note.column for note in notes})
    seen = [_may_identify(left[name]) for name in left.columns if name not in used]
    return left, [*notes, *filter(None, seen)]


def _says_nothing(values: pd.Series) -> Fact | None:
    """A note where a column names its rows, identifies them, or describes each in words."""
    named = _names_rows(values) if values.name == FIRST else None
    if named or pd.api.types.is_numeric_dtype(values.dtype):
        return named or _identifies(values)
    if pd.api.types.infer_dtype(values, skipna=True) not in ("string", "categorical"):
        return None
    return _identifies(values) or _text(values)


def _names_rows(values: pd.Series) -> Fact | None:
    """A note where a first column has no name and another value in each row."""
    if values.isna().any() or not values.is_unique:
        return None
    if pd.api.types.is_integer_dtype(values.dtype):
        return Fact(Done.ROW_NUMBERS, "", str(values.name), len(values))
    if pd.api.types.is_numeric_dtype(values.dtype):
        return None
    return Fact(Done.ROW_NAMES, distinct_texts(values)[0].as_py(), str(values.name), len(values))


def words_of(name: str) -> list[str]:
    """The words of a column's name, in lower case: patientNo and patient_no are two each."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z]+", spaced.lower()) if word]


def _identifies(values: pd.Series) -> Fact | None:
    """A note where each row has another value, and these are identifiers."""
    known = values.dropna()
    if len(known) < _LEAST or not known.is_unique:
        return None
    if values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype):
        texts = known.map(str).tolist()
        if IdentifierForm.learn(texts) is None:
            return None
    elif kind_of(values) is not Kind.INTEGER:
        return None
    elif not _says_identifier(str(values.name)):
        return _counts_rows(values)
    example = str(known.iloc[0]).removesuffix(".0")
    return Fact(Done.IDENTIFIER, example, str(values.name), len(known))


def _counts_rows(values: pd.Series) -> Fact | None:
    """A note where different whole numbers follow each other without a gap, in any order.

    Those whose name says that they are years, days or ranks are a quantity.
    """
    low, high = int(values.min()), int(values.max())
    if high - low + 1 != len(values) or not _QUANTITIES.isdisjoint(words_of(str(values.name))):
        return None
    return Fact(Done.COUNTS_ROWS, f"{low} to {high}", str(values.name), len(values))


def _may_identify(values: pd.Series) -> Fact | None:
    """A note on whole numbers of which none is there twice, where chance would have made some so.

    Of n numbers drawn at random from a range of r, none is there twice with a probability of
    about exp(-n (n - 1) / 2r).
    """
    n = len(values)
    if n < _LEAST or not pd.api.types.is_numeric_dtype(values.dtype):
        return None
    if values.isna().any() or not values.is_unique or kind_of(values) is not Kind.INTEGER:
        return None
    low, high = int(values.min()), int(values.max())
    if n * (n - 1) / (2 * (high - low + 1)) < _SURPRISE:
        return None
    return Fact(Done.ALL_DIFFERENT, f"{low} to {high}", str(values.name), n)


def _says_identifier(name: str) -> bool:
    *before, last = words_of(name) or [""]
    if last in _NAMES or (before and last in _NAMES_AFTER_A_NOUN):
        return True
    return bool(_NOUNS_BEFORE_ID.fullmatch(last))


def _text(values: pd.Series) -> Fact | None:
    """A note on a column of text with hardly a value twice."""
    if not many_levels(values) or form_of(distinct_texts(values)) is Form.MIXED:
        return None
    return Fact(Done.FREE_TEXT, "", str(values.name), int(values.nunique()))
