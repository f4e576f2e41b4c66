"""The floor that every profiler must beat: hardness drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tabsculpt.profilers import Profile, Segment
from tabsculpt.table import Table


@dataclass(frozen=True)
class Random:
    """Uniform scores in [0, 1); the lowest are called hard, as many as the threshold says.

    Args:
        threshold: expected share of hard rows; the same share again is ambiguous.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 1

    threshold: float = 0.1

    def profile(self, table: Table, seed: int) -> Profile:
        """See `Profiler.profile`."""
        score = np.random.default_rng(seed).random(len(table))
        segment = np.where(
            score < self.threshold,
            Segment.HARD,
            np.where(score < 2 * self.threshold, Segment.AMBIGUOUS, Segment.EASY),
        )
        return Profile(-score, segment.astype(str), {})
