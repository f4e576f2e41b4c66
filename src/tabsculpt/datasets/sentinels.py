"""Numbers that stand for a missing value: -9, 999, far outside the rest of their column."""

from __future__ import annotations

import re

import numpy as np

from tabsculpt.table import FloatArray

_LEAST_OTHERS = 10
_CODE = re.compile(r"-?(9+|8+|7+)|-?9+[678]|-1")


def sentinels(values: FloatArray) -> dict[float, int]:
    """Values that look like codes for a missing one, and how often each occurs.

    A code is made of nines, eights or sevens (-9, 99, 888, 9999), or is -1, 97, 98, 997 and so on.
    It is recognised where it lies far outside all others: further from them than they are from each
    other, or below zero where none of them is.

    Args:
        values: shape (n,), missing NaN.
    """
    known, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    is_code = np.array([v == np.round(v) and bool(_CODE.fullmatch(f"{v:.0f}")) for v in known])
    others = known[~is_code]
    if not is_code.any() or counts[~is_code].sum() < _LEAST_OTHERS or len(others) < 3:
        return {}
    low, high = others[0], others[-1]
    spread = high - low
    above = known > high + spread
    below = (known < low - spread) | ((known < 0) & (low >= 0))
    outlying = is_code & (above | below)
    return {float(v): int(n) for v, n in zip(known[outlying], counts[outlying], strict=True)}
