"""Dataset cartography: mean and spread of the probability of the given label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.table import Table


@dataclass(frozen=True)
class DataMaps:
    """Confidence and variability over the checkpoints; three segments.

    With p_e the probability of the given label at checkpoint e (in a regression the correctness
    of `profilers.dynamics.correctness`), confidence is the mean of p_e and variability its
    standard deviation. Rows of low confidence are hard to learn, rows of high variability
    ambiguous. The source takes a third of the rows of each kind, this the hardest tenth. Its model
    is a language model seen in-sample; cross-fitted tabular models take its place.

    Source: Swayamdipta, Schwartz, Lourie, Wang, Hajishirzi, Smith, Choi, "Dataset Cartography:
    Mapping and Diagnosing Datasets with Training Dynamics", EMNLP 2020,
    https://arxiv.org/abs/2009.10795.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows and of ambiguous ones; or the confidence below which a row
            is hard.
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
        correctness = dynamics.correctness
        return Scores(correctness.mean(axis=0), correctness.std(axis=0))
