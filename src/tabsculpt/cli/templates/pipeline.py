"""A pipeline of one's own: generate from all rows but the hardest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Lt

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import from_rows
from tabsculpt.profilers import Profile
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.table import Table


@dataclass(frozen=True)
class Easier(Step[Table]):
    """The rows without the hardest share of them, in their order."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    profile: Step[Profile]
    share: float

    def compute(self, fetch: Fetch) -> Table:
        """See `Step.compute`; draws, if any, come from ``self.random_seed``."""
        hardness = fetch(self.profile).hardness
        kept = len(hardness) - round(self.share * len(hardness))
        return fetch(self.rows).take(np.sort(np.argsort(hardness, kind="stable")[:kept]))


@dataclass(frozen=True)
class Template:
    """One generator, fitted on all rows but the hardest, sampled at the number of all rows.

    Args:
        share: of the rows, the hardest ones, that the generator does not see; in [0, 1).
    """

    uses_profiler: ClassVar[bool] = True
    uses_generator: ClassVar[bool] = True

    share: Annotated[float, Ge(0), Lt(1)] = 0.1

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `tabsculpt.pipelines.Pipeline.build`; lays out steps and computes nothing."""
        assert given.profiler is not None
        profile = profile_rows(given.profiler, given.train, given.seed, given.device)
        easier = Easier(given.train, profile, self.share)
        return replace(from_rows(given, easier, "easier"), profiles={"real": profile})
