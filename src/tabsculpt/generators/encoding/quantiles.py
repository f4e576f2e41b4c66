"""A column's distribution function, its inverse, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tabsculpt.table import FloatArray

KNOTS = 512
"""At most about so many points of a distribution function are kept."""


@dataclass(frozen=True)
class Quantiles:
    """The distribution function of the rows of one column.

    Linear between the values that were seen once, and a step at each value that was seen more
    often: a share of zeros, or a rounded measurement, then comes back as it was, while between
    other values new ones appear.

    Attributes:
        values: the knots, ascending; a step is two knots of the same value.
        shares: shape as ``values``, the share of the rows up to each, ascending in [0, 1].
    """

    values: tuple[float, ...]
    shares: tuple[float, ...]

    @classmethod
    def learn(cls, numbers: FloatArray) -> Quantiles:
        """From the observed values, shape (n,), at least two of them distinct."""
        distinct, counts = np.unique(numbers, return_counts=True)
        after = np.cumsum(counts) / counts.sum()
        before = after - counts / counts.sum()
        often = counts >= max(2, len(numbers) / KNOTS)
        middle = (before + after) / 2
        low, high = np.where(often, before, middle), np.where(often, after, middle)
        kept = often | _spread(len(distinct), KNOTS)
        values = np.repeat(distinct[kept], 2)
        shares = np.column_stack([low[kept], high[kept]]).ravel()
        double = np.append(False, (np.diff(values) == 0) & (np.diff(shares) == 0))
        return cls(tuple(values[~double].tolist()), tuple(shares[~double].tolist()))

    def to_uniform(self, numbers: FloatArray, rng: np.random.Generator) -> FloatArray:
        """The share of the rows below each value, in [0, 1]; anywhere within a step."""
        values, shares = np.array(self.values), np.array(self.shares)
        first = np.searchsorted(values, numbers, side="left").clip(max=len(values) - 1)
        last = (np.searchsorted(values, numbers, side="right") - 1).clip(min=0)
        between = np.interp(numbers, values, shares)
        within = rng.uniform(shares[first], np.maximum(shares[first], shares[last]))
        uniform: FloatArray = np.where((last > first) & (values[first] == numbers), within, between)
        return uniform

    def from_uniform(self, shares: FloatArray) -> FloatArray:
        """The inverse: values in the seen range."""
        numbers: FloatArray = np.interp(shares, self.shares, self.values)
        return numbers

    def cut(self, most: int) -> list[float]:
        """Ends of at most ``most`` intervals of [0, 1] with like shares; no step is cut in two."""
        shares = np.array(self.shares)
        steps = np.append(np.diff(self.values) == 0, False)
        ends = [0.0]
        for end in np.linspace(0, 1, most + 1)[1:-1]:
            at = int(np.searchsorted(shares, end, side="right")) - 1
            if 0 <= at < len(steps) and steps[at]:
                below, above = shares[at], shares[at + 1]
                end = below if end - below < above - end else above
            if ends[-1] + 1e-9 < end < 1 - 1e-9:
                ends.append(float(end))
        return [*ends, 1.0]


def _spread(n: int, most: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """A mask of at most ``most`` of n places, both ends among them, closer towards the ends.

    The tails of a distribution bend most, and hold few rows.
    """
    mask = np.full(n, n <= most)
    along = (1 - np.cos(np.linspace(0, np.pi, most))) / 2
    mask[np.rint(along * (n - 1)).astype(int)] = True
    return mask
