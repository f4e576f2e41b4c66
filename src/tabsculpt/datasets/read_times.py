"""Texts of dates, times of day and durations, read as nanoseconds with the form that they have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from tabsculpt.datasets.time_form import NANOSECONDS, Clock, TimeForm

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
_LONG = "january|february|march|april|june|july|august|september|october|november|december"
_WORD = re.compile(rf"(?i)(?P<long>{_LONG})|(?P<short>{_MONTH})(?![a-z])\.?")
_ZONE = re.compile(r"\s?(?P<zone>Z|UTC|GMT|(?<=[\d.])[+-]\d{2}:?\d{2}|(?<=[\d.])[+-]\d{2})$")
_NOON = re.compile(r"(?P<gap> ?)(?P<noon>[AaPp]\.?[Mm]\.?)")
_CLOCK = re.compile(r"(?P<h>\d{1,2}):\d{2}(?P<s>:\d{2}(?P<f>[.,]\d+)?)?")
_SPAN = re.compile(
    r"(?P<sign>-?)(?P<days>\d+) days?(?:,? \+?(?P<rest>\d{1,2}:\d{2}:\d{2}(?:\.\d+)?))?"
)
_GAPS = ("-", "/", ".")
_NO_FORMAT = "%!"
"""Of dates that are none of a day, such as 2020Q1 and 2020-W05; ``to_datetime`` refuses it."""

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
    shapes = [_shape(text) for text in texts]
    orders = _orders(shapes, texts, day_first)
    if orders is None:
        return None
    formats = [orders.get(shape.text, shape.text) for shape in shapes]
    parsed = _parsed(formats, shapes)
    if parsed is None:
        return None
    seen: Counter[str] = Counter()
    zones: Counter[str] = Counter()
    for each, shape, count in zip(formats, shapes, counts, strict=True):
        seen[each] += count
        if shape.zone:
            zones[shape.zone] += count
    if zones and zones.total() < seen.total():
        return None  # some with a zone and some without cannot be compared
    first = seen.most_common(1)[0][0]
    zone = zones.most_common(1)[0][0] if zones else ""
    form = TimeForm.of(Clock.DATE, parsed, _zone_name(zone))
    written = _unpadded(first, [s for s, f in zip(shapes, formats, strict=True) if f == first])
    digits = max((shape.digits for shape in shapes), default=0)
    form = replace(form, format=written + _zone_token(zone), digits=digits, colon=":" in zone)
    unsure = any("#" in shape.text for shape in shapes) and _unsure(shapes)
    return Times(parsed, form, unsure, tuple(f for f, _ in seen.most_common()), tuple(zones))


def read_clock(texts: Sequence[str]) -> Times | None:
    """Read times of day, or durations where some have 24 hours or more; arguments as above."""
    found = [_CLOCK.match(text) for text in texts]
    if not all(found):
        return None
    noon = [bool(_NOON.search(text)) for text in texts]
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
    if any(noon) and (mark := _NOON.search(texts[0])):
        form += f"{mark['gap']}%p"
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
    match = _CLOCK.match(text)
    assert match is not None
    numbers = re.split(r"[:.,]", match[0])
    hours, minutes, seconds = [*map(int, numbers[:3]), 0][:3]
    fraction = numbers[3].ljust(9, "0")[:9] if len(numbers) > 3 else "0"
    if mark := _NOON.search(text):
        hours = hours % 12 + (12 if mark["noon"][0] in "pP" else 0)
    return ((hours * 60 + minutes) * 60 + seconds) * NANOSECONDS["s"] + int(fraction)


@dataclass(frozen=True)
class _Shape:
    """A date with its numbers taken out.

    Attributes:
        text: a format in which ``#1`` and ``#2`` are day and month in an order that it leaves open.
        rest: the date itself, without its zone, as ``to_datetime`` reads it.
        numbers: those two.
        zone: what stood for one.
        digits: of the fraction of a second.
        short: which of the first and second number and the hour have one digit.
    """

    text: str
    rest: str
    numbers: tuple[int, int] = (0, 0)
    zone: str = ""
    digits: int = 0
    short: frozenset[str] = frozenset()


def _shape(text: str) -> _Shape:
    rest, zone = text, ""
    if ":" in text and (match := _ZONE.search(text)):
        rest, zone = text[: match.start()], text[match.start() :]
    day, clock = rest, ""
    if match := re.search(r"[T ,]+\d{1,2}:\d{2}", rest):
        day, clock = rest[: match.start()], rest[match.start() :]
    form, numbers = _day_format(day)
    time = _clock_format(clock)
    fraction = re.search(r"[.,](\d+)", clock)
    short = frozenset(
        token for token in ("first", "second", "hour") if _is_short(day, clock, token)
    )
    digits = len(fraction[1]) if fraction else 0
    if fraction:
        rest = day + clock.replace(",", ".")
    return _Shape(form + time, rest, numbers, zone, digits, short)


def _is_short(day: str, clock: str, token: str) -> bool:
    if token == "hour":
        return bool(re.search(r"(?<!\d)\d:", clock))
    numbers = [n for n in re.findall(r"\d+", day) if len(n) <= 2]
    place = 0 if token == "first" else 1
    return place < len(numbers) and len(numbers[place]) == 1


def _day_format(day: str) -> tuple[str, tuple[int, int]]:
    """The format of a date without a time, and the two numbers whose order it may leave open."""
    if word := _WORD.search(day):
        name = "%B" if word["long"] else "%b"
        if word[0].lower() == "may":
            name = "%b"
        before, after = day[: word.start()], day[word.end() :]
        dot = "." if word[0].endswith(".") else ""
        middle = name + dot
        if re.match(r"\d{4}", before):
            return re.sub(r"\d{4}", "%Y", before) + middle + re.sub(r"\d+", "%d", after), (0, 0)
        before = re.sub(r"\d+", "%d", before)
        if before:
            return before + middle + _year(after), (0, 0)
        if match := re.fullmatch(r"(\D*)\d{1,2}(\D+)(\d{4})", after):
            return f"{middle}{match[1]}%d{match[2]}%Y", (0, 0)
        return middle + _year(after), (0, 0)
    parts = re.split(r"(\D+)", day)
    numbers, gaps = parts[::2], parts[1::2]
    if any(gap not in _GAPS for gap in gaps):
        return _NO_FORMAT, (0, 0)
    if len(numbers[0]) == 4:
        tokens = ["%Y", "%m", "%d"]
        return "".join(t + g for t, g in zip(tokens, [*gaps, ""], strict=False)), (0, 0)
    if len(numbers) == 2:
        return f"%m{gaps[0]}%Y", (0, 0)
    if len(numbers) != 3:
        return _NO_FORMAT, (0, 0)
    year = "%Y" if len(numbers[2]) == 4 else "%y"
    return f"#1{gaps[0]}#2{gaps[1]}{year}", (int(numbers[0]), int(numbers[1]))


def _year(text: str) -> str:
    return (
        re.sub(r"\d{4}", "%Y", text) if re.search(r"\d{4}", text) else re.sub(r"\d{2}", "%y", text)
    )


def _clock_format(clock: str) -> str:
    if not clock:
        return ""
    match = _CLOCK.search(clock)
    assert match is not None
    noon = _NOON.search(clock)
    form = clock[: match.start()] + ("%I" if noon else "%H") + ":%M"
    form += (":%S" if match["s"] else "") + (".%f" if match["f"] else "")
    return form + (f"{noon['gap']}%p" if noon else "")


def _orders(
    shapes: Sequence[_Shape], texts: Sequence[str], day_first: bool | None
) -> Mapping[str, str] | None:
    """For each shape that leaves the order of day and month open the format that fits all."""
    open_ones = {shape.text for shape in shapes if "#1" in shape.text}
    orders = {}
    firsts = max((s.numbers[0] for s in shapes if s.text in open_ones), default=0)
    seconds = max((s.numbers[1] for s in shapes if s.text in open_ones), default=0)
    if firsts > 12 and seconds > 12:
        return None
    for text in open_ones:
        is_first = day_first if day_first is not None else "/" not in text
        if firsts > 12 or seconds > 12:
            is_first = firsts > 12
        one, two = ("%d", "%m") if is_first else ("%m", "%d")
        orders[text] = text.replace("#1", one).replace("#2", two)
    return orders


def _unsure(shapes: Sequence[_Shape]) -> bool:
    numbers = [shape.numbers for shape in shapes if "#1" in shape.text]
    high = max(max(pair) for pair in numbers)
    return high <= 12 and any(one != two for one, two in numbers)


def _parsed(formats: Sequence[str], shapes: Sequence[_Shape]) -> pd.Series | None:
    """Nanoseconds since 1970-01-01 in UTC."""
    found = pd.Series(pd.NaT, range(len(shapes)), dtype="datetime64[ns]")
    for form in dict.fromkeys(formats):
        places = [place for place, f in enumerate(formats) if f == form]
        rest = pd.Series([_month_names(shapes[place].rest) for place in places], places)
        try:
            found[places] = pd.to_datetime(rest, format=form, errors="coerce").astype(
                "datetime64[ns]"
            )
        except (ValueError, OverflowError):
            return None
    if found.isna().sum() > _FEW * len(found):
        return None
    whole = found.astype("int64").astype("Int64").mask(found.isna())
    offsets = [_offset(shape.zone) for shape in shapes]
    return whole - pd.Series(pd.array(offsets, dtype="Int64"))


def _month_names(text: str) -> str:
    """Month names as ``strptime`` knows them: Sept is Sep."""
    return re.sub(r"(?i)\bsept\b", "Sep", text)


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


def _unpadded(form: str, shapes: Sequence[_Shape]) -> str:
    """The format with ``%-d`` where days are written 5 and not 05."""
    tokens = [token for token in re.findall(r"%[dm]", form)]
    for token, place in zip(tokens, ("first", "second"), strict=False):
        if any(place in shape.short for shape in shapes):
            form = form.replace(token, f"%-{token[1]}")
    if any("hour" in shape.short for shape in shapes):
        form = form.replace("%H", "%-H").replace("%I", "%-I")
    return form
