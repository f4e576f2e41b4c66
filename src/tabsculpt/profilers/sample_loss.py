"""Loss over the checkpoints, averaged so that a few large values count little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.table import Table


@dataclass(frozen=True)
class SampleLoss:
    """The softly truncated mean of the loss; high is hard.

    mean over e of log(1 + l_e + l_e^2 / 2), with l_e the cross-entropy of checkpoint e, in a
    regression (r / s)^2 of `profilers.dynamics.correctness`. The source subtracts a bound
    that grows with how seldom a row was chosen for training (CNLCU-S); here every row is in every
    epoch, so that the bound is the same for all rows and is left out.

    Source: Xia, Liu, Han, Gong, Yu, Niu, Sugiyama, "Sample Selection with Uncertainty of Losses
    for Learning with Noisy Labels", ICLR 2022, https://arxiv.org/abs/2106.00445.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the mean loss above which a row is hard.
        learner: linear, boosted, mlp, or auto (linear or boosted, by cross-validation).
        folds: number of folds of the cross-fitting; below 2, rows are scored by a model that is
            trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "high"
    least_rows: ClassVar[int] = 10

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    learner: Learner = Learner.MLP
    folds: Annotated[int, Ge(0)] = 1

    @property
    def recorder(self) -> Recorder:
        """See `Profiler.recorder`."""
        return recorder_of(self.learner, self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        assert dynamics is not None
        losses = dynamics.losses
        return Scores(np.log1p(losses + losses**2 / 2).mean(axis=0))
