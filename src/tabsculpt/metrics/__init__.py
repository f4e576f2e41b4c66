"""Metrics: functions of the truth and a prediction, or of a real and a synthetic table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt

from tabsculpt.metrics import classification, entropy, regression
from tabsculpt.table import FloatArray, Task

Direction = Literal["min", "max"]

_CLASSIFICATION = frozenset({Task.BINARY, Task.MULTICLASS})


@dataclass(frozen=True)
class Metric:
    """How good predictions are.

    Attributes:
        name: what the ``metric`` column of the results says.
        direction: whether a low or a high value is good.
        tasks: the tasks that it can score.
        function: from the truth, shape (n,), in the target's own unit or as class codes, and the
            prediction, shape (n,) or (n, classes) probabilities, to the value; NaN where the
            metric is not defined for this truth. It raises ValueError for shapes that do not fit
            and for predictions that are not finite.
    """

    name: str
    direction: Direction
    tasks: frozenset[Task]
    function: Callable[[npt.NDArray[Any], FloatArray], float]


_METRICS = (
    Metric("rmse", "min", frozenset({Task.REGRESSION}), regression.rmse),
    Metric("mae", "min", frozenset({Task.REGRESSION}), regression.mae),
    Metric("r2", "max", frozenset({Task.REGRESSION}), regression.r2),
    Metric(
        "median_absolute_error",
        "min",
        frozenset({Task.REGRESSION}),
        regression.median_absolute_error,
    ),
    Metric("auc_roc", "max", _CLASSIFICATION, classification.auc_roc),
    Metric("auc_pr", "max", _CLASSIFICATION, classification.auc_pr),
    Metric("macro_f1", "max", _CLASSIFICATION, classification.macro_f1),
    Metric("accuracy", "max", _CLASSIFICATION, classification.accuracy),
    Metric("precision", "max", _CLASSIFICATION, classification.precision),
    Metric("recall", "max", _CLASSIFICATION, classification.recall),
    Metric("gini", "max", _CLASSIFICATION, classification.gini),
    Metric("brier", "min", _CLASSIFICATION, classification.brier),
    Metric("ece", "min", _CLASSIFICATION, classification.ece),
    Metric("probability_diversity", "max", _CLASSIFICATION, entropy.probability_diversity),
)


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """The metrics that a prediction for this task is scored by, in the order of the results."""
    return tuple(metric for metric in _METRICS if task in metric.tasks)
