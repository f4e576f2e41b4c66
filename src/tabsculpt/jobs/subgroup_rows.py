"""The result rows of subgroups of the test rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tabsculpt.datasets.subgroups import Levels, rows_tested, subgroup_levels
from tabsculpt.jobs.records import finite
from tabsculpt.metrics import Metric
from tabsculpt.metrics.subgroups import subgroup_counts, subgroup_scores
from tabsculpt.predictors.prediction_steps import Predictions
from tabsculpt.results import Row
from tabsculpt.table import Table

if TYPE_CHECKING:
    from tabsculpt.datasets import Dataset
    from tabsculpt.jobs.job import Job

Columns = Mapping[str, Levels]


def tested_levels(job: Job, dataset: Dataset) -> Columns:
    """The level of each test row in each column that the job names."""
    if not job.subgroups:
        return {}
    rows = rows_tested(dataset, job.split, job.source.missing)
    every = subgroup_levels(dataset, job.subgroups)
    return {column: levels.take(rows) for column, levels in every.items()}


def count_rows(base: Row, columns: Columns) -> Iterator[Row]:
    """How many test rows each level has."""
    for name, count in subgroup_counts(columns).items():
        yield replace(base, metric=name, value=float(count))


def score_rows(
    base: Row, test: Table, metrics: Sequence[Metric], found: Predictions, columns: Columns
) -> Iterator[Row]:
    """What a predictor reaches in each level; ``base`` names it."""
    try:
        scores = list(
            subgroup_scores(test.schema, metrics, test.target, found.test, columns, found.decided)
        )
    except (ValueError, IndexError):
        return  # the rows on all test rows carry this failure as their reason
    for score in scores:
        fields: dict[str, Any] = {"direction": score.direction, "value": finite(score.value)}
        yield replace(base, metric=score.metric, reason=score.remark, **fields)
