"""Are rows that were made hard on purpose found? A benchmark of the profilers alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt, Lt

from tabsculpt.pipelines.steps import Synthetic
from tabsculpt.profilers.perturbations import Perturbation, PerturbRows
from tabsculpt.step import Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class Hardness:
    """Some train rows are made hard, all are profiled, and the ranking is scored by AUPRC.

    Metrics: ``auprc`` takes the perturbed rows as positive (an uninformed ranking has their
    share); ``auprc_published`` takes the others as positive and easiness as their score, as
    Table 1 of the source does, where an uninformed ranking has one minus that share: 0.95 for
    5 % perturbed rows.

    Source: "Targeted synthetic data generation for tabular data via hardness characterization",
    2024, section 4.1 and Table 1, after Seedat, Imrie, van der Schaar, ICLR 2024.

    Args:
        perturbation: what is done to the rows.
        proportion: share of the rows it is done to.
    """

    uses_synthetic: ClassVar[bool] = False

    perturbation: Perturbation = Perturbation.MISLABELLED
    proportion: Annotated[float, Gt(0), Lt(1)] = 0.1

    def training_rows(self, real: Step[Table], synthetic: Step[Synthetic] | None) -> Step[Table]:
        """No predictor is trained; see `EvaluationProtocol.training_rows`."""
        return real

    def perturb(self, train: Step[Table], seed: int) -> PerturbRows:
        """Lay out the perturbation of the train rows."""
        return PerturbRows(train, str(self.perturbation), self.proportion, seed)
