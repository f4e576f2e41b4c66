"""SMOTE for regression: rows between near rows that are alike rare or alike usual."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND
from tabsculpt.generators.oversampling.by_class import shared_out
from tabsculpt.generators.oversampling.points import Space
from tabsculpt.generators.oversampling.relevance import relevance
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts
from tabsculpt.notes import Code, Note
from tabsculpt.table import FloatArray, IntArray, Kind, Table, Task, concat
from tabsculpt.table.files import read_table, write_table

GROUPS = ("usual", "low", "high")


@dataclass(frozen=True, eq=False)
class FittedSMOTER:
    """The training rows, and how new rows are made from them; settings as in `SMOTER`."""

    table: Table
    neighbours: int
    threshold: float
    rare_share: float | None

    def sample(self, n: int, seed: int) -> Table:
        """Make ``n`` new rows, in random order."""
        rng = np.random.default_rng(seed)
        counts = shared_out(n, self._shares(), rng)
        made = [
            self._between(rows, int(count), rng)
            for rows, count in zip(self._groups, counts, strict=True)
            if count
        ]
        table = concat(made) if made else self.table.take([])
        return table.take(rng.permutation(n))

    @property
    def notes(self) -> tuple[Note, ...]:
        """Where a group of rows had too few neighbours, or there were no rare rows."""
        usual, low, high = (len(rows) for rows in self._groups)
        none = Note(Code.NO_RARE_ROWS, "no row has a rare target: rows are made from all alike")
        notes = [] if low + high else [none]
        for name, size in zip(GROUPS, (usual, low, high), strict=True):
            if size == 1:
                text = f"1 row has a {name} target and is repeated"
                notes.append(Note(Code.ROWS_REPEATED, text, 1))
            elif 0 < size <= self.neighbours:
                text = f"{size} rows have a {name} target: neighbours limited to {size - 1}"
                notes.append(Note(Code.FEW_NEIGHBOURS, text, size))
        return tuple(notes)

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)

    @cached_property
    def _groups(self) -> tuple[IntArray, ...]:
        """The positions of the rows of each of `GROUPS`."""
        target = self.table.target
        rare = relevance(target, target) >= self.threshold
        above = target > np.median(target)
        return tuple(np.flatnonzero(rows) for rows in (~rare, rare & ~above, rare & above))

    def _shares(self) -> FloatArray:
        sizes = np.array([len(rows) for rows in self._groups], dtype=np.float64)
        rare = sizes[1:].sum()
        if self.rare_share is None or not rare:
            return sizes
        return np.array([1 - self.rare_share, *(self.rare_share * sizes[1:] / rare)])

    @cached_property
    def _space(self) -> Space:
        return Space(self.table, (Kind.CATEGORICAL, Kind.BOOLEAN))

    def _between(self, rows: IntArray, n: int, rng: np.random.Generator) -> Table:
        """New rows between rows of one group and their nearest neighbours in it."""
        if len(rows) == 1:
            return self.table.take(np.repeat(rows, n))
        near = self._nearest(rows)
        base = rng.integers(len(rows), size=n)
        one, other = rows[base], rows[near[base, rng.integers(near.shape[1], size=n)]]
        way = rng.random(n)[:, None]
        points, codes = self._space.coordinates, self._space.codes
        new = points[one] + way * (points[other] - points[one])
        names = np.where(rng.random((n, codes.shape[1])) < 0.5, codes[one], codes[other])
        distances = [
            np.sqrt(((new - points[end]) ** 2).sum(1) + (names != codes[end]).sum(1))
            for end in (one, other)
        ]
        target = self.table.target
        values = _weighted(target[one], target[other], *distances)
        return self._space.rows(new, names, values)

    def _nearest(self, rows: IntArray) -> IntArray:
        """Places in ``rows`` of the neighbours of each of them, shape (len(rows), k)."""
        from sklearn.neighbors import NearestNeighbors

        blocks = [self._space.coordinates[rows]]
        for codes in self._space.codes[rows].T:
            # two rows with different names are 1 apart, as far as a standard deviation
            blocks.append((codes[:, None] == np.unique(codes)) / np.sqrt(2))
        points = np.hstack(blocks)
        search = NearestNeighbors(n_neighbors=min(self.neighbours, len(rows) - 1)).fit(points)
        near: IntArray = search.kneighbors(return_distance=False)
        return near


def _weighted(
    one: FloatArray, other: FloatArray, to_one: FloatArray, to_other: FloatArray
) -> FloatArray:
    """The mean of the two targets, the nearer row counting more; halves where both are as near."""
    whole = to_one + to_other
    weight = np.where(whole > 0, to_other / np.where(whole > 0, whole, 1), 0.5)
    return weight * one + (1 - weight) * other


@dataclass(frozen=True)
class SMOTER:
    """New rows between a row and its nearest neighbours that have a rare, or usual, target too.

    A target is rare where its relevance reaches ``threshold``: near or beyond the fences of the
    boxplot adjusted for skewness. Low rare, high rare and usual rows are kept apart. The target of
    a new row is the mean of its parents', weighted by how near they are; a category is drawn from
    the two.

    Deviations from the paper: usual rows are interpolated as well, not sampled from the real ones,
    so that a table of any size is made of new rows; how many are rare is a share, not percentages
    of over- and undersampling; columns are standardised before neighbours are sought, and two
    categories are one standard deviation apart; a group of no more rows than ``neighbours`` uses
    those it has, and a single row is repeated, which the results note.

    Source: L. Torgo, R. Ribeiro, B. Pfahringer, P. Branco, "SMOTE for regression", 2013,
    https://doi.org/10.1007/978-3-642-40669-0_33; the relevance as in
    `tabsculpt.generators.oversampling.relevance.relevance`.

    Attributes:
        neighbours: how many nearest rows of its group a row may be joined with.
        threshold: least relevance of a rare target, above 0, at most 1.
        rare_share: share of the new rows with a rare target, between 0 and 1; None for that of the
            training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = (Task.REGRESSION,)
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    neighbours: int = 5
    threshold: float = 0.8
    rare_share: float | None = None

    def __post_init__(self) -> None:
        check_counts("smoter", neighbours=self.neighbours)
        if not 0 < self.threshold <= 1:
            raise UserError(f"smoter: threshold is {self.threshold}, expected above 0, at most 1")
        if self.rare_share is not None and not 0 <= self.rare_share <= 1:
            raise UserError(
                f"smoter: rare_share is {self.rare_share}, expected from 0 to 1 or null"
            )

    def fit(self, table: Table, seed: int, device: str) -> FittedSMOTER:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: a classification or a missing value.
        """
        check_table("smoter", self, table)
        return self._fitted(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedSMOTER:
        """Read what `FittedSMOTER.save` wrote."""
        return self._fitted(read_table(folder))

    def _fitted(self, table: Table) -> FittedSMOTER:
        return FittedSMOTER(table, self.neighbours, self.threshold, self.rare_share)
