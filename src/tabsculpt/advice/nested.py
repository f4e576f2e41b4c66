"""Nested splits as ordinary jobs: inner jobs are given a table without the outer test rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tabsculpt.advice.candidates import Candidate
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.split import Splitting
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.table import Task

FOLDS = 5
"""Outer parts, each tested on once in a repeat."""
FITS = 2
"""Fits of the choice, each with a sample of its own, on each outer split: their noise is then
separated from that of the split, which alone is the same in splits that share rows. Time for more
fits is better spent on more splits: where few rows are of the rare class, it is those that vary."""
INNER_TEST = 0.33
"""Share of the outer train rows that an inner job is tested on."""
LEAST_ROWS = 30
LEAST_OF_CLASS = FOLDS


@dataclass(frozen=True)
class HeldRows:
    """A `DatasetSource` of rows that are there already.

    Attributes:
        data: their fingerprint, which stands for them in every identity.
        missing: see `DatasetSource`.
        dataset: the rows.
    """

    data: str
    missing: str
    dataset: Dataset = field(compare=False, repr=False)

    @classmethod
    def of(cls, dataset: Dataset, missing: str) -> HeldRows:
        return cls(data_fingerprint(dataset), missing, dataset)

    def load(self) -> Dataset:
        """See `DatasetSource.load`."""
        return self.dataset


@dataclass(frozen=True, eq=False)
class Outer:
    """One outer split.

    Attributes:
        number: from 0, over all repeats.
        whole: every row, split here.
        learnt: the outer train rows alone: all that a choice may look at.
        split: which rows are tested on.
        seed: from which those of its fits and samples come.
    """

    number: int
    whole: HeldRows
    learnt: HeldRows
    split: Splitting
    seed: int

    def inner(self, candidate: Candidate, number: int, outputs: Path) -> Job:
        """The job of a candidate on an inner split, by the number of that."""
        seed = derive_seed("inner", self.seed, number)
        return replace(
            candidate.with_sample_seed(derive_seed("sample", seed)),
            source=self.learnt,
            split=Splitting(INNER_TEST, seed),
            seed=seed,
            outputs=outputs,
            experiment=None,
            scores_only=True,
        )

    def outer(self, candidate: Candidate, fit: int, outputs: Path, experiment: str) -> Job:
        """The job of a candidate on this split, by the number of its fit.

        Synthetic rows are measured once for each row of the table, in the first repeat.
        """
        seed = derive_seed("fit", self.seed, fit)
        return replace(
            candidate.with_sample_seed(derive_seed("sample", seed)),
            source=self.whole,
            split=self.split,
            seed=seed,
            outputs=outputs,
            experiment=experiment,
            scores_only=fit > 0 or self.number >= FOLDS,
        )


def outer_splits(dataset: Dataset, missing: str, repeat: int, seed: int) -> list[Outer]:
    """The outer splits of a repeat: a cross-validation of its own.

    Args:
        dataset: all rows; a test part that it came with counts as rows like others.
        missing: of its source.
        repeat: from 0.
        seed: the user's.

    Raises:
        UserError: there are too few rows, of all or of a class.
    """
    dataset = replace(dataset, test_rows=None)
    check_rows(dataset)
    whole = HeldRows.of(dataset, missing)
    found = []
    for fold in range(FOLDS):
        number = repeat * FOLDS + fold
        split = Splitting(1 / FOLDS, derive_seed("outer", seed, repeat), FOLDS, fold)
        rows = split.rows(dataset).train
        learnt = HeldRows.of(taken(dataset, rows, f"{dataset.name} outer {number}"), missing)
        found.append(Outer(number, whole, learnt, split, derive_seed("repeat", seed, number)))
    return found


def taken(dataset: Dataset, rows: object, name: str) -> Dataset:
    """Some rows of a data set, under a name, with nothing of the others."""
    part = dataset.table.take(np.asarray(rows))
    return Dataset(name, part, None, (), None, dataset.task_reason)


def check_rows(dataset: Dataset) -> None:
    """Refuse a table that cannot be split twice.

    Raises:
        UserError: it has too few rows, of all or of a class.
    """
    table = dataset.table
    if len(table) < LEAST_ROWS:
        raise UserError(
            f"{len(table)} rows; at least {LEAST_ROWS} are needed to choose on some and test on "
            "others"
        )
    if table.schema.task is Task.REGRESSION:
        return
    counts = np.bincount(table.target, minlength=len(table.schema.classes))
    for name, count in zip(table.schema.classes, counts.tolist(), strict=True):
        if count < LEAST_OF_CLASS:
            raise UserError(
                f"class {name!r} has {count} rows; at least {LEAST_OF_CLASS} are needed, one for "
                "each outer part: merge it with another class, or leave its rows out"
            )
