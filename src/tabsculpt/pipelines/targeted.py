"""Targeted: one generator on the hardest rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le, MinLen

from tabsculpt.datasets.reserved_rows import Purpose, ReservedRows, ReservedShares
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import from_rows
from tabsculpt.pipelines.hardest import BestShare, HardestRows
from tabsculpt.pipelines.validation_scores import Gains, RealScores, ValidationScoring
from tabsculpt.profilers.profile_steps import profile_rows

HELD = 0.25
"""Share of the train part that predictors are scored on where nothing is set aside for it."""


@dataclass(frozen=True)
class Targeted:
    """The rows are ranked by hardness, and the generator sees the hardest share alone.

    With ``protocol=augmentation`` every pipeline adds the same number of rows: 10 % of all is
    200 % of the hardest 5 %, 100 % of the hardest 10 % and 50 % of the hardest 20 %.

    Where several shares are given, generators are fitted on each and the job's predictors tell
    whose rows help most, on the rows that ``split.selection`` sets aside. Where it sets nothing
    aside, a quarter of the train part is held out for this choice, and the generator is then
    fitted on all of it.

    Deviations from the source: any profiler ranks, not KNN-Shapley alone (with it, set
    ``split.valuation``); the share is chosen on rows of its own, and the test part has no say in
    it, where the authors value, tune, stop early and report on one validation part.

    Source: Ferracci, Goldmann, Hinel, Sanna Passino, "Targeted synthetic data generation for
    tabular data via hardness characterization", 2024, https://arxiv.org/abs/2410.00759, section 3
    and Table 2.

    Args:
        shares: of the rows, the hardest ones; each in (0, 1].
        amount: synthetic rows that the predictors are given, as a share of the real ones.
        repeats: how often the predictors are given rows.
    """

    uses_profiler: ClassVar[bool] = True
    uses_generator: ClassVar[bool] = True

    shares: Annotated[list[Annotated[float, Gt(0), Le(1)]], MinLen(1)] = field(
        default_factory=lambda: [0.05, 0.1, 0.2]
    )
    amount: Annotated[float, Gt(0)] = 0.1
    repeats: Annotated[int, Ge(1)] = 3

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        recipes = [hardest(given, share) for share in self.shares]
        if len(recipes) == 1:
            return recipes[0]
        gains = self._gains(given)
        tables = tuple(pipeline_steps.synthetic for pipeline_steps in recipes)
        best = BestShare(tuple(self.shares), tables, gains)
        return PipelineSteps(best, best, recipes[0].profiles)

    def _gains(self, given: PipelineInputs) -> tuple[Gains, ...]:
        inner = replace(with_selection(given), times=1, batch=0)  # one choice for all draws
        assert inner.selection is not None
        scoring = ValidationScoring(dict(given.suite), self.amount, self.repeats)
        without = RealScores(scoring, inner.train, inner.selection, given.seed)
        recipes: Sequence[PipelineSteps] = [hardest(inner, share) for share in self.shares]
        return tuple(Gains(without, pipeline_steps.synthetic) for pipeline_steps in recipes)


def hardest(given: PipelineInputs, share: float) -> PipelineSteps:
    """One generator on the hardest share of the rows, sampled at the number of all rows."""
    assert given.profiler is not None
    profile = profile_rows(given.profiler, given.train, given.seed, given.device, given.valuation)
    rows = HardestRows(given.train, profile, share)
    return replace(from_rows(given, rows, "hardest"), profiles={"real": profile})


def with_selection(given: PipelineInputs) -> PipelineInputs:
    """The same, with rows to choose by: those set aside, else some of the train part."""
    if given.selection is not None:
        return given
    reserved = ReservedShares(selection=HELD)
    train, selection = (
        ReservedRows(given.train, reserved, str(purpose))
        for purpose in (Purpose.FIT, Purpose.SELECTION)
    )
    return replace(given, train=train, selection=selection)
