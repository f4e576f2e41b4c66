"""Variance of gradients: how much the reasons for a prediction change during training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tabsculpt.profilers import Cut, Scores
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.mlp import MLPRecorder
from tabsculpt.table import FloatArray, IntArray, Table, Task


@dataclass(frozen=True)
class VoG:
    """The spread over the epochs of the input gradients, averaged over the inputs; high is hard.

    With g_e,j the derivative of the given class's logit (the output, in a regression) at epoch e
    with respect to standardised input j: the mean over j of the standard deviation over e of
    g_e,j. As in the source it is then standardised within each class (within tenths of the target
    in a regression), so that what all rows of a class have in common does not count. A wrong label
    is hard for it only as far as the network is unsure there, and in a regression the gradient
    does not see the label at all but through the standardisation.

    Source: Agarwal, D'souza, Hooker, "Estimating Example Difficulty using Variance of Gradients",
    CVPR 2022, https://arxiv.org/abs/2008.11600, section 2.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the score above which a row is hard.
        epochs: of the network, each a checkpoint.
        folds: number of folds of the cross-fitting; below 2, rows are scored by the network that
            is trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "high"
    least_rows: ClassVar[int] = 10

    cut: Cut = Cut.FRACTION
    threshold: float = 0.1
    epochs: int = 30
    folds: int = 1

    @property
    def recorder(self) -> Recorder:
        """See `Profiler.recorder`."""
        return MLPRecorder(epochs=self.epochs, folds=self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        assert dynamics is not None
        assert dynamics.gradient_variance is not None
        spread = np.sqrt(dynamics.gradient_variance).sum(axis=1)
        return Scores(_within(spread / max(1, dynamics.gradient_variance.shape[1]), _bins(table)))


def _bins(table: Table) -> IntArray:
    if table.schema.task is not Task.REGRESSION:
        codes: IntArray = table.target
        return codes
    edges = np.quantile(table.target, np.linspace(0, 1, 11)[1:-1])
    return np.searchsorted(edges, table.target)


def _within(score: FloatArray, bins: IntArray) -> FloatArray:
    standard = np.zeros(len(score))
    for one in np.unique(bins):
        rows = bins == one
        spread = score[rows].std()
        standard[rows] = (score[rows] - score[rows].mean()) / (spread if spread > 0 else 1.0)
    return standard
