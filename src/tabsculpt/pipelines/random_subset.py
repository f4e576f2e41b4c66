"""Random subset: the control of Targeted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt, Le

from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import from_rows
from tabsculpt.pipelines.hardest import RandomRows


@dataclass(frozen=True)
class RandomSubset:
    """One generator on as many rows as Targeted takes, drawn at random.

    What Targeted gains over this it owes to which rows it takes, not to how few.

    Args:
        share: of the rows.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = True

    share: Annotated[float, Gt(0), Le(1)] = 0.1

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        rows = RandomRows(given.train, self.share, given.seed)
        return from_rows(given, rows, "random")
