"""Scores of a part of the test rows: tails of the target, single classes, strata of hardness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.metrics import Direction, classification, regression
from tabsculpt.profilers import Segment
from tabsculpt.table import FloatArray, Schema, Task

Score = tuple[float, Direction]


def subset_scores(
    schema: Schema,
    train_target: npt.NDArray[Any],
    truth: npt.NDArray[Any],
    prediction: FloatArray,
    strata: npt.NDArray[np.str_] | None,
    decided: FloatArray | None = None,
) -> dict[str, Score]:
    """Score the parts of the test rows that a mean over all of them hides.

    Regression: ``rmse_low_tail``, ``mae_low_tail`` of rows whose true target is below the 10th
    percentile of train's, ``rmse_high_tail``, ``mae_high_tail`` above the 90th; ``rmse_easy``,
    ``rmse_ambiguous``, ``rmse_hard`` by stratum. Classification: ``precision_class_NAME``,
    ``recall_class_NAME``, ``f1_class_NAME`` of each class; ``accuracy_STRATUM`` and
    ``brier_STRATUM``. The names depend on the schema and on whether there are strata, never on the
    values.

    Args:
        schema: of the rows.
        train_target: shape (n_train,), numbers or class codes.
        truth: shape (n,), n at least 1, likewise.
        prediction: shape (n,), or (n, classes) probabilities.
        strata: shape (n,), the values of `Segment` (see `metrics.quality_steps.Strata`), or None.
        decided: shape (n, classes), the predicted class is that of the greatest value; None for
            the most probable one.

    Returns:
        By name the value and whether low or high is good; NaN where no row is in the part. A
        precision is NaN where the class is never predicted, a recall where it never occurs, an F1
        where neither is so.

    Raises:
        ValueError: shapes that do not fit, or predictions that are not finite.
    """
    if schema.task is Task.REGRESSION:
        regression.check(truth, prediction)
        return {
            **dict(_tails(train_target, truth, prediction)),
            **_by_stratum("rmse", regression.rmse, "min", truth, prediction, strata),
        }
    classification.check(truth, prediction)
    decided = prediction if decided is None else decided
    return {
        **dict(_classes(schema, truth, decided)),
        **_by_stratum("accuracy", classification.accuracy, "max", truth, decided, strata),
        **_by_stratum("brier", classification.brier, "min", truth, prediction, strata),
    }


def _tails(
    train_target: FloatArray, truth: FloatArray, prediction: FloatArray
) -> Iterator[tuple[str, Score]]:
    low, high = np.percentile(train_target, [10, 90])
    for tail, inside in (("low_tail", truth < low), ("high_tail", truth > high)):
        for name, score in (("rmse", regression.rmse), ("mae", regression.mae)):
            value = score(truth[inside], prediction[inside]) if inside.any() else float("nan")
            yield f"{name}_{tail}", (value, "min")


def _classes(
    schema: Schema, truth: npt.NDArray[Any], prediction: FloatArray
) -> Iterator[tuple[str, Score]]:
    labels = prediction.argmax(axis=1)
    for code, name in enumerate(schema.classes):
        is_it, predicted = truth == code, labels == code
        hits = float((is_it & predicted).sum())
        yield f"precision_class_{name}", (_share(hits, predicted.sum()), "max")
        yield f"recall_class_{name}", (_share(hits, is_it.sum()), "max")
        yield f"f1_class_{name}", (_share(2 * hits, is_it.sum() + predicted.sum()), "max")


def _share(part: float, whole: float) -> float:
    return part / float(whole) if whole else float("nan")


def _by_stratum(
    name: str,
    score: Callable[[npt.NDArray[Any], FloatArray], float],
    direction: Direction,
    truth: npt.NDArray[Any],
    prediction: FloatArray,
    strata: npt.NDArray[np.str_] | None,
) -> dict[str, Score]:
    if strata is None:
        return {}
    parts = {segment: strata == segment for segment in Segment}
    return {
        f"{name}_{segment}": (
            score(truth[part], prediction[part]) if part.any() else float("nan"),
            direction,
        )
        for segment, part in parts.items()
    }
