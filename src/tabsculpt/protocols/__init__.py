"""Protocols: what predictors are trained on; all are tested on the same real test part."""

from __future__ import annotations

from typing import ClassVar, Protocol

from tabsculpt.pipelines.steps import Synthetic
from tabsculpt.step import Step
from tabsculpt.table import Table


class EvaluationProtocol(Protocol):
    """A frozen dataclass of settings (its fields)."""

    uses_synthetic: ClassVar[bool]
    """False for the real-data baseline."""

    def training_rows(self, real: Step[Table], synthetic: Step[Synthetic] | None) -> Step[Table]:
        """The step whose rows the predictors are trained on; ``synthetic`` as `uses_synthetic`."""
        ...
