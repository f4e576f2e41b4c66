"""Traditional: one generator on all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import whole


@dataclass(frozen=True)
class Traditional:
    """One generator on all rows, no profiling (Souza, Zanchettin, 2025, section 4.1)."""

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = True

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        return whole(given)
