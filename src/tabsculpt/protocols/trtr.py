"""Train on real, test on real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.protocols import Evaluation


@dataclass(frozen=True)
class TrainRealTestReal:
    """The baseline: predictors see the real train part."""

    uses_synthetic: ClassVar[bool] = False
    uses_profiler: ClassVar[bool] = False
    uses_predictors: ClassVar[bool] = True

    def evaluations(
        self, given: PipelineInputs, pipeline_steps: PipelineSteps | None
    ) -> tuple[Evaluation, ...]:
        """See `EvaluationProtocol.evaluations`."""
        return (Evaluation(given.train),)
