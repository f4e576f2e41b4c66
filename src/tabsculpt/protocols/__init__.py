"""Protocols: what predictors are trained on; all are tested on the same real test part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from tabsculpt.engine.step import Step
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.profilers import Profile
from tabsculpt.profilers.perturbations import Perturbed
from tabsculpt.protocols.training_steps import Drawn
from tabsculpt.table import Table


@dataclass(frozen=True)
class Evaluation:
    """One table that every predictor of the suite learns from.

    Attributes:
        training: its rows.
        synthetic: the synthetic table that it was made with; None where rows are real.
        drawn: the rows drawn from that, where not all of them are used.
        proportion: rows drawn, as a share of the real ones.
        sample_seed: of the drawing.
        round: how often the hard synthetic rows had been dropped again.
    """

    training: Step[Table]
    synthetic: Step[Synthetic] | None = None
    drawn: Step[Drawn] | None = None
    proportion: float | None = None
    sample_seed: int | None = None
    round: int | None = None


@dataclass(frozen=True)
class Ranking:
    """Rows that were made hard and the profile in which they should come first."""

    perturbed: Step[Perturbed]
    profile: Step[Profile]


class EvaluationProtocol(Protocol):
    """A frozen dataclass of settings (its fields), with what it uses as class variables."""

    uses_synthetic: ClassVar[bool]
    """False where the pipeline makes no difference."""
    uses_profiler: ClassVar[bool]
    """Whether it needs the profiler itself, whatever the pipeline does."""
    uses_predictors: ClassVar[bool]
    """Whether predictors are trained."""

    def evaluations(
        self, given: PipelineInputs, pipeline_steps: PipelineSteps | None
    ) -> tuple[Evaluation, ...] | Ranking:
        """Lay out what is scored; computes nothing.

        Args:
            given: the real rows, the profiler, the seed and the device.
            pipeline_steps: what the pipeline makes of them; None where it makes nothing.

        Returns:
            Evaluations, those of a round before those of the next; or a ranking of rows.
        """
        ...
