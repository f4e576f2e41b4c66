"""What texts look like: numbers, codes, dates, percentages, marks of missing values, words."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

MISSING_MARKS = ("", "?", "NaN", "nan", "NULL", "<NA>", "#N/A")
"""Missing in any column of a CSV file, spelt exactly so."""

MISSING_WORDS = (
    "na", "n/a", "n.a.", "none", "null", "nil", "missing", "unknown", "unk", "not available",
    "not known", "not recorded", "-", "--", "---", "–", "—", ".", "..", "...", "*", "**",
)  # fmt: skip
"""Missing (in any case) where all other values of a column are of one kind that is not text."""

NOTED_WORDS = frozenset(MISSING_WORDS) - {"none", "nil", "unknown", "unk"}
"""Those of them that are hardly meant as a level where they are kept as one."""


WORDS_AMONG_NUMBERS = 20
"""Different words up to which a column of numbers with words among them is one; else text."""


class Form(StrEnum):
    """What every value of a text column looks like; the value is the word for it."""

    NUMBERS = "numbers"
    BOOLEANS = "true and false"
    DATES = "dates"
    TIMES = "times of day"
    DURATIONS = "durations"
    PERCENTAGES = "percentages"
    THOUSANDS = "numbers with thousands separators"
    DECIMAL_COMMAS = "numbers with decimal commas"
    MONEY = "amounts of money"
    ACCOUNTING = "numbers with marks or parentheses"
    TEXT_NUMBERS = "numbers stored as text"
    UNITS = "numbers with a unit"
    MIXED = "numbers with words among them"
    TEXT = "text"


_NUMBER = r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
_INFINITE = r"[+-]?(?i:inf|infinity)"
_BLANK = r"'’ \x{a0}\x{202f}"
_GROUPED = (
    rf"(?:[1-9]\d{{0,2}}(?:[,{_BLANK}]\d{{3}})+(?:\.\d+)?"
    rf"|[1-9]\d{{0,2}}(?:[.{_BLANK}]\d{{3}})+(?:,\d+)?|\d+[.,]?\d*)"
)
_SIGN = r"[+\-−]?"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-zA-Z]*\.?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_DAY = "|".join(
    (
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",  # 2020-01-05
        r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}",  # 05.01.2020
        r"\d{1,2}[-/]\d{1,2}[-/]\d{2}",  # 05/01/20
        rf"\d{{1,2}}[-/. ]*{_MONTH}[-/. ,]*(?:\d{{4}}|\d{{2}})",  # 05-Jan-2020, 5 Jan 20
        rf"{_MONTH}[-/. ]*\d{{1,2}},? +\d{{4}}",  # Jan 5, 2020
        rf"\d{{4}}[-/. ]*{_MONTH}[-/. ]*\d{{1,2}}",  # 2020-Jan-05
        r"\d{4}[-/](?:0[1-9]|1[0-2])",  # 2020-01
        r"(?:0?[1-9]|1[0-2])/\d{4}",  # 01/2020
        rf"{_MONTH}[-/. ,]*\d{{4}}",  # Jan 2020
        r"\d{4}-?(?:W\d{2}|Q[1-4])",  # 2020-W05, 2020Q1
    )
)
_ZONE = r"\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})"
_MONEY_SIGN = r"(?:[$€£¥₹]|(?i:usd|eur|gbp|chf|jpy|inr|cad|aud|sek|nok|dkk))"


def _signed(pattern: str) -> str:
    """With a sign before it, or in parentheses, which accountants write around negative ones."""
    return rf"(?:{_SIGN}(?:{pattern})|\((?:{pattern})\))"


_PATTERNS: dict[Form, str] = {
    Form.NUMBERS: rf"{_NUMBER}|{_INFINITE}",
    Form.BOOLEANS: r"(?i:true|false)",
    Form.DATES: rf"(?:{_DAY})(?:[T ,]+{_CLOCK}(?:{_ZONE})?)?",
    Form.TIMES: _CLOCK,
    Form.DURATIONS: r"-?\d+ days?(?:,? \+?\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)?",
    Form.PERCENTAGES: _signed(rf"{_GROUPED}[ \x{{a0}}]?%"),
    Form.THOUSANDS: rf"{_SIGN}(?:[1-9]\d{{0,2}}(?:[,{_BLANK}]\d{{3}})+(?:\.\d+)?"
    rf"|[1-9]\d{{0,2}}(?:\.\d{{3}})+(?:,\d+)?|\d{{1,3}}(?:\.\d+)?)",
    Form.DECIMAL_COMMAS: r"[+-]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?",
    Form.ACCOUNTING: _signed(_GROUPED),
    Form.MONEY: "|".join(
        (
            _signed(rf"{_MONEY_SIGN}[ \x{{a0}}]?{_SIGN}{_GROUPED}"),
            _signed(rf"{_GROUPED}[ \x{{a0}}]?{_MONEY_SIGN}"),
        )
    ),
    Form.UNITS: rf"{_SIGN}{_GROUPED} ?[A-Za-zµμ°][A-Za-z0-9µμ°/^·*]*",
}
_UNIT = re.compile(r"[+\-−]?[\d.,'’ \u00a0\u202f]+")


def matches(texts: pa.Array, form: Form) -> pa.BooleanArray:
    """Which texts look so, shape (n,)."""
    import pyarrow.compute as pc

    return pc.match_substring_regex(texts, rf"^(?:{_PATTERNS[form]})$")


def form_of(texts: pa.Array) -> Form:
    """What all of some texts look like.

    Args:
        texts: distinct ones without surrounding blanks, none missing, at least one.
    """
    for form in _PATTERNS:
        head = matches(texts[:20], form)
        if head.false_count == 0 and matches(texts, form).false_count == 0:
            if form is Form.UNITS and not _one_unit(texts):
                break
            return form
    words = matches(texts, Form.NUMBERS).false_count
    few = words <= WORDS_AMONG_NUMBERS and 2 * words < len(texts)
    return Form.MIXED if few else Form.TEXT


def distinct_texts(values: pd.Series) -> pa.Array:
    """The different values of a column of text or categories, as texts without blanks around."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values.dtype, pd.CategoricalDtype):
        found = values.cat.remove_unused_categories().cat.categories
    else:
        found = values.dropna().unique()
    return pc.unique(pc.utf8_trim_whitespace(pa.array([str(v) for v in found], pa.string())))


def are_codes(texts: pa.Array) -> bool:
    """Whether all are digits of one width, and some begin with a zero: 02139, not 2139."""
    import pyarrow.compute as pc

    widths = pc.min_max(pc.utf8_length(texts)).as_py()
    if not len(texts) or widths["min"] != widths["max"] or widths["min"] < 2:
        return False
    digits = pc.match_substring_regex(texts, r"^\d+$")
    return digits.false_count == 0 and pc.any(pc.starts_with(texts, "0")).as_py()


def are_calendar_days(values: pd.Series) -> bool:
    """Whether whole numbers are all days written as YYYYMMDD, of 1900 to 2099."""
    known = values.dropna()
    if known.empty or known.nunique() < 3:
        return False
    low, high = known.min(), known.max()
    if not (low >= 19000101 and high <= 20991231):
        return False
    days = pd.to_datetime(known.drop_duplicates().astype("int64").astype(str), format="%Y%m%d",
                          errors="coerce")  # fmt: skip
    return bool(days.notna().all())


def _one_unit(texts: pa.Array) -> bool:
    """Whether three or more have the same unit: 5 ml, 2.5 ml and 1 ml, but not 1a and 2b."""
    units = {_UNIT.sub("", text, count=1) for text in texts.to_pylist()}
    return len(texts) > 2 and len(units) == 1
