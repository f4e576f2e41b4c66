"""ADASYN: more new rows where a class has many neighbours of other classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from tabsculpt.generators.oversampling.by_class import (
    NUMBERS,
    FittedByClass,
    class_name,
    interpolated,
    resampled,
    tiny_classes,
)
from tabsculpt.generators.oversampling.points import Space
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts
from tabsculpt.notes import Code, Note
from tabsculpt.table import Kind, Table, Task
from tabsculpt.table.files import read_table

SPARE = 10
"""New points per row of the class that are made beyond those needed, see `ADASYN`."""


@dataclass(frozen=True)
class ADASYN:
    """New rows as SMOTE makes them, more of them where the neighbours are of other classes.

    Deviations from the paper, and from imbalanced-learn, which makes the points: those of
    `tabsculpt.generators.smote.SMOTE`; the number asked for is met exactly, by making more points
    than are needed (ten more per row of the class, because the shares of the rows are rounded) and
    drawing from them; and a class none of whose rows has a neighbour of another class, for which
    the method is not defined, is made by SMOTE, which the results note.

    Source: H. He, Y. Bai, E. Garcia, S. Li, "ADASYN: adaptive synthetic sampling approach for
    imbalanced learning", 2008, https://doi.org/10.1109/IJCNN.2008.4633969

    Attributes:
        neighbours: how many nearest rows say how mixed the surroundings of a row are, and how many
            of its class it may be joined with.
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
        check_counts("adasyn", neighbours=self.neighbours)

    def fit(self, table: Table, seed: int, device: str) -> FittedByClass:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
            UserError: a regression, a categorical column or a missing value.
        """
        check_table("adasyn", self, table)
        return self._fitted(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedByClass:
        """Read what `FittedByClass.save` wrote."""
        return self._fitted(read_table(folder))

    def _fitted(self, table: Table) -> FittedByClass:
        sizes = np.bincount(table.target, minlength=len(table.schema.classes)).tolist()
        apart = tuple(
            Note(
                Code.OTHER_METHOD,
                f"class {name!r} has no neighbour of another class: made by SMOTE",
                sizes[label],
            )
            for label, name in enumerate(table.schema.classes)
            if sizes[label] > 1 and not _is_mixed(table, label, self.neighbours)
        )
        draw = partial(_draw, neighbours=self.neighbours)
        return FittedByClass(table, draw, tiny_classes(table, self.neighbours) + apart)


def _draw(table: Table, label: int, n: int, seed: int, neighbours: int) -> Table:
    from imblearn.over_sampling import ADASYN

    members = int((table.target == label).sum())
    if members == 1 or not _is_mixed(table, label, neighbours):
        return interpolated(table, label, n, seed, neighbours)
    space = Space(table)
    sampler = ADASYN(
        sampling_strategy={label: members + n + SPARE * members},
        n_neighbors=min(neighbours, members - 1),
        random_state=seed,
    )
    points = resampled(sampler, space.coordinates, table.target)
    chosen = np.random.default_rng(seed).choice(len(points), n, replace=False)
    empty = np.empty((n, 0), dtype=np.int64)
    return space.rows(points[chosen], empty, class_name(table, label, n))


def _is_mixed(table: Table, label: int, neighbours: int) -> bool:
    """Whether any row of a class has one of another among its nearest; without, ADASYN stops."""
    from sklearn.neighbors import NearestNeighbors

    member = table.target == label
    points = Space(table).coordinates
    search = NearestNeighbors(n_neighbors=min(neighbours, int(member.sum()) - 1) + 1).fit(points)
    nearest = search.kneighbors(points[member], return_distance=False)[:, 1:]
    return bool((~member[nearest]).any())
