"""Rows of the training table, drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_TASK, WITH_TEXT, Given
from tabsculpt.generators.requirements import check_given, check_table
from tabsculpt.table import IntArray, Kind, Table, Task
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True, eq=False)
class FittedBootstrap:
    """The training rows, ready to be drawn from."""

    table: Table

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows with replacement from those with the given values, all alike likely.

        Raises:
            UserError: no row has the given values.
        """
        rows = rows_with(self.table, given or {})
        if n == 0:
            return self.table.take(rows[:0])
        return self.table.take(np.random.default_rng(seed).choice(rows, size=n))

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)


def rows_with(table: Table, given: Given) -> IntArray:
    """The positions of the rows that have the given values.

    Raises:
        UserError: no row has them, or no row can.
    """
    check_given(given, table.schema)
    chosen = np.ones(len(table), dtype=bool)
    for name, value in given.items():
        chosen &= matches(table.frame[name], value)
    if given and not chosen.any():
        words = ", ".join(f"{name}={value}" for name, value in given.items())
        raise UserError(f"given: no training row has {words}")
    return np.flatnonzero(chosen)


def matches(values: pd.Series, value: Any) -> npt.NDArray[np.bool_]:
    """Which values of a table's column equal a given one, shape (n,); a missing one does not."""
    level = str(value) if values.dtype.name == "category" else value
    same: npt.NDArray[np.bool_] = (values == level).fillna(False).to_numpy(dtype=bool)
    return same


def holds_rows(folder: Path) -> bool:
    """Whether `FittedBootstrap.save` wrote into this folder."""
    return (folder / "rows.parquet").exists()


@dataclass(frozen=True)
class Bootstrap:
    """Draws real rows with replacement, every row as likely as any other.

    A control that adds no information, and what stands in where a segment is too small to learn
    from. It copies rows, so its samples are as private as the data.

    Source: B. Efron, "Bootstrap methods: another look at the jackknife", 1979,
    https://doi.org/10.1214/aos/1176344552
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = WITH_TEXT
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    def fit(self, table: Table, seed: int, device: str) -> FittedBootstrap:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
        """
        check_table("bootstrap", self, table)
        return FittedBootstrap(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedBootstrap:
        """Read what `FittedBootstrap.save` wrote."""
        return FittedBootstrap(read_table(folder))
