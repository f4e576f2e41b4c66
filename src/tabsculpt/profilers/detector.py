"""A small classifier that has learnt from planted wrong labels what their dynamics look like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from annotated_types import Ge

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.table import Column, FloatArray, Kind, Schema, Table, Task, conform

ROWS = 240
INPUTS = 6
NOISES = (0.1, 0.4, 0.8)
RATES = (0.05, 0.1, 0.2)
LEAST_DISTANCE = 0.5


@dataclass(frozen=True)
class Detector:
    """The probability of a wrong label, from the course of a row's correctness; high is hard.

    The correctness p_e over the checkpoints (probability of the given label, or what takes its
    place in a regression) is summed up in eight numbers: mean, standard deviation, last value,
    least, largest, share of checkpoints below 1/2, and the ranks of the mean and of the last value
    within the table. A logistic regression on them has been trained on simulated tables of the
    same task, each with 240 rows, six inputs, a smooth and partly linear truth, noise of three
    levels and 5 to 20 % planted wrong labels, recorded by the same recorder. The training takes
    a few seconds at most, does not depend on the data or the seed, and is done once per process.

    The source trains a recurrent network (LSTM) on the dynamics of noisy image sets and reuses
    it; nine simulated tables and a logistic regression take their place, since its weights belong
    to another domain.

    Source: Jia, Li, Yu, Bian, Zhao, Li, Xiong, Dou, "Learning from Training Dynamics: Identifying
    Mislabeled Data Beyond Manually Designed Features", AAAI 2023,
    https://arxiv.org/abs/2212.09321.

    Args:
        cut: how scores become segments.
        threshold: share of hard rows; or the probability above which a row is hard.
        learner: linear, boosted, mlp, or auto (linear or boosted, by cross-validation).
        folds: number of folds of the cross-fitting; below 2, rows are scored by a model that is
            trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    hard_is: ClassVar[Literal["low", "high"]] = "high"
    least_rows: ClassVar[int] = 10

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    learner: Learner = Learner.BOOSTED
    folds: Annotated[int, Ge(0)] = 5

    @property
    def recorder(self) -> Recorder:
        """See `Profiler.recorder`."""
        return recorder_of(self.learner, self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        assert dynamics is not None
        weights, intercept = _trained(self.learner, self.folds, table.schema.task)
        logit = _summary(dynamics.correctness) @ weights + intercept
        return Scores(1 / (1 + np.exp(-logit)))


@cache
def _trained(learner: Learner, folds: int, task: Task) -> tuple[FloatArray, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    courses, labels = [], []
    settings = [(noise, rate) for noise in NOISES for rate in RATES]
    for seed, (noise, rate) in enumerate(settings):
        flipped, wrong = _simulated(task, noise, rate, seed)
        courses.append(_summary(recorder_of(learner, folds).record(flipped, seed).correctness))
        labels.append(wrong)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(np.concatenate(courses), np.concatenate(labels))
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    return weights, float(logistic.intercept_[0] - weights @ scaler.mean_)


def _summary(correctness: FloatArray) -> FloatArray:
    """Features of a row's training course, shape (n, 8); see `Detector`."""
    mean, last = correctness.mean(axis=0), correctness[-1]
    columns = [
        mean,
        correctness.std(axis=0),
        last,
        correctness.min(axis=0),
        correctness.max(axis=0),
        (correctness < 0.5).mean(axis=0),
        _ranks(mean),
        _ranks(last),
    ]
    return np.stack(columns, axis=1)


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks in (0, 1), equal values at their middle."""
    ranks: FloatArray = pd.Series(values).rank().to_numpy() - 0.5
    return ranks / len(values)


def _simulated(
    task: Task, noise: float, rate: float, seed: int
) -> tuple[Table, npt.NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(ROWS, INPUTS))
    bends = np.tanh(inputs @ rng.normal(size=(INPUTS, 3))).sum(axis=1)
    truth = inputs @ rng.normal(size=INPUTS) / np.sqrt(INPUTS) + bends / 3
    values = truth / truth.std() + noise * rng.normal(size=ROWS)
    columns = [Column(f"x{j}", Kind.CONTINUOUS) for j in range(INPUTS)]
    frame = pd.DataFrame(inputs, columns=[column.name for column in columns])
    if task is Task.REGRESSION:
        target, frame["y"] = Column("y", Kind.CONTINUOUS), values
    else:
        classes = ("0", "1") if task is Task.BINARY else ("0", "1", "2")
        edges = np.quantile(values, np.linspace(0, 1, len(classes) + 1)[1:-1])
        target = Column("y", Kind.CATEGORICAL, classes)
        frame["y"] = np.array(classes)[np.searchsorted(edges, values)]
    table = conform(frame, Schema((*columns, target), "y", task))
    return flip_labels(table, rate, Flip.PERMUTE, LEAST_DISTANCE, seed)
