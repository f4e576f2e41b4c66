"""The floor that every profiler must beat: hardness drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt, Lt

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.table import Table


@dataclass(frozen=True)
class Random:
    """Uniform scores in [0, 1), low ones called hard.

    Args:
        cut: threshold or fraction; percentile is the same as threshold here.
        threshold: share of hard rows, expected (threshold) or exact (fraction).
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 1
    recorder: ClassVar[None] = None

    cut: SegmentRule = SegmentRule.THRESHOLD
    threshold: Annotated[float, Gt(0), Lt(1)] = 0.1

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        return Scores(np.random.default_rng(seed).random(len(table)))
