"""PreProcess: one generator per segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import by_segment
from tabsculpt.pipelines.synthetic_steps import SmallSegments


@dataclass(frozen=True)
class PreProcess:
    """One generator per segment, samples pooled (Souza, Zanchettin, 2025, section 4.1, Eq. 2).

    Args:
        small_segments: merge a segment too small for the generator into the nearest one, or
            sample it by bootstrap.
    """

    uses_profiler: ClassVar[bool] = True
    uses_generator: ClassVar[bool] = True

    small_segments: SmallSegments = SmallSegments.MERGE

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        return by_segment(given, self.small_segments)
