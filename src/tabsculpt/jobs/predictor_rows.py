"""The result rows of one predictor: every metric, on all test rows and on parts of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tabsculpt.jobs.failures import one_line
from tabsculpt.jobs.records import finite
from tabsculpt.metrics import Metric
from tabsculpt.metrics.classification import calibration_slope
from tabsculpt.metrics.subsets import subset_scores
from tabsculpt.predictors.prediction_steps import Predictions
from tabsculpt.results import Row, Status
from tabsculpt.table import FloatArray, Schema, Task

SLOPE = Metric("calibration_slope", "min", frozenset(Task), calibration_slope)


def predictor_rows(
    base: Row,
    schema: Schema,
    targets: tuple[FloatArray, FloatArray],
    metrics: Sequence[Metric],
    predictions: Predictions,
    strata: Any,
) -> Iterator[Row]:
    """Yield a row for each metric, for the slope of calibration and for each part of the test rows.

    Args:
        base: what the rows have in common.
        schema: of the table.
        targets: of train, shape (n,), and of test, shape (m,).
        metrics: of the task.
        predictions: of the test rows.
        strata: the segment of each test row; None where there are none.
    """
    for metric in metrics:
        scored = _score(metric, targets[1], predictions)
        yield replace(base, metric=metric.name, direction=metric.direction, **scored)
    if schema.task is not Task.REGRESSION:
        # Best at 1 and so no score that arms are ranked by.
        scored = _score(SLOPE, targets[1], predictions)
        yield replace(base, metric=SLOPE.name, direction=None, **scored)
    yield from _parts(base, schema, targets, predictions, strata)


def _parts(
    base: Row,
    schema: Schema,
    targets: tuple[FloatArray, FloatArray],
    predictions: Predictions,
    strata: Any,
) -> Iterator[Row]:
    """The rows on parts of the test rows: tails of the target, classes, strata."""
    try:
        scores = subset_scores(schema, *targets, predictions.test, strata, predictions.decided)
    except ValueError:
        return  # the rows on all test rows carry this failure as their reason
    for name, (value, direction) in scores.items():
        known = finite(value)
        reason = base.reason if known is not None else "no such test row"
        yield replace(base, metric=name, direction=direction, value=known, reason=reason)


def _score(metric: Metric, target: FloatArray, predictions: Predictions) -> dict[str, Any]:
    prediction = predictions.decided if metric.of_class else predictions.test
    try:
        value = float(metric.function(target, prediction))
    except Exception as error:  # whatever a metric of the user's own raises
        return {"status": Status.FAILED, "phase": "score", "reason": one_line(error)}
    if math.isnan(value):
        return {"value": None, "reason": f"{metric.name} is not defined on this test part"}
    return {"value": value}
