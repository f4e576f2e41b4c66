"""Amounts of memory and disk as people type them."""

from __future__ import annotations

import re

from tabsculpt.errors import UserError

UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


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
