"""GraNd: the length of the gradient that a row sends into the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.table import Table


@dataclass(frozen=True)
class GraNd:
    """The norm of the loss's gradient in the last layer, averaged over the epochs; high is hard.

    |p - y| sqrt(|h|^2 + 1), with h the last hidden layer, p the prediction (probabilities; in a
    regression the standardised number) and y the label.

    The source takes the gradient of all parameters at one early epoch, averaged over ten
    networks; the last layer's has a closed form and needs no backward pass per row, and the epochs
    of one network are averaged.

    Source: Paul, Ganguli, Dziugaite, "Deep Learning on a Data Diet: Finding Important Examples
    Early in Training", NeurIPS 2021, https://arxiv.org/abs/2107.07075.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the norm above which a row is hard.
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
        assert dynamics.gradient_norms is not None
        return Scores(dynamics.gradient_norms.mean(axis=0))
