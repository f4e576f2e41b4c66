"""Augmentation: train on the real rows and some synthetic ones, test on real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, MinLen

from tabsculpt.engine.step import Step
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.protocols import Evaluation
from tabsculpt.protocols.training_steps import Augmented, Completed, Draw

PROPORTIONS = (0.227, 0.454, 0.682, 0.909)
SAMPLE_SEEDS = (333, 555, 666, 888)

Proportions = Annotated[list[Annotated[float, Gt(0)]], MinLen(1)]
SampleSeeds = Annotated[list[Annotated[int, Ge(0)]], MinLen(1)]


@dataclass(frozen=True)
class Augmentation:
    """The real train part plus synthetic rows, as many as a share of the real ones.

    Every proportion is evaluated with every sampling seed, all from one fit of the generator.
    Without proportions all synthetic rows are added, once; this is how the pipelines are evaluated
    that decide themselves how many rows are missing (upsample, adaptive).
    Rows are drawn without replacement; with it where the pipeline left too few, which the notes
    of the result rows say.

    Source: Souza, Zanchettin, "Profile2Gen", 2025, section 4.2 and Appendix O.

    Args:
        proportions: synthetic rows added, as shares of the number of real ones; None for all.
        sample_seeds: of the drawing of those rows.
    """

    uses_synthetic: ClassVar[bool] = True
    uses_profiler: ClassVar[bool] = False
    uses_predictors: ClassVar[bool] = True

    proportions: Proportions | None = field(default_factory=lambda: [*PROPORTIONS])
    sample_seeds: SampleSeeds = field(default_factory=lambda: [*SAMPLE_SEEDS])

    def evaluations(
        self, given: PipelineInputs, pipeline_steps: PipelineSteps | None
    ) -> tuple[Evaluation, ...]:
        """See `EvaluationProtocol.evaluations`."""
        assert pipeline_steps is not None
        if self.proportions is None:
            return (
                Evaluation(
                    Completed(given.train, pipeline_steps.synthetic), pipeline_steps.synthetic
                ),
            )
        return tuple(augment(given, pipeline_steps.synthetic, self.proportions, self.sample_seeds))


def augment(
    given: PipelineInputs,
    synthetic: Step[Synthetic],
    proportions: Sequence[float],
    sample_seeds: Sequence[int],
    again: bool = True,
    round: int | None = None,
) -> Iterator[Evaluation]:
    """Every proportion with every sampling seed; arguments as in `Draw` and `Evaluation`."""
    for proportion in proportions:
        for seed in sample_seeds:
            drawn = Draw(synthetic, given.train, proportion, seed, again)
            rows = Augmented(given.train, drawn)
            yield Evaluation(rows, synthetic, drawn, proportion, seed, round)
