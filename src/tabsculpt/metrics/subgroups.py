"""Scores by subgroup: each metric by level, gaps, the worst level, equalised odds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.datasets.subgroups import Levels
from tabsculpt.metrics import Direction, Metric
from tabsculpt.results import SUBGROUP as OF
from tabsculpt.table import FloatArray, Schema, Task

LEAST_ROWS = 10
"""A level of fewer test rows is not scored."""
LEAST_OF_CLASS = 5
"""A rate over fewer rows of a class is not given."""


@dataclass(frozen=True)
class SubgroupScore:
    """One row of the results.

    Attributes:
        metric: its name with the subgroup.
        value: NaN where there is none; ``direction``: which way is good.
        remark: why there is none, or which level it is of.
    """

    metric: str
    value: float
    direction: Direction
    remark: str | None = None


def subgroup_counts(columns: Mapping[str, Levels]) -> dict[str, int]:
    """Test rows of each level, by ``rows_subgroup_COLUMN=LEVEL``."""
    return {
        f"rows{OF}{column}={level}": int(part.sum())
        for column, levels in columns.items()
        for level, part in levels.parts().items()
    }


def subgroup_scores(
    schema: Schema,
    metrics: Sequence[Metric],
    truth: npt.NDArray[Any],
    prediction: FloatArray,
    columns: Mapping[str, Levels],
    decided: FloatArray | None = None,
) -> Iterator[SubgroupScore]:
    """Score the levels of each column by themselves.

    ``METRIC_subgroup_COLUMN=LEVEL``: of the test rows of a level, of 10 rows or more.
    ``METRIC_gap_subgroup_COLUMN``: the greatest less the least of the levels that are scored;
    ``METRIC_worst_subgroup_COLUMN``: that of the worst of them, which the remark names.

    Classifications besides: ``tpr`` and ``fpr`` (of each class of a multiclass task,
    ``tpr_class_NAME``) over 5 rows or more of the class, or of the others; their gaps; and
    ``equalised_odds_gap_subgroup_COLUMN``, the greatest of these gaps. Equalised odds asks that
    the prediction be independent of the subgroup given the class (Hardt et al., definition 2.1),
    so that all gaps are 0.

    Args:
        schema: of the rows.
        metrics: of its task.
        truth: shape (n,), numbers or class codes.
        prediction: shape (n,), or (n, classes) probabilities.
        columns: the level of each row in each column.
        decided: shape (n, classes), the predicted class is that of the greatest value; None for
            the most probable one.

    References:
        Equality of Opportunity in Supervised Learning, Hardt, Price, Srebro, NeurIPS 2016,
        https://arxiv.org/abs/1610.02413; gaps as differences between the extreme levels: Bird et
        al., "Fairlearn: A toolkit for assessing and improving fairness in AI", 2020.
    """
    decided = prediction if decided is None else decided
    for column, levels in columns.items():
        parts = levels.parts()
        for metric in metrics:
            found = {
                level: _score(metric, truth, decided if metric.of_class else prediction, part)
                for level, part in parts.items()
            }
            yield from _of_levels(metric.name, metric.direction, column, found)
        if schema.task is not Task.REGRESSION:
            yield from _odds(schema, column, truth, decided.argmax(axis=1), parts)


Found = dict[str, tuple[float, str | None]]
"""By level a value, NaN with why there is none."""


def _odds(
    schema: Schema,
    column: str,
    truth: npt.NDArray[Any],
    predicted: npt.NDArray[Any],
    parts: Mapping[str, npt.NDArray[np.bool_]],
) -> Iterator[SubgroupScore]:
    binary = schema.task is Task.BINARY
    codes = [1] if binary else range(len(schema.classes))
    gaps = []
    for code in codes:
        suffix = "" if binary else f"_class_{schema.classes[code]}"
        for name, is_of in (("tpr", truth == code), ("fpr", truth != code)):
            found = {level: _rate(predicted == code, is_of & part) for level, part in parts.items()}
            yield from _of_levels(
                f"{name}{suffix}", "max" if name == "tpr" else "min", column, found
            )
            gaps.append(_gap(found))
    known = [gap for gap in gaps if not np.isnan(gap)]
    value = max(known) if len(known) == len(gaps) else float("nan")
    why = None if len(known) == len(gaps) else "a rate is known of fewer than two levels"
    yield SubgroupScore(f"equalised_odds_gap{OF}{column}", value, "min", why)


def _rate(
    predicted: npt.NDArray[np.bool_], rows: npt.NDArray[np.bool_]
) -> tuple[float, str | None]:
    count = int(rows.sum())
    if count < LEAST_OF_CLASS:
        return float("nan"), f"{count} such test rows, fewer than {LEAST_OF_CLASS}: not scored"
    return float(predicted[rows].mean()), None


def _score(
    metric: Metric,
    truth: npt.NDArray[Any],
    prediction: FloatArray,
    part: npt.NDArray[np.bool_],
) -> tuple[float, str | None]:
    count = int(part.sum())
    if count < LEAST_ROWS:
        return float("nan"), f"{count} test rows, fewer than {LEAST_ROWS}: not scored"
    try:
        value = float(metric.function(truth[part], prediction[part]))
    except Exception as error:  # whatever a metric of the user's own raises
        return float("nan"), " ".join(f"{type(error).__name__}: {error}".split())
    return value, f"{metric.name} is not defined on these test rows" if np.isnan(value) else None


def _of_levels(
    metric: str, direction: Direction, column: str, found: Found
) -> Iterator[SubgroupScore]:
    for level, (value, why) in found.items():
        yield SubgroupScore(f"{metric}{OF}{column}={level}", value, direction, why)
    known = {level: value for level, (value, _) in found.items() if not np.isnan(value)}
    gap, worst, remark = _gap(found), float("nan"), "fewer than two levels are scored"
    if len(known) > 1:
        remark = (max if direction == "min" else min)(known, key=known.__getitem__)
        worst = known[remark]
    few = remark if np.isnan(gap) else None
    yield SubgroupScore(f"{metric}_gap{OF}{column}", gap, "min", few)
    yield SubgroupScore(f"{metric}_worst{OF}{column}", worst, direction, remark)


def _gap(found: Found) -> float:
    known = [value for value, _ in found.values() if not np.isnan(value)]
    return max(known) - min(known) if len(known) > 1 else float("nan")
