"""The grid of a column of numbers: how many decimals its values have, and in which steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MOST_DECIMALS = 22
"""Powers of ten up to this one are exact in double precision."""

CLEARANCE = 1000
"""A unit is at least so many times what rounding to binary moves a value: else chance would do."""

SLACK = 64
"""Binary units in the last place of the largest value that sums of decimals may be off by."""

CHANCE = 0.01
"""A step is believed where values at random would share one with less than this probability."""

REPEATS = 3
"""A value that was seen again counts up to so many times: where few are possible, few differ."""

PROBE = 200
"""So many values are looked at before all are."""


@dataclass(frozen=True)
class Grid:
    """Numbers that can be written as ``(origin + k * step) / 10 ** decimals``, k whole.

    Attributes:
        decimals: after the point.
        step: between neighbours, in units of the last decimal, at least 1.
        origin: in [0, step), in the same unit.
        slack: how far the values were from the grid, 0 unless they are sums of decimals, which are
            rounded to binary more than once. A number no further from it stays as it is.
        single: whether the values were stored in single precision, as 0.10000000149 for 0.1; those
            put on the grid are then such ones, too.
    """

    decimals: int
    step: int
    origin: int
    slack: float = 0.0
    single: bool = False

    @classmethod
    def learn(cls, values: pd.Series) -> Grid | None:
        """The coarsest grid that holds every value; missing ones are left out.

        Steps coarser than the last decimal (halves, quarters, multiples of five) are believed
        where so many values would hardly share one by chance, so that a few numbers do not make a
        grid of their own.

        Args:
            values: shape (n,), of an integer or a floating dtype.

        Returns:
            None where fewer than two values differ, where no decimal number is near, and for whole
            numbers in steps of one.
        """
        known = values.dropna()
        if pd.api.types.is_integer_dtype(values.dtype):
            whole, counts = np.unique(known.to_numpy(dtype=np.int64), return_counts=True)
            grid = cls(0, *_step_of(whole, _evidence(counts))) if len(whole) > 1 else None
            return grid if grid is not None and grid.step > 1 else None
        numbers, counts = np.unique(known.to_numpy(dtype=np.float64), return_counts=True)
        if len(numbers) < 2 or not np.isfinite(numbers).all():
            return None
        return cls._of_floats(numbers, _evidence(counts))

    @classmethod
    def _of_floats(cls, numbers: Floats, evidence: int) -> Grid | None:
        largest = float(np.abs(numbers).max())
        near = SLACK * float(np.spacing(largest))
        with np.errstate(over="ignore"):  # of a column beyond float32, which has none
            singles = numbers.astype(np.float32) if largest < np.finfo(np.float32).max else None
        if singles is not None and (singles != numbers).any():
            singles = None
        for decimals in range(MOST_DECIMALS + 1):
            unit = 10.0**-decimals
            if unit < CLEARANCE * near:
                return None
            if _all_near(numbers, decimals, near):
                step = _step_of(_scaled(numbers, decimals), evidence)
                return cls(decimals, *step)._loosened(numbers)
            if singles is not None and _all_equal(singles, decimals):
                chance = float(np.spacing(np.float32(largest))) / unit
                step = _step_of(_scaled(numbers, decimals), evidence)
                return cls(decimals, *step, single=True) if chance < CHANCE else None
        return None

    def _loosened(self, numbers: Floats) -> Grid:
        return replace(self, slack=float(np.abs(self._nearest(numbers) - numbers).max()))

    def snap(self, values: pd.Series) -> pd.Series:
        """The nearest numbers on the grid; missing ones, and those on it, stay as they are.

        Args:
            values: shape (n,), ``Int64`` or ``float64``.
        """
        if pd.api.types.is_integer_dtype(values.dtype):
            missing = values.isna().to_numpy()
            whole = self._nearest_whole(values.to_numpy(dtype=np.int64, na_value=0))
            return pd.Series(whole, values.index, values.dtype, values.name).mask(missing)
        numbers = values.to_numpy(dtype=np.float64)
        nearest = self._nearest(numbers)
        on = np.isnan(numbers) | (np.abs(nearest - numbers) <= self.slack)
        return pd.Series(np.where(on, numbers, nearest), values.index, name=values.name)

    def off(self, values: pd.Series) -> int:
        """How many of the values, missing ones left out, lie between its numbers."""
        known = values.dropna()
        least = 1e-6 * self.step / 10**self.decimals
        return int(((self.snap(known) - known).abs() > least).sum())

    def __str__(self) -> str:
        """The step in the column's own unit, such as 0.05."""
        return f"{self.step / 10**self.decimals:.{self.decimals}f}"

    def _nearest_whole(self, whole: Integers) -> Integers:
        """Below or above by the remainder, so that no sum leaves the range of the grid's ends."""
        over = np.mod(np.mod(whole, self.step) - self.origin, self.step)
        return np.where(over <= self.step - over, whole - over, whole + (self.step - over))

    def _nearest(self, numbers: Floats) -> Floats:
        scaled = numbers * 10.0**self.decimals
        whole = np.rint((scaled - self.origin) / self.step) * self.step + self.origin
        # The quotient of two exact integers is the double that the decimal is read as.
        nearest: Floats = whole / 10.0**self.decimals
        return nearest.astype(np.float32).astype(np.float64) if self.single else nearest


def _all_near(numbers: Floats, decimals: int, slack: float) -> bool:
    def near(part: Floats) -> bool:
        rounded = np.rint(part * 10.0**decimals) / 10.0**decimals
        return bool((np.abs(rounded - part) <= slack).all())

    return near(_probe(numbers)) and near(numbers)


def _all_equal(singles: npt.NDArray[np.float32], decimals: int) -> bool:
    def equal(part: npt.NDArray[np.float32]) -> bool:
        rounded = np.rint(part * np.float64(10.0**decimals)) / 10.0**decimals
        return bool((rounded.astype(np.float32) == part).all())

    return equal(_probe(singles)) and equal(singles)


def _probe(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values[:: max(1, len(values) // PROBE)]


def _scaled(numbers: Floats, decimals: int) -> Integers:
    return np.rint(numbers * 10.0**decimals).astype(np.int64)


def _evidence(counts: npt.NDArray[Any]) -> int:
    """How many values speak for a step; the most frequent one, often zero, counts once."""
    times = np.minimum(counts, REPEATS)
    return int(times.sum() - times.max() + 1)


def _step_of(whole: Integers, evidence: int) -> tuple[int, int]:
    """Step and origin of different whole numbers, shape (k,), ascending, k at least 2.

    Of n numbers at random, the n - 1 distances to the first share a divisor of g or more with a
    probability of about ``g ** (2 - n)``; the evidence is n.
    """
    # Unsigned, where the distance of the two ends of the int64 range has room.
    distances = whole.astype(np.uint64)[1:] - whole.astype(np.uint64)[0]
    step = int(np.gcd.reduce(distances))
    if step > 1 and float(step) ** (2 - evidence) > CHANCE:
        step = 1
    return step, int(whole[0]) % step
