"""Real: no synthetic rows, the baseline of every claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs


@dataclass(frozen=True)
class Real:
    """Nothing is generated: predictors are trained on the real rows (protocol trtr)."""

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = False

    def build(self, given: PipelineInputs) -> None:
        """See `Pipeline.build`."""
        return None
