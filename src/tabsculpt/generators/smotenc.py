"""SMOTE for tables with categories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.generators import ANY_KIND
from tabsculpt.generators.oversampling.by_class import (
    FittedByClass,
    class_name,
    interpolated,
    repeated,
    resampled,
    tiny_classes,
)
from tabsculpt.generators.oversampling.points import Space
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts
from tabsculpt.notes import Code, Note
from tabsculpt.table import Kind, Table, Task
from tabsculpt.table.files import read_table

NOMINAL = (Kind.CATEGORICAL, Kind.BOOLEAN)


@dataclass(frozen=True)
class SMOTENC:
    """Numbers between those of two near rows of a class, categories as most near rows have them.

    Where there are no numbers, SMOTE-N takes its place (categories are as near as the shares of
    the classes that they come with), and SMOTE where there is nothing else. Both, like SMOTE-NC,
    are those of imbalanced-learn.

    Deviations: as in `tabsculpt.generators.smote.SMOTE`; and rows of a single class without
    numbers are repeated, as nothing says which of them are near.

    Source: N. Chawla, K. Bowyer, L. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
    over-sampling technique", 2002, sections 6.1 and 6.2, https://arxiv.org/abs/1106.1813

    Attributes:
        neighbours: how many nearest rows of the class a row may be joined with.
    """

    libraries: ClassVar[tuple[str, ...]] = ("imbalanced-learn", "scikit-learn")
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = (Task.BINARY, Task.MULTICLASS)
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    neighbours: int = 5

    def __post_init__(self) -> None:
        check_counts("smotenc", neighbours=self.neighbours)

    def fit(self, table: Table, seed: int, device: str) -> FittedByClass:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
            UserError: a regression or a missing value.
        """
        check_table("smotenc", self, table)
        return self._fitted(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedByClass:
        """Read what `FittedByClass.save` wrote."""
        return self._fitted(read_table(folder))

    def _fitted(self, table: Table) -> FittedByClass:
        notes = tiny_classes(table, self.neighbours)
        if _tells_nothing_apart(table) and len(table) > 1:
            text = "one class and no numbers: its rows are repeated"
            notes = (Note(Code.ROWS_REPEATED, text, len(table)),)
        return FittedByClass(table, partial(_draw, neighbours=self.neighbours), notes)


def _tells_nothing_apart(table: Table) -> bool:
    return not Space(table, NOMINAL).numbers and len(set(table.target)) == 1


def _draw(table: Table, label: int, n: int, seed: int, neighbours: int) -> Table:
    members = int((table.target == label).sum())
    if members == 1 or _tells_nothing_apart(table):
        return repeated(table, label, n, seed)
    space = Space(table, NOMINAL)
    if not space.names:
        return interpolated(table, label, n, seed, neighbours)
    sampler = _sampler(
        space,
        sampling_strategy={label: members + n},
        k_neighbors=min(neighbours, members - 1),
        random_state=seed,
    )
    width = len(space.numbers)
    points = resampled(sampler, np.hstack([space.coordinates, space.codes]), table.target)
    codes = points[:, width:].round().astype(np.int64)
    return space.rows(points[:, :width], codes, class_name(table, label, n))


def _sampler(space: Space, **settings: Any) -> Any:
    """SMOTE-NC, or SMOTE-N where there are no numbers."""
    from imblearn.over_sampling import SMOTEN, SMOTENC

    if not space.numbers:
        return SMOTEN(**settings)
    width, names = len(space.numbers), len(space.names)
    return SMOTENC(categorical_features=[*range(width, width + names)], **settings)
