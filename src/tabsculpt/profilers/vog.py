"""Variance of gradients: how much the reasons for a prediction change during training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.table import FloatArray, IntArray, Table, Task


@dataclass(frozen=True)
class VoG:
    """The spread over the epochs of the input gradients, averaged over the inputs; high is hard.

    With g_e,j the derivative of the row's loss at epoch e with respect to standardised input j:
    the mean over j of the standard deviation over e of g_e,j. As in the source it is then
    standardised within each class, so that what all rows of a class have in common does not
    count; a regression has no classes and is left as it is. The source differentiates the given
    class's logit instead of the loss; in a regression that would not see the label at all, and
    for classes it did not rank planted wrong labels better than chance.

    Source: Agarwal, D'souza, Hooker, "Estimating Example Difficulty using Variance of Gradients",
    CVPR 2022, https://arxiv.org/abs/2008.11600.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the score above which a row is hard.
        folds: number of folds of the cross-fitting; below 2, rows are scored by the network that
            is trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "high"
    least_rows: ClassVar[int] = 10

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    folds: Annotated[int, Ge(0)] = 1

    @property
    def recorder(self) -> Recorder:
        """See `Profiler.recorder`."""
        return recorder_of(Learner.MLP, self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        assert dynamics is not None
        assert dynamics.gradient_variance is not None
        inputs = max(1, dynamics.gradient_variance.shape[1])
        spread = np.sqrt(dynamics.gradient_variance).sum(axis=1) / inputs
        if table.schema.task is Task.REGRESSION:
            return Scores(spread)
        return Scores(_within_classes(spread, table.target))


def _within_classes(score: FloatArray, codes: IntArray) -> FloatArray:
    standard = np.zeros(len(score))
    for code in np.unique(codes):
        rows = codes == code
        spread = score[rows].std()
        standard[rows] = (score[rows] - score[rows].mean()) / (spread if spread > 0 else 1.0)
    return standard
