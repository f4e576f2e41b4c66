"""Metrics: functions of the truth and a prediction, or of a real and a synthetic table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import numpy.typing as npt

from tabsculpt.errors import UserError
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
        of_class: whether the predicted class alone counts, not how probable it is.
    """

    name: str
    direction: Direction
    tasks: frozenset[Task]
    function: Callable[[npt.NDArray[Any], FloatArray], float]
    of_class: bool = False


class Scorer(Protocol):
    """A metric of the user's own: a frozen dataclass of settings (its fields)."""

    libraries: ClassVar[tuple[str, ...]]
    """Distributions whose version changes the value."""
    direction: ClassVar[Direction]
    """Whether a low ("min") or a high ("max") value is good."""
    tasks: ClassVar[tuple[Task, ...]]
    """The tasks that it can score; predictions for others have no row of it."""

    def score(self, truth: npt.NDArray[Any], prediction: FloatArray) -> float:
        """Score the predictions for the test part; see `Metric.function`."""
        ...


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
    Metric("macro_f1", "max", _CLASSIFICATION, classification.macro_f1, True),
    Metric("accuracy", "max", _CLASSIFICATION, classification.accuracy, True),
    Metric("precision", "max", _CLASSIFICATION, classification.precision, True),
    Metric("recall", "max", _CLASSIFICATION, classification.recall, True),
    Metric("gini", "max", _CLASSIFICATION, classification.gini),
    Metric("brier", "min", _CLASSIFICATION, classification.brier),
    Metric("ece", "min", _CLASSIFICATION, classification.ece),
    Metric("probability_diversity", "max", _CLASSIFICATION, entropy.probability_diversity),
)


RESERVED = {
    *(metric.name for metric in _METRICS),
    "wasserstein",
    "rounds",
    "auprc",
    "auprc_published",
    "calibration_slope",
}
"""What the ``metric`` column says of other rows."""


def metrics_for(task: Task, own: Mapping[str, Scorer] | None = None) -> tuple[Metric, ...]:
    """The metrics that a prediction for this task is scored by, in the order of the results.

    Args:
        task: the prediction's.
        own: the user's, by name; they come last.
    """
    added = tuple(
        Metric(name, scorer.direction, frozenset(scorer.tasks), scorer.score)
        for name, scorer in (own or {}).items()
    )
    return tuple(metric for metric in (*_METRICS, *added) if task in metric.tasks)


def named_metrics(node: Any) -> dict[str, Any]:
    """The nodes of the user's own metrics, by name.

    Args:
        node: of the configuration, ``metric``.

    Raises:
        UserError: it is no mapping of names to classes, or a name is taken.
    """
    if not isinstance(node, Mapping) or not all(isinstance(n, Mapping) for n in node.values()):
        raise UserError("metric: expected each class under a name, as in 'cost: {_target_: ...}'")
    if taken := sorted(RESERVED & {str(name) for name in node}):
        raise UserError(f"metric: {taken[0]!r} is a packaged metric; give yours another name")
    return {str(name): inner for name, inner in node.items()}
