"""Rows that a model made when it was fitted, in place of a model that cannot be kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tabsculpt.notes import Note
from tabsculpt.table import Table
from tabsculpt.table.files import write_table


@dataclass(frozen=True, eq=False)
class FittedPool:
    """Made rows, ready to be drawn from.

    Attributes:
        table: the rows.
        notes: what the reader of a result should know; not saved.
    """

    table: Table
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows; none comes twice before every other has come once."""
        rng = np.random.default_rng(seed)
        times = -(-n // len(self.table))
        places = [rng.permutation(len(self.table)) for _ in range(times)]
        return self.table.take(np.concatenate([np.arange(0), *places])[:n])

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)
