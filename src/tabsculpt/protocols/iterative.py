"""Iterative profiling: drop the hard synthetic rows again and again, evaluating in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge

from tabsculpt.engine.step import Step
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.synthetic_steps import Synthetic, SyntheticRows
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.protocols import Evaluation
from tabsculpt.protocols.augmentation import (
    PROPORTIONS,
    SAMPLE_SEEDS,
    Proportions,
    SampleSeeds,
    augment,
)
from tabsculpt.protocols.training_steps import NextRound


@dataclass(frozen=True)
class Iterative:
    """Augmentation before and after each of several droppings of the hard synthetic rows.

    Round 0 has what the pipeline made. Each further round profiles what is left anew and drops
    what is hard in it, until the profiler fails, calls no row hard any more (all further rounds
    would be the same) or calls every row hard, or ``rounds`` is reached. The metric ``rounds`` of
    the results is the number of rounds that went through, and its reason says what stopped it.
    A proportion for which too few rows are left is skipped, not drawn with replacement.

    The source starts from its Profile2Gen stage and stops at an error of the framework.

    Source: Souza, Zanchettin, "Profile2Gen", 2025, Appendix L and Figure 16.

    Args:
        rounds: the most droppings.
        proportions: synthetic rows added, as shares of the number of real ones.
        sample_seeds: of the drawing of those rows.
    """

    uses_synthetic: ClassVar[bool] = True
    uses_profiler: ClassVar[bool] = True
    uses_predictors: ClassVar[bool] = True

    rounds: Annotated[int, Ge(1)] = 10
    proportions: Proportions = field(default_factory=lambda: [*PROPORTIONS])
    sample_seeds: SampleSeeds = field(default_factory=lambda: [*SAMPLE_SEEDS])

    def evaluations(
        self, given: PipelineInputs, pipeline_steps: PipelineSteps | None
    ) -> tuple[Evaluation, ...]:
        """See `EvaluationProtocol.evaluations`."""
        assert pipeline_steps is not None
        assert given.profiler is not None
        synthetic: Step[Synthetic] = pipeline_steps.synthetic
        evaluations: list[Evaluation] = []
        for number in range(self.rounds + 1):
            if number:
                rows = SyntheticRows(synthetic)
                profile = profile_rows(given.profiler, rows, given.seed, given.device)
                synthetic = NextRound(synthetic, profile)
            evaluations += augment(
                given, synthetic, self.proportions, self.sample_seeds, False, number
            )
        return tuple(evaluations)
