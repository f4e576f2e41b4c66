"""How much a job has to learn from, by which what its steps may take is judged."""

from __future__ import annotations

from tabsculpt.datasets import Dataset
from tabsculpt.jobs.job import Job


def train_rows(job: Job, dataset: Dataset) -> int:
    """Rows of the train part, give or take those that groups and rounding move.

    Args:
        job: whose split.
        dataset: its data set.
    """
    rows, split = len(dataset.table), job.split
    if split.n_train is not None:
        return split.n_train
    tested = split.test_size if split.folds is None else 1 / split.folds
    return rows - round(rows * tested)


def train_size(job: Job, dataset: Dataset) -> int:
    """Numbers in the train part: its rows times the columns; arguments as for `train_rows`."""
    return train_rows(job, dataset) * len(dataset.table.schema.columns)
