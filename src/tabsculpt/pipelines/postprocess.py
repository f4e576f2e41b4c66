"""PostProcess: one generator on all rows, then the hard synthetic rows dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import drop_hard, whole


@dataclass(frozen=True)
class PostProcess:
    """Profile2Gen without its first half: what dropping hard synthetic rows does alone."""

    uses_profiler: ClassVar[bool] = True
    uses_generator: ClassVar[bool] = True

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        return drop_hard(given, whole(given))
