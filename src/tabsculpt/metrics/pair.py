"""Sets of points and the distances within and between them, each computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tabsculpt.table import FloatArray

MOST_NEIGHBOURS = 5


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points, few enough for the distances of all pairs to be held.

    Attributes:
        points: shape (n, d), n at least 6.
    """

    points: FloatArray

    def __len__(self) -> int:
        return len(self.points)

    def radius(self, k: int) -> FloatArray:
        """Distance of each point to its k-th nearest but itself, shape (n,).

        Args:
            k: 1 to 5.
        """
        return self._nearest_first[:, k]

    @cached_property
    def _nearest_first(self) -> FloatArray:
        count = MOST_NEIGHBOURS + 1
        distances = _distances(self.points, self.points)
        return np.sort(np.partition(distances, count - 1, axis=1)[:, :count], axis=1)


@dataclass(frozen=True, eq=False)
class Pair:
    """Real points and others in the same space.

    Attributes:
        real: n points.
        other: m points.
    """

    real: Cloud
    other: Cloud

    @cached_property
    def between(self) -> FloatArray:
        """Distance of each real point to each other one, shape (n, m)."""
        return _distances(self.real.points, self.other.points)


def _distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """Summed coordinate by coordinate (no matrix product): equal points are at distance 0."""
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(a, b))
