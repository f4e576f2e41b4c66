"""Rows of the training table, drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tabsculpt.artifacts import read_table, write_table
from tabsculpt.generators._encoding import require_rows
from tabsculpt.table import Table


@dataclass(frozen=True, eq=False)
class FittedBootstrap:
    """The training rows, ready to be drawn from."""

    table: Table

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows with replacement, each with the same probability."""
        if n == 0:
            return self.table.take(np.arange(0))
        return self.table.take(np.random.default_rng(seed).integers(len(self.table), size=n))

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)


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
    accepts_missing: ClassVar[bool] = True
    extra: ClassVar[str | None] = None

    def fit(self, table: Table, seed: int, device: str) -> FittedBootstrap:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
        """
        require_rows("bootstrap", self.least_rows, table)
        return FittedBootstrap(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedBootstrap:
        """Read what `FittedBootstrap.save` wrote."""
        return FittedBootstrap(read_table(folder))
