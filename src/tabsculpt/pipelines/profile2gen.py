"""Profile2Gen: one generator per segment, then the hard synthetic rows dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import by_segment, drop_hard
from tabsculpt.pipelines.synthetic_steps import SmallSegments


@dataclass(frozen=True)
class Profile2Gen:
    """PreProcess, then profiling again on the synthetic rows, hard ones dropped.

    Source: Souza, Zanchettin, "Breaking the Barrier of Hard Samples", ICML 2025, section 3,
    Eq. 2 and 3.

    Args:
        small_segments: merge a segment too small for the generator into the nearest one, or
            sample it by bootstrap.
    """

    uses_profiler: ClassVar[bool] = True
    uses_generator: ClassVar[bool] = True

    small_segments: SmallSegments = SmallSegments.MERGE

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        return drop_hard(given, by_segment(given, self.small_segments))
