"""Removal: train on the real rows without the hardest of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Gt, Lt, MinLen

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.protocols import Evaluation
from tabsculpt.protocols.training_steps import WithoutHardest

Shares = Annotated[list[Annotated[float, Gt(0), Lt(1)]], MinLen(1)]


@dataclass(frozen=True)
class Removal:
    """How fast predictions get worse as the rows that a profiler calls hardest are taken away.

    A profiler that knows which rows matter makes scores fall faster than ``profiler=random``,
    which takes as many at random, and rows that do harm make them rise. Nothing is generated.

    Deviation from the source: it watches the validation part, by which it chooses the number of
    neighbours as well; here the scores are those of the test part. ``split.valuation`` sets rows
    aside for the values, as there.

    Source: Ferracci, Goldmann, Hinel, Sanna Passino, "Targeted synthetic data generation for
    tabular data via hardness characterization", 2024, https://arxiv.org/abs/2410.00759, section
    4.3 and Figure 5.

    Args:
        proportions: shares of the train rows that are taken away.
    """

    uses_synthetic: ClassVar[bool] = False
    uses_profiler: ClassVar[bool] = True
    uses_predictors: ClassVar[bool] = True

    proportions: Shares = field(default_factory=lambda: [0.05, 0.1, 0.2, 0.3, 0.5])

    def evaluations(
        self, given: PipelineInputs, pipeline_steps: PipelineSteps | None
    ) -> tuple[Evaluation, ...]:
        """See `EvaluationProtocol.evaluations`."""
        assert given.profiler is not None
        profile = profile_rows(
            given.profiler, given.train, given.seed, given.device, given.valuation
        )
        return tuple(
            Evaluation(WithoutHardest(given.train, profile, share), proportion=share)
            for share in self.proportions
        )
