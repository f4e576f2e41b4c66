"""Area under the margin: by how much the given label leads while a model learns."""

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
class AUM:
    """The margin of the given label, averaged over the checkpoints; low is hard.

    Classification: the logit of the given class minus the largest other logit, which is the
    logarithm of the ratio of their probabilities (kept within 30 either way).

    Regression: 1 - |r| / s, with the residual r and the scale s of
    `profilers.dynamics.correctness`: what is left of the tolerance s, positive inside of it,
    free of the target's unit, and, like a margin of logits, not bounded below.

    The source watches a network in-sample and finds its threshold with a made-up class of rows;
    here the model is cross-fitted and the threshold is a share.

    Source: Pleiss, Zhang, Elenberg, Weinberger, "Identifying Mislabeled Data using the Area Under
    the Margin Ranking", NeurIPS 2020, https://arxiv.org/abs/2001.10528.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the margin below which a row is hard.
        learner: linear, boosted, mlp, or auto (linear or boosted, by cross-validation).
        folds: number of folds of the cross-fitting; below 2, rows are scored by a model that is
            trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 10

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    learner: Learner = Learner.AUTO
    folds: Annotated[int, Ge(0)] = 5

    @property
    def recorder(self) -> Recorder:
        """See `Profiler.recorder`."""
        return recorder_of(self.learner, self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        assert dynamics is not None
        if table.schema.task is Task.REGRESSION:
            return Scores((1 - np.sqrt(dynamics.losses)).mean(axis=0))
        logs = np.log(np.maximum(dynamics.outputs, 1e-300))
        given = np.eye(logs.shape[2], dtype=bool)[table.target]
        others = np.where(given, -np.inf, logs).max(axis=2)
        margin = np.log(np.maximum(dynamics.correctness, 1e-300)) - others
        return Scores(np.clip(margin, -30, 30).mean(axis=0))
