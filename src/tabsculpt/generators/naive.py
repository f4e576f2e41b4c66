"""Rows of each class, drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tabsculpt.generators import WITH_TEXT
from tabsculpt.generators.oversampling.by_class import FittedByClass, repeated
from tabsculpt.generators.requirements import check_table
from tabsculpt.table import Kind, Table, Task
from tabsculpt.table.files import read_table


@dataclass(frozen=True)
class Naive:
    """Repeats rows of the class that is asked for: random oversampling, for classification.

    What every method that makes new rows for a rare class has to beat. It copies rows, so its
    samples are as private as the data.

    Source: G. Batista, R. Prati, M. Monard, "A study of the behavior of several methods for
    balancing machine learning training data", 2004, section 3,
    https://doi.org/10.1145/1007730.1007735
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = (Task.BINARY, Task.MULTICLASS)
    kinds: ClassVar[tuple[Kind, ...]] = WITH_TEXT
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    def fit(self, table: Table, seed: int, device: str) -> FittedByClass:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
            UserError: the task is a regression.
        """
        check_table("naive", self, table)
        return FittedByClass(Table(table.frame, table.schema), repeated)

    def load(self, folder: Path) -> FittedByClass:
        """Read what `FittedByClass.save` wrote."""
        return FittedByClass(read_table(folder), repeated)
