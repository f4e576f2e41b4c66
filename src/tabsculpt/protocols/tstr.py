"""Train on synthetic, test on real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines.steps import Synthetic, SyntheticRows
from tabsculpt.step import Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class TrainSyntheticTestReal:
    """Predictors see synthetic rows only (Souza, Zanchettin, 2025, section 4.2)."""

    uses_synthetic: ClassVar[bool] = True

    def training_rows(self, real: Step[Table], synthetic: Step[Synthetic] | None) -> Step[Table]:
        """See `EvaluationProtocol.training_rows`."""
        assert synthetic is not None
        return SyntheticRows(synthetic)
