"""EL2N: the length of the error of the predicted probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.table import Table, Task


@dataclass(frozen=True)
class EL2N:
    """The norm |p - y| of the error, averaged over the checkpoints; high is hard.

    Classification: p the predicted probabilities, y the one-hot label. Regression: |r| / s, the
    absolute residual over the scale of `profilers.dynamics.correctness`.

    The source averages over ten networks at one early epoch; here the epochs of one network are
    averaged.

    Source: Paul, Ganguli, Dziugaite, "Deep Learning on a Data Diet: Finding Important Examples
    Early in Training", NeurIPS 2021, https://arxiv.org/abs/2107.07075.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the norm above which a row is hard.
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
        if table.schema.task is Task.REGRESSION:
            return Scores(np.sqrt(dynamics.losses).mean(axis=0))
        onehot = np.eye(dynamics.outputs.shape[2])[table.target]
        return Scores(np.linalg.norm(dynamics.outputs - onehot, axis=2).mean(axis=0))
