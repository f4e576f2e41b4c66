"""The format of a date, read off its text with the digits masked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tabsculpt.datasets.time_form import NOON

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
_LONG = "january|february|march|april|june|july|august|september|october|november|december"
_WORD = re.compile(rf"(?i)(?P<long>{_LONG})|(?P<short>{_MONTH})(?![a-z])\.?")
_ZONE = re.compile(r"\s?(?P<zone>Z|UTC|GMT|(?<=[\d.])[+-]\d{2}:?\d{2}|(?<=[\d.])[+-]\d{2})$")
HALF_OF_DAY = re.compile(r"(?P<gap> ?)(?P<noon>[AaPp]\.?[Mm]\.?)")
CLOCK_TIME = re.compile(r"(?P<h>\d{1,2}):\d{2}(?P<s>:\d{2}(?P<f>[.,]\d+)?)?")
_GAPS = ("-", "/", ".")
_NO_FORMAT = "%!"
"""Of dates that are none of a day, such as 2020Q1 and 2020-W05; ``to_datetime`` refuses it."""


@dataclass(frozen=True)
class DateShape:
    """A date whose digits are all zeros: what is the same for many dates.

    Attributes:
        text: a format in which ``#1`` and ``#2`` are day and month in an order that it leaves open.
        zone: number of characters at the end that stand for a zone.
        digits: of the fraction of a second.
        short: which of the first and second number and the hour have one digit.
    """

    text: str
    zone: int = 0
    digits: int = 0
    short: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether it leaves open which number is the day."""
        return "#1" in self.text


def shape_of(mask: str) -> DateShape:
    """The format and the zone of a text whose digits are masked."""
    rest, zone = mask, 0
    if ":" in mask and (match := _ZONE.search(mask)):
        rest, zone = mask[: match.start()], len(mask) - match.start()
    day, clock = rest, ""
    if match := re.search(r"[T ,]+\d{1,2}:\d{2}", rest):
        day, clock = rest[: match.start()], rest[match.start() :]
    fraction = re.search(r":\d{2}[.,](\d+)", clock)
    short = frozenset(
        token for token in ("first", "second", "hour") if _is_short(day, clock, token)
    )
    text = _day_format(day) + _clock_format(clock)
    return DateShape(text, zone, len(fraction[1]) if fraction else 0, short)


def _is_short(day: str, clock: str, token: str) -> bool:
    if token == "hour":
        return bool(re.search(r"(?<!\d)\d:", clock))
    numbers = [n for n in re.findall(r"\d+", day) if len(n) <= 2]
    place = 0 if token == "first" else 1
    return place < len(numbers) and len(numbers[place]) == 1


def _day_format(day: str) -> str:
    """The format of a date without a time."""
    if word := _WORD.search(day):
        return _named_month(day, word)
    parts = re.split(r"(\D+)", day)
    numbers, gaps = parts[::2], parts[1::2]
    if any(gap not in _GAPS for gap in gaps):
        return _NO_FORMAT
    if len(numbers[0]) == 4:
        tokens = ["%Y", "%m", "%d"]
        return "".join(t + g for t, g in zip(tokens, [*gaps, ""], strict=False))
    if len(numbers) == 2:
        return f"%m{gaps[0]}%Y"
    if len(numbers) != 3:
        return _NO_FORMAT
    year = "%Y" if len(numbers[2]) == 4 else "%y"
    return f"#1{gaps[0]}#2{gaps[1]}{year}"


def _named_month(day: str, word: re.Match[str]) -> str:
    name = "%B" if word["long"] else "%b"
    before, after = day[: word.start()], day[word.end() :]
    middle = name + ("." if word[0].endswith(".") else "")
    if re.match(r"\d{4}", before):
        return re.sub(r"\d{4}", "%Y", before) + middle + re.sub(r"\d+", "%d", after)
    if before:
        return re.sub(r"\d+", "%d", before) + middle + _year(after)
    if match := re.fullmatch(r"(\D*)\d{1,2}(\D+)(\d{4})", after):
        return f"{middle}{match[1]}%d{match[2]}%Y"
    return middle + _year(after)


def _year(text: str) -> str:
    return (
        re.sub(r"\d{4}", "%Y", text) if re.search(r"\d{4}", text) else re.sub(r"\d{2}", "%y", text)
    )


def _clock_format(clock: str) -> str:
    if not clock:
        return ""
    match = CLOCK_TIME.search(clock)
    assert match is not None
    noon = HALF_OF_DAY.search(clock)
    form = clock[: match.start()] + ("%I" if noon else "%H") + ":%M"
    form += (":%S" if match["s"] else "") + (".%f" if match["f"] else "")
    return form + (f"{noon['gap']}{format_of_half(noon)}" if noon else "")


def plain_half(mark: re.Match[str]) -> str:
    """The half of a day as ``strptime`` knows it: a.m. is AM."""
    return f"{mark['gap']}{mark['noon'].replace('.', '').upper()}"


def format_of_half(mark: re.Match[str]) -> str:
    """What stands for AM and PM in a format, by how one is written."""
    word = mark["noon"]
    return next((token for token, words in NOON.items() if word in words), "%p")
