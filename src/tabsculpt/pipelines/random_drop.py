"""Random drop: the control of Profile2Gen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import by_segment, drop_hard
from tabsculpt.pipelines.synthetic_steps import DropRandom, SmallSegments


@dataclass(frozen=True)
class RandomDrop:
    """PreProcess, then as many synthetic rows dropped at random as Profile2Gen drops.

    What Profile2Gen gains over this it owes to which rows it drops, not to how many.

    Args:
        small_segments: as in Profile2Gen.
    """

    uses_profiler: ClassVar[bool] = True
    uses_generator: ClassVar[bool] = True

    small_segments: SmallSegments = SmallSegments.MERGE

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        before = by_segment(given, self.small_segments)
        refined = drop_hard(given, before)
        dropped = DropRandom(before.synthetic, refined.synthetic, given.seed)
        return PipelineSteps(dropped, before.synthetic, refined.profiles)
