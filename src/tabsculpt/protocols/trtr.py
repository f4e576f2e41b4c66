"""Train on real, test on real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.pipelines.steps import Synthetic
from tabsculpt.step import Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class TrainRealTestReal:
    """The baseline: predictors see the real train part."""

    uses_synthetic: ClassVar[bool] = False

    def training_rows(self, real: Step[Table], synthetic: Step[Synthetic] | None) -> Step[Table]:
        """See `EvaluationProtocol.training_rows`."""
        return real
