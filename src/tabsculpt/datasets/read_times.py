"""Texts of dates, times of day and durations, read as nanoseconds with the form that they have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from tabsculpt.datasets.date_formats import (
    CLOCK_TIME,
    HALF_OF_DAY,
    DateShape,
    format_of_half,
    plain_half,
    shape_of,
)
from tabsculpt.datasets.time_form import NANOSECONDS, NOON, Clock, TimeForm

_SPAN = re.compile(
    r"(?P<sign>-?)(?P<days>\d+) days?(?:,? \+?(?P<rest>\d{1,2}:\d{2}:\d{2}(?:\.\d+)?))?"
)
_TWO = re.compile(r"(\d+)\D+(\d+)")
_FEW = 0.05
"""Up to this share of dates may be impossible ones, such as 9999-12-31, and count as missing."""


@dataclass(frozen=True)
class Times:
    """What texts were read as.

    Attributes:
        nanoseconds: since 1970-01-01 (UTC where there is a zone), since midnight, or of length;
            ``Int64``, shape (n,), missing where a text is no date of the years 1678 to 2261.
        form: how they are written.
        ambiguous: whether day and month could be exchanged.
        formats: of the texts, the most frequent first.
        zones: different offsets from UTC.
    """

    nanoseconds: pd.Series
    form: TimeForm
    ambiguous: bool = False
    formats: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


def read_dates(texts: Sequence[str], counts: Sequence[int], day_first: bool | None) -> Times | None:
    """Read dates, with or without a time and a zone.

    Args:
        texts: shape (n,), different ones without blanks around.
        counts: how often each occurs, shape (n,).
        day_first: whether the day stands before the month where neither says which it is; None:
            after a point or dash it does, after a slash it does not.

    Returns:
        None where they are no dates, or some can only be read with the day before the month and
        others only with the month before the day.
    """
    masks, kinds = pd.factorize(pd.Series(texts).str.replace(r"\d", "0", regex=True))
    shapes = [shape_of(mask) for mask in kinds]
    of = [
        [texts[place] for place in np.flatnonzero(masks == k).tolist()] for k in range(len(kinds))
    ]
    highest = _highest(shapes, of)
    formats = _formats(shapes, highest, day_first)
    if formats is None or len({bool(shape.zone) for shape in shapes}) > 1:
        return None  # dates with a zone and dates without cannot be compared
    parsed = _parsed(formats, shapes, of)
    if parsed is None:
        return None
    whole = pd.concat([pd.Series(part) for part in parsed], ignore_index=True)
    places = np.concatenate([np.flatnonzero(masks == k) for k in range(len(kinds))])
    whole.index = pd.Index(places)
    nanoseconds = whole.sort_index()
    if nanoseconds.isna().sum() > _FEW * len(nanoseconds):
        return None
    seen: Counter[str] = Counter()
    for each, weight in zip(formats, np.bincount(masks, counts), strict=True):
        seen[each] += int(weight)
    first = seen.most_common(1)[0][0]
    zones = Counter(
        text[len(text) - shape.zone :]
        for shape, part in zip(shapes, of, strict=True) if shape.zone
        for text in part
    )  # fmt: skip
    zone = zones.most_common(1)[0][0] if zones else ""
    written = _unpadded(first, [s for s, f in zip(shapes, formats, strict=True) if f == first])
    form = replace(
        TimeForm.of(Clock.DATE, nanoseconds, _zone_name(zone)),
        format=written + _zone_token(zone),
        digits=max(shape.digits for shape in shapes),
        colon=":" in zone,
    )
    ambiguous = highest is not None and max(highest) <= 12
    return Times(
        nanoseconds, form, ambiguous, tuple(f for f, _ in seen.most_common()), tuple(zones)
    )


def read_clock(texts: Sequence[str]) -> Times | None:
    """Read times of day, or durations where some have 24 hours or more; arguments as above."""
    found = [CLOCK_TIME.match(text) for text in texts]
    if not all(found):
        return None
    noon = [bool(HALF_OF_DAY.search(text)) for text in texts]
    if any(noon) != all(noon):
        return None
    hours = [int(match["h"]) for match in found if match]
    clock = Clock.DURATION if max(hours) > 23 else Clock.TIME
    values = pd.Series(pd.array([_nanoseconds(text) for text in texts], dtype="Int64"))
    first = found[0]
    assert first is not None
    digits = max(len(m["f"] or " ") - 1 for m in found if m)
    padded = all(len(match["h"]) == 2 for match in found if match)
    form = ("%I" if padded else "%-I") if any(noon) else ("%H" if padded else "%-H")
    form += ":%M" + (":%S" if any(m["s"] for m in found if m) else "") + (".%f" if digits else "")
    if any(noon) and (mark := HALF_OF_DAY.search(texts[0])):
        form += f"{mark['gap']}{format_of_half(mark)}"
    return Times(values, replace(TimeForm.of(clock, values), format=form, digits=digits))


def read_spans(texts: Sequence[str]) -> Times | None:
    """Read durations as pandas writes them: 3 days, 3 days 04:05:06."""
    found = [_SPAN.fullmatch(text) for text in texts]
    if not all(found):
        return None
    nanoseconds = [
        (-1 if m["sign"] else 1) * (int(m["days"]) * NANOSECONDS["D"])
        + (_nanoseconds(m["rest"]) if m["rest"] else 0)
        for m in found if m
    ]  # fmt: skip
    values = pd.Series(pd.array(nanoseconds, dtype="Int64"))
    digits = max(len(m["rest"].partition(".")[2]) if m and m["rest"] else 0 for m in found)
    rest = " %H:%M:%S" if any(m and m["rest"] for m in found) else ""
    form = f"%D days{rest}" + (".%f" if digits else "")
    return Times(values, replace(TimeForm.of(Clock.DURATION, values), format=form, digits=digits))


def _nanoseconds(text: str) -> int:
    match = CLOCK_TIME.match(text)
    assert match is not None
    numbers = re.split(r"[:.,]", match[0])
    hours, minutes, seconds = [*map(int, numbers[:3]), 0][:3]
    fraction = numbers[3].ljust(9, "0")[:9] if len(numbers) > 3 else "0"
    if mark := HALF_OF_DAY.search(text):
        hours = hours % 12 + (12 if mark["noon"][0] in "pP" else 0)
    return ((hours * 60 + minutes) * 60 + seconds) * NANOSECONDS["s"] + int(fraction)


def _highest(shapes: Sequence[DateShape], of: Sequence[list[str]]) -> tuple[int, int] | None:
    """The highest first and second number where the order of day and month is open, or None."""
    pairs = {
        match.groups()
        for shape, texts in zip(shapes, of, strict=True) if shape.is_open
        for text in texts if (match := _TWO.match(text))
    }  # fmt: skip
    if not pairs:
        return None
    return max(int(one) for one, _ in pairs), max(int(two) for _, two in pairs)


def _formats(
    shapes: Sequence[DateShape], highest: tuple[int, int] | None, day_first: bool | None
) -> list[str] | None:
    """The format of each shape; None where some dates need one order and some the other."""
    first, second = highest or (0, 0)
    if first > 12 and second > 12:
        return None
    formats = []
    for shape in shapes:
        is_day = day_first if day_first is not None else "/" not in shape.text
        if max(first, second) > 12:
            is_day = first > 12
        one, two = ("%d", "%m") if is_day else ("%m", "%d")
        formats.append(shape.text.replace("#1", one).replace("#2", two))
    return formats


def _parsed(
    formats: Sequence[str], shapes: Sequence[DateShape], of: Sequence[list[str]]
) -> list[pd.Series] | None:
    """Nanoseconds since 1970-01-01 in UTC of the texts of each shape."""
    found = []
    for form, shape, texts in zip(formats, shapes, of, strict=True):
        bare = [text[: len(text) - shape.zone] for text in texts] if shape.zone else texts
        if "." in form and "%f" in form:
            bare = [text.replace(",", ".") for text in bare]
        if "%b" in form:
            bare = [_month_names(text) for text in bare]
        for half in NOON:
            if half in form:
                bare = [HALF_OF_DAY.sub(plain_half, text) for text in bare]
                form = form.replace(half, "%p")
        try:
            times = pd.to_datetime(pd.Series(bare), format=form, errors="coerce")
            held = times.astype("datetime64[ns]")
        except (ValueError, OverflowError):
            return None
        whole = held.astype("int64").astype("Int64").mask(held.isna())
        if shape.zone:
            offsets = [_offset(text[len(text) - shape.zone :]) for text in texts]
            whole -= pd.Series(offsets, dtype="Int64")
        found.append(whole)
    return found


def _month_names(text: str) -> str:
    """Month names as ``strptime`` knows them: Sept is Sep."""
    return re.sub(r"(?i)\bsept\b", "Sep", text)


@cache
def _offset(zone: str) -> int:
    if match := re.search(r"([+-])(\d{2}):?(\d{2})?", zone):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return (-1 if match[1] == "-" else 1) * minutes * 60 * NANOSECONDS["s"]
    return 0


def _zone_name(zone: str) -> str:
    if match := re.search(r"([+-]\d{2}):?(\d{2})?", zone):
        return f"{match[1]}:{match[2] or '00'}"
    return "UTC" if zone else ""


def _zone_token(zone: str) -> str:
    """The end of the format: an offset where one was written, a letter as it is."""
    if re.search(r"[+-]\d{2}:?\d{2}", zone):
        return zone[: len(zone) - len(zone.lstrip())] + "%z"
    return zone


def _unpadded(form: str, shapes: Sequence[DateShape]) -> str:
    """The format with ``%-d`` where days are written 5 and not 05."""
    tokens = [token for token in re.findall(r"%[dm]", form)]
    for token, place in zip(tokens, ("first", "second"), strict=False):
        if any(place in shape.short for shape in shapes):
            form = form.replace(token, f"%-{token[1]}")
    if any("hour" in shape.short for shape in shapes):
        form = form.replace("%H", "%-H").replace("%I", "%-I")
    return form
