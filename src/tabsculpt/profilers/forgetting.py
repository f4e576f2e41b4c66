"""Forgetting events: how often a row that was learnt is lost again."""

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
class Forgetting:
    """Times a row turns from right to wrong between checkpoints; high is hard.

    A row is right where the given class has the highest probability, in a regression where its
    correctness (`profilers.dynamics.correctness`) is at least 1/2. A row that is never right
    gets as many events as there are checkpoints; the source counts infinitely many. Counts tie
    often: the share of checkpoints at which a row is wrong, times 0.999, is added and orders rows
    of equal counts. Checkpoints are epochs, not batches, and the network is cross-fitted: one that
    is trained on the rows learns wrong labels by heart in the end, and small tables fast.

    Source: Toneva, Sordoni, Tachet des Combes, Trischler, Bengio, Gordon, "An Empirical Study of
    Example Forgetting during Deep Neural Network Learning", ICLR 2019,
    https://arxiv.org/abs/1812.05159.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the number of events above which a row is hard.
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
    folds: Annotated[int, Ge(0)] = 5

    @property
    def recorder(self) -> Recorder:
        """See `Profiler.recorder`."""
        return recorder_of(self.learner, self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        assert dynamics is not None
        if table.schema.task is Task.REGRESSION:
            right = dynamics.correctness >= 0.5
        else:
            right = dynamics.outputs.argmax(axis=2) == table.target
        lost = (right[:-1] & ~right[1:]).sum(axis=0)
        events = np.where(right.any(axis=0), lost, len(right)).astype(np.float64)
        return Scores(events + 0.999 * (~right).mean(axis=0), details={"events": events})
