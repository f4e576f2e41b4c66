"""Numbers as they are shown: three significant digits, those of a column with decimals alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tabsculpt.analysis.levels import Level

LARGE, SMALL = 1e6, 1e-4
"""Numbers from, and below, which are written with a power of ten."""


def number(value: float | None, sign: bool = False) -> str:
    """One number at three significant digits; "-" for none."""
    return column([value], sign)[0]


def column(
    values: Iterable[float | None], sign: bool = False, like: Iterable[float | None] = ()
) -> list[str]:
    """Numbers that stand side by side: as many decimals for all as give each three digits.

    Where their sizes differ, the largest has four digits at most; one that would be rounded to zero
    keeps three of its own.

    Args:
        values: NaN and None are shown as "-".
        sign: write a plus too.
        like: the numbers whose decimals are taken instead.
    """
    shown = list(values)
    style = _style([*like] or shown)
    return [_text(value, style, "+" if sign else "") for value in shown]


def levels(found: Sequence[Level]) -> list[str]:
    """Means with their standard deviations, if of two or more, and how many values are missing."""
    means, deviations = [one.mean for one in found], [one.deviation for one in found]
    texts, around = column(means), column(deviations, like=means)
    return [
        text + (f" ± {width}" if width != "-" else "")
        + (f" ({one.n} of {one.of})" if one.n < one.of else "")
        if one.n else "-"
        for one, text, width in zip(found, texts, around, strict=True)
    ]  # fmt: skip


def _style(values: Sequence[float | None]) -> str:
    known = [abs(value) for value in values if value and math.isfinite(value)]
    if not known:
        return ".0f"
    if not SMALL <= max(known) < LARGE:
        return ".2e"
    most, least = (2 - math.floor(math.log10(edge(known))) for edge in (min, max))
    return f".{max(0, min(most, least + 1))}f"


def _text(value: float | None, style: str, sign: str) -> str:
    if value is None or math.isnan(value):
        return "-"
    value += 0.0  # no minus before a zero
    text = f"{value:{sign}{style}}"
    return text if float(text) or not value else f"{value:{sign}.3g}"
