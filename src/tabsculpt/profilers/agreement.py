"""Agreement of the checkpoints with each other and with the given label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class Agreement:
    """How far the checkpoints vote for the given label; low is hard.

    Each checkpoint is taken for a member of an ensemble. Classification: the mean predicted
    probabilities are compared with those of each member; the score is the mean probability of the
    given class minus the mean Jensen-Shannon divergence (base 2, in [0, 1]) of the members from
    their mean. Regression: the score is the mean correctness of
    `profilers.dynamics.correctness` minus the standard deviation of the members' residuals
    over its scale, r / (1 + r) of it, so that it is in [0, 1) as well. Both are in (-1, 1].

    The source's agreement is the divergence alone, without the label: it ranks rows by how far
    models differ and cannot see a wrong label on which they agree. It is in the column
    ``details.divergence``. Its ensemble is of models trained apart; one model's checkpoints take
    its place. The benchmark of Seedat, Imrie, van der Schaar, "Dissecting Sample Hardness: A
    Fine-Grained Analysis of Hardness Characterization Methods for Data-Centric AI", ICLR 2024,
    https://arxiv.org/abs/2403.04551, scores by the largest class probability, averaged over ten
    samples of dropout (its code), which does not see the label either.

    Source: Carlini, Erlingsson, Papernot, "Distribution Density, Tails, and Outliers in Machine
    Learning: Metrics and Applications", 2019, https://arxiv.org/abs/1910.13427.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the score below which a row is hard.
        learner: linear, boosted, mlp, or auto (linear or boosted, by cross-validation).
        folds: number of folds of the cross-fitting; below 2, rows are scored by a model that is
            trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    hard_is: ClassVar[Literal["low", "high"]] = "low"
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
        divergence = _divergence(table, dynamics)
        score = dynamics.correctness.mean(axis=0) - divergence
        return Scores(score, details={"divergence": divergence})


def _divergence(table: Table, dynamics: Dynamics) -> FloatArray:
    if table.schema.task is Task.REGRESSION:
        signed = np.sign(dynamics.outputs - table.target) * np.sqrt(dynamics.losses)
        spread: FloatArray = signed.std(axis=0)
        return spread / (1 + spread)
    members = _entropy(dynamics.outputs).mean(axis=0)
    divergence: FloatArray = np.maximum(_entropy(dynamics.outputs.mean(axis=0)) - members, 0)
    return divergence / np.log2(max(2, dynamics.outputs.shape[2]))


def _entropy(probabilities: FloatArray) -> FloatArray:
    logs = np.log2(np.maximum(probabilities, 1e-300))
    entropy: FloatArray = -(probabilities * logs).sum(axis=-1)
    return entropy
