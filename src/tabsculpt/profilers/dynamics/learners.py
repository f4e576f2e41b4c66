"""The learners whose dynamics can be asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.boosted import BoostedRecorder
from tabsculpt.profilers.dynamics.linear import LinearRecorder
from tabsculpt.profilers.dynamics.mlp import MLPRecorder
from tabsculpt.table import Table, Task


class Learner(StrEnum):
    """The model that is watched; auto: linear or boosted, whichever predicts the rows better."""

    LINEAR = "linear"
    BOOSTED = "boosted"
    MLP = "mlp"
    AUTO = "auto"


@dataclass(frozen=True)
class BetterRecorder:
    """Linear and boosted, of which the one with the smaller cross-fitted error is kept.

    The error is that of the last checkpoint: mean absolute in a regression, mean cross-entropy in
    a classification.

    Args:
        folds: number of folds of the cross-fitting, at least 2.
    """

    libraries: ClassVar[tuple[str, ...]] = ("lightgbm", "scikit-learn")

    folds: int = 5

    def record(self, table: Table, seed: int) -> Dynamics:
        """See `Recorder.record`."""
        recorders: list[Recorder] = [
            LinearRecorder(folds=self.folds),
            BoostedRecorder(folds=self.folds),
        ]
        recorded = [recorder.record(table, seed) for recorder in recorders]
        return min(recorded, key=lambda dynamics: _error(table, dynamics))


def _error(table: Table, dynamics: Dynamics) -> float:
    if table.schema.task is Task.REGRESSION:
        return float(abs(dynamics.outputs[-1] - table.target).mean())
    return float(dynamics.losses[-1].mean())


def recorder_of(learner: Learner, folds: int) -> Recorder:
    """The recorder of a learner, with its default settings."""
    match learner:
        case Learner.LINEAR:
            return LinearRecorder(folds=folds)
        case Learner.BOOSTED:
            return BoostedRecorder(folds=folds)
        case Learner.MLP:
            return MLPRecorder(folds=folds)
        case Learner.AUTO:
            return BetterRecorder(folds=folds)
