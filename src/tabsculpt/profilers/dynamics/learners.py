"""The learners whose dynamics can be asked for by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tabsculpt.notes import Note
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.boosted import BoostedRecorder
from tabsculpt.profilers.dynamics.crossfit import sampled
from tabsculpt.profilers.dynamics.linear import LinearRecorder
from tabsculpt.profilers.dynamics.mlp import MLPRecorder
from tabsculpt.table import Table, Task


class Learner(StrEnum):
    """The model that is watched.

    auto: linear or boosted, whichever predicts the rows better; of images with more than 1,000
    pixels and channels mlp, as the other two would take hours.
    """

    LINEAR = "linear"
    BOOSTED = "boosted"
    MLP = "mlp"
    AUTO = "auto"


@dataclass(frozen=True)
class BetterRecorder:
    """Linear and boosted, of which the one with the smaller cross-fitted error is kept.

    The error is that of the last checkpoint: mean absolute in a regression, mean cross-entropy in
    a classification. Of large images (`Pixels.large`) it is the network alone.

    Args:
        folds: number of folds of the cross-fitting, at least 2.
    """

    libraries: ClassVar[tuple[str, ...]] = ("lightgbm", "scikit-learn", "torch")

    folds: int = 5

    def record(self, table: Table, seed: int) -> Dynamics:
        """See `Recorder.record`."""
        recorded = [recorder.record(table, seed) for recorder in self._candidates(table)]
        return min(recorded, key=lambda dynamics: _error(table, dynamics))

    def record_on(self, train: Table, scored: Table, seed: int) -> tuple[Dynamics, Dynamics]:
        """Record on train, and on other rows as trained on train, by the better one on train.

        See `tabsculpt.profilers.dynamics.transfer.transfer`.
        """
        recorded = [recorder.record_on(train, scored, seed) for recorder in self._of_tables()]
        return min(recorded, key=lambda pair: _error(train, pair[0]))

    def _candidates(self, table: Table) -> Sequence[LinearRecorder | BoostedRecorder | MLPRecorder]:
        if table.schema.pixels is not None and table.schema.pixels.large:
            return [MLPRecorder(folds=self.folds)]
        return self._of_tables()

    def _of_tables(self) -> tuple[LinearRecorder, BoostedRecorder]:
        return LinearRecorder(folds=self.folds), BoostedRecorder(folds=self.folds)


def _error(table: Table, dynamics: Dynamics) -> float:
    if table.schema.task is Task.REGRESSION:
        return float(abs(dynamics.outputs[-1] - table.target).mean())
    return float(dynamics.losses[-1].mean())


def recorder_of(learner: Learner, folds: int) -> Recorder:
    """The recorder of a learner, with settings that are the same for every score.

    They are constants, not settings of a profiler, so that all scores of a learner read one
    recording. linear: 20 penalties per row from 10 to 0.0001. boosted: 50 rounds at learning rate
    0.1, trees of at most 8 leaves of at least 5 rows. Both are refitted twice with the weights of
    `profilers.dynamics.correctness.trust`. mlp: 30 epochs of two layers of 64 units, learning
    rate 0.01, batches of 32 rows or more, no weights. Others need a recorder of one's own.

    Args:
        learner: which.
        folds: number of folds of the cross-fitting; below 2, rows are predicted in-sample.
    """
    match learner:
        case Learner.LINEAR:
            return LinearRecorder(folds=folds)
        case Learner.BOOSTED:
            return BoostedRecorder(folds=folds)
        case Learner.MLP:
            return MLPRecorder(folds=folds)
        case Learner.AUTO:
            return BetterRecorder(folds=folds)


def drawn_by(recorder: Recorder | None, rows: int) -> Note | None:
    """The note where a recorder does not fit on all rows that it may; else None."""
    if isinstance(recorder, LinearRecorder | BoostedRecorder | MLPRecorder | BetterRecorder):
        return sampled(rows, recorder.folds)
    return None
