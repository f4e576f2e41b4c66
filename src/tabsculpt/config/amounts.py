"""Amounts of memory, disk and time as people type them."""

from __future__ import annotations

import re

from tabsculpt.errors import UserError

UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def bytes_of(text: str, where: str, expected: str, bare: str | None = None) -> float:
    """Read an amount such as ``500MB`` or ``2GB``, in bytes.

    Args:
        text: as typed.
        where: what it was typed for, as named on the command line.
        expected: how to type it, for the message.
        bare: unit of a number without one; None where one must be named.

    Raises:
        UserError: it is no amount.
    """
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([KMGT]B|)", text.strip().upper())
    unit = (found[2] or bare) if found else None
    if found is None or unit is None:
        raise UserError(f"{where} is {text!r}; expected {expected}")
    return float(found[1]) * UNITS[unit]


def seconds_of(
    text: str, where: str, expected: str = "a span of time, as in 30d, 12h or 90m"
) -> float:
    """Read a span of time such as ``30d``, ``12h`` or ``90m``, in seconds.

    Args:
        text: as typed.
        where: what it was typed for, as named on the command line.
        expected: how to type it, for the message.

    Raises:
        UserError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if not found:
        raise UserError(f"{where} is {text!r}; expected {expected}")
    return float(found[1]) * SPANS[found[2]]
