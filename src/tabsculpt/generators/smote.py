"""SMOTE: rows between a row and its nearest neighbours of the same class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from tabsculpt.generators.oversampling.by_class import (
    NUMBERS,
    FittedByClass,
    interpolated,
    tiny_classes,
)
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts
from tabsculpt.table import Kind, Table, Task
from tabsculpt.table.files import read_table


@dataclass(frozen=True)
class SMOTE:
    """New rows on the lines between a row and its nearest neighbours of the same class.

    Deviations from the paper, and from imbalanced-learn, which makes the points: new rows are made
    of every class at its share of the training rows (or of the given class alone), not of the rare
    class on top of the real rows; columns are standardised before neighbours are sought; whole
    numbers and booleans are rounded; a class with no more rows than ``neighbours`` uses those it
    has, and a single row is repeated, which the results note.

    Source: N. Chawla, K. Bowyer, L. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
    over-sampling technique", 2002, section 4, https://arxiv.org/abs/1106.1813

    Attributes:
        neighbours: how many nearest rows of the class a row may be joined with.
    """

    libraries: ClassVar[tuple[str, ...]] = ("imbalanced-learn", "scikit-learn")
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = (Task.BINARY, Task.MULTICLASS)
    kinds: ClassVar[tuple[Kind, ...]] = NUMBERS
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    neighbours: int = 5

    def __post_init__(self) -> None:
        check_counts("smote", neighbours=self.neighbours)

    def fit(self, table: Table, seed: int, device: str) -> FittedByClass:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
            UserError: a regression, a categorical column or a missing value.
        """
        check_table("smote", self, table)
        return self._fitted(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedByClass:
        """Read what `FittedByClass.save` wrote."""
        return self._fitted(read_table(folder))

    def _fitted(self, table: Table) -> FittedByClass:
        draw = partial(interpolated, neighbours=self.neighbours)
        return FittedByClass(table, draw, tiny_classes(table, self.neighbours))
