"""Numbers in disguise: texts such as €1.234,56 or (1,234) or 12 % or 5 mg, read as numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.datasets.number_form import NumberForm

_PARTS = re.compile(
    r"(?P<open>\()?(?P<sign>[+\-−])?(?P<prefix>[^\d.,()+\-−]*)(?P<inner>[+\-−])?"
    r"(?P<body>(?:\d|[.,]\d)[\d.,'’ \u00a0\u202f]*?)(?P<exponent>[eE][+-]?\d+)?"
    r"(?P<suffix>(?:[  ]?[^\d\s.,()'’][^()]*)?)\)?"
)  # fmt: skip
_BLANKS = "'’ \u00a0\u202f"
_MOST_DECIMALS = 12


@dataclass(frozen=True)
class _Parts:
    """A text taken apart: what stands before and after the digits, and these."""

    prefix: str
    suffix: str
    body: str
    exponent: str
    negative: bool
    parentheses: bool
    sign_first: bool


def read_numbers(
    texts: Sequence[str], decimal_commas: bool = False
) -> tuple[pd.Series, NumberForm] | None:
    """Read texts of one form as numbers.

    The last of two marks in a number is the decimal mark. A comma that stands before three digits
    wherever it stands separates thousands, unless decimal commas are expected.

    Args:
        texts: shape (n,), different ones without blanks around.
        decimal_commas: whether a comma before three digits is a decimal mark all the same.

    Returns:
        Shape (n,), ``Int64`` or ``float64``, and how they were written; None where the texts differ
        in prefix, suffix or marks.
    """
    parts = [_apart(text) for text in texts]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts) or not found:
        return None
    prefixes = Counter(part.prefix for part in found)
    suffixes = Counter(part.suffix for part in found)
    if len({p.strip() for p in prefixes}) > 1 or len({s.strip() for s in suffixes}) > 1:
        return None
    marks = _marks([part.body for part in found], decimal_commas)
    if marks is None:
        return None
    decimal, thousands = marks
    bodies = [_plain(part.body, decimal, thousands) for part in found]
    if not all(re.fullmatch(r"\d+\.?\d*|\.\d+", body) for body in bodies):
        return None
    fractions = {len(body.partition(".")[2]) for body in bodies}
    exponents = any(part.exponent for part in found)
    limited = not exponents and max(fractions) <= _MOST_DECIMALS
    negative = [part for part in found if part.negative]
    form = NumberForm(
        decimals=max(fractions) if limited else None,
        fixed=limited and len(fractions) == 1,
        prefix=prefixes.most_common(1)[0][0],
        suffix=suffixes.most_common(1)[0][0],
        thousands=thousands,
        decimal=decimal,
        parentheses=any(part.parentheses for part in negative),
        sign_first=all(part.sign_first for part in negative),
    )
    return _values(found, bodies, whole=not exponents and max(fractions) == 0), form


def _apart(text: str) -> _Parts | None:
    match = _PARTS.fullmatch(text)
    if match is None or bool(match["open"]) != text.endswith(")"):
        return None
    signs = (match["sign"] or "") + (match["inner"] or "")
    if len(signs) > 1 or (match["open"] and signs):
        return None
    negative = bool(match["open"]) or signs in ("-", "−")
    body = match["body"]
    # A blank before a unit belongs to the unit.
    suffix = body[len(body.rstrip()) :] + match["suffix"]
    first = not match["inner"]
    return _Parts(
        match["prefix"], suffix, body.rstrip(), match["exponent"] or "", negative,
        bool(match["open"]), first,
    )  # fmt: skip


def _marks(bodies: Sequence[str], decimal_commas: bool) -> tuple[str, str] | None:
    """Decimal and thousands mark that fit every number, or None."""
    blanks = {mark for body in bodies for mark in body if mark in _BLANKS}
    if len(blanks) > 1:
        return None
    blank = blanks.pop() if blanks else ""
    order = [(".", blank or ","), (",", blank or ".")]
    if decimal_commas:
        order.reverse()
    for decimal, thousands in order:
        pattern = re.compile(
            rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d*)(?:{re.escape(decimal)}\d*)?"
        )
        if all(pattern.fullmatch(body) for body in bodies):
            used = any(thousands in body for body in bodies)
            return decimal, thousands if used else ""
    return None


def _plain(body: str, decimal: str, thousands: str) -> str:
    return (body.replace(thousands, "") if thousands else body).replace(decimal, ".")


def _values(parts: Sequence[_Parts], bodies: Sequence[str], whole: bool) -> pd.Series:
    texts = [
        f"{'-' if part.negative else ''}{body}{part.exponent}"
        for part, body in zip(parts, bodies, strict=True)
    ]
    if whole:
        numbers = [int(text.rstrip(".")) for text in texts]
        if all(abs(number) <= np.iinfo(np.int64).max for number in numbers):
            return pd.Series(pd.array(numbers, dtype="Int64"))
    return pd.Series([float(text) for text in texts], dtype=np.float64)
