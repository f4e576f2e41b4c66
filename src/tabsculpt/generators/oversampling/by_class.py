"""New rows class by class, as methods that oversample rare classes make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.generators import Given
from tabsculpt.generators.oversampling.points import Space
from tabsculpt.generators.requirements import check_given
from tabsculpt.notes import Code, Note
from tabsculpt.table import FloatArray, IntArray, Kind, Schema, Table, concat
from tabsculpt.table.files import write_table

Draw = Callable[[Table, int, int, int], Table]
"""From the training rows, the code of a class, a number and a seed to so many rows of it."""

NUMBERS = (Kind.CONTINUOUS, Kind.INTEGER, Kind.BOOLEAN)


@dataclass(frozen=True, eq=False)
class FittedByClass:
    """The training rows, and how new rows of one class are made from them.

    Attributes:
        table: the training rows.
        draw: makes the rows of a class.
        notes: what the reader of a result should know.
    """

    table: Table
    draw: Draw
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Make ``n`` new rows, in random order.

        Each class has its share of the training rows, rounded up or down at random; or all rows
        are of the given class.

        Raises:
            UserError: something other than the class is given, or a class without training rows.
        """
        rng = np.random.default_rng(seed)
        sizes = class_sizes(self.table.schema, self.table.target, given or {})
        counts = shared_out(n, sizes, rng)
        parts = [
            self.draw(self.table, label, int(count), derive_seed(seed, label))
            for label, count in enumerate(counts)
            if count
        ]
        rows = concat(parts) if parts else self.table.take([])
        return rows.take(rng.permutation(n))

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)


def class_sizes(schema: Schema, codes: IntArray, given: Given) -> IntArray:
    """The training rows of each class, shape (c,); of the others 0 where a class is given.

    Args:
        schema: of a classification.
        codes: the classes of the training rows, shape (n,).
        given: nothing, or the class.

    Raises:
        UserError: something other than the class is given, or a class without training rows.
    """
    check_given(given, schema)
    sizes = np.bincount(codes, minlength=len(schema.classes))
    for name, value in given.items():
        if name != schema.target:
            raise UserError(f"given: {name!r} cannot be set, only the target {schema.target!r}")
        label = schema.classes.index(str(value))
        if not sizes[label]:
            raise UserError(f"given: no training row has {name}={value}")
        sizes = np.where(np.arange(len(sizes)) == label, sizes, 0)
    return sizes


def shared_out(n: int, sizes: npt.NDArray[Any], rng: np.random.Generator) -> IntArray:
    """Share ``n`` out in proportion to sizes, shape (c,), each share rounded up or down.

    One draw decides on all, so that the shares add up to ``n`` and are right on average.
    """
    totals = np.cumsum(sizes)
    ends = np.floor(totals / totals[-1] * n + rng.random())
    counts: IntArray = np.diff(ends, prepend=0).astype(np.int64)
    return counts


def tiny_classes(table: Table, neighbours: int) -> tuple[Note, ...]:
    """Notes on the classes that have too few rows for so many neighbours."""
    notes = []
    sizes = np.bincount(table.target, minlength=len(table.schema.classes))
    for name, size in zip(table.schema.classes, sizes, strict=True):
        if size == 1:
            text = f"class {name!r} has 1 row, which is repeated"
            notes.append(Note(Code.ROWS_REPEATED, text, 1))
        elif 0 < size <= neighbours:
            text = f"class {name!r} has {size} rows: neighbours limited to {size - 1}"
            notes.append(Note(Code.FEW_NEIGHBOURS, text, int(size)))
    return tuple(notes)


def repeated(table: Table, label: int, n: int, seed: int) -> Table:
    """Rows of one class, drawn with replacement."""
    members = np.flatnonzero(table.target == label)
    return table.take(np.random.default_rng(seed).choice(members, n))


def interpolated(table: Table, label: int, n: int, seed: int, neighbours: int) -> Table:
    """SMOTE: rows of one class between its rows and their nearest neighbours in it.

    Args:
        table: rows of numbers and booleans only.
        label: the class; one row of it is repeated.
        n: how many rows.
        seed: of the draws.
        neighbours: at most as many; a smaller class has fewer.
    """
    from imblearn.over_sampling import SMOTE

    members = int((table.target == label).sum())
    if members == 1:
        return repeated(table, label, n, seed)
    space = Space(table)
    sampler = SMOTE(
        sampling_strategy={label: members + n},
        k_neighbors=min(neighbours, members - 1),
        random_state=seed,
    )
    points = resampled(sampler, space.coordinates, table.target)
    return space.rows(points, np.empty((n, 0), dtype=np.int64), class_name(table, label, n))


def resampled(sampler: Any, points: FloatArray, target: IntArray) -> FloatArray:
    """The points that a sampler of imbalanced-learn adds to the given ones.

    Where all points are of one class, a copy of one stands in for another class, without which
    the library does not start.

    Args:
        sampler: asks for more points of one class.
        points: shape (n, d).
        target: shape (n,), codes of the classes.
    """
    if (target == target[0]).all():
        points, target = np.vstack([points, points[:1]]), np.append(target, -1)
    made, _ = sampler.fit_resample(points, target)
    new: FloatArray = made[len(points) :].astype(np.float64)
    return new


def class_name(table: Table, label: int, n: int) -> npt.NDArray[Any]:
    """The name of a class, ``n`` times."""
    return np.full(n, table.schema.classes[label], dtype=object)
