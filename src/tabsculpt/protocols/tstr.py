"""Train on synthetic, test on real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.synthetic_steps import SyntheticRows
from tabsculpt.protocols import Evaluation


@dataclass(frozen=True)
class TrainSyntheticTestReal:
    """Predictors see synthetic rows only (Souza, Zanchettin, 2025, section 4.2)."""

    uses_synthetic: ClassVar[bool] = True
    uses_profiler: ClassVar[bool] = False
    uses_predictors: ClassVar[bool] = True

    def evaluations(
        self, given: PipelineInputs, pipeline_steps: PipelineSteps | None
    ) -> tuple[Evaluation, ...]:
        """See `EvaluationProtocol.evaluations`."""
        assert pipeline_steps is not None
        return (Evaluation(SyntheticRows(pipeline_steps.synthetic), pipeline_steps.synthetic),)
