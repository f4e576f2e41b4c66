"""Are rows that were made hard on purpose found? A benchmark of the profilers alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from annotated_types import Gt, Lt

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.dynamics.learners import Learner
from tabsculpt.profilers.perturbations import Perturbation, PerturbedRows, PerturbRows
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.protocols import Ranking


@dataclass(frozen=True)
class Hardness:
    """Some train rows are made hard, all are profiled, and the ranking is scored by AUPRC.

    Metrics: ``auprc`` takes the perturbed rows as positive (an uninformed ranking has their
    share); ``auprc_published`` takes the others as positive and easiness as their score, as
    Table 1 of the source does, where an uninformed ranking has one minus that share: 0.95 for
    5 % perturbed rows.

    Table 1 is of another implementation of the methods (that of Seedat et al.), averaged over the
    perturbations, on other data sets; see each profiler for what differs.

    Source: Ferracci, Goldmann, Hinel, Sanna Passino, "Targeted synthetic data generation for
    tabular data via hardness characterization", 2024, https://arxiv.org/abs/2410.00759, section
    4.1 and Table 1, after Seedat, Imrie, van der Schaar, "Dissecting Sample Hardness: A
    Fine-Grained Analysis of Hardness Characterization Methods for Data-Centric AI", ICLR 2024,
    https://arxiv.org/abs/2403.04551.

    Args:
        perturbation: what is done to the rows.
        proportion: share of the rows it is done to.
        learner: takes the place of the learner of every profiler that has one, as Table 1 has one
            network throughout; None leaves each its own. The folds stay the profiler's.
    """

    uses_synthetic: ClassVar[bool] = False
    uses_profiler: ClassVar[bool] = True
    uses_predictors: ClassVar[bool] = False

    perturbation: Perturbation = Perturbation.MISLABELLED
    proportion: Annotated[float, Gt(0), Lt(1)] = 0.1
    learner: Learner | None = None

    def evaluations(self, given: PipelineInputs, pipeline_steps: PipelineSteps | None) -> Ranking:
        """See `EvaluationProtocol.evaluations`.

        Raises:
            UserError: a profiler does not take the protocol's learner.
        """
        perturbed = PerturbRows(given.train, str(self.perturbation), self.proportion, given.seed)
        rows = PerturbedRows(perturbed)
        profiler = self._equip(given.profiler)
        return Ranking(perturbed, profile_rows(profiler, rows, given.seed, given.device))

    def _equip(self, profiler: Any) -> Any:
        """The profiler, or search among several, with the protocol's learner."""
        if self.learner is None:
            return profiler
        if isinstance(profiler, Auto):
            candidates = {name: self._equip(part) for name, part in profiler.candidates.items()}
            return replace(profiler, candidates=candidates)
        return replace(profiler, learner=self.learner) if hasattr(profiler, "learner") else profiler
