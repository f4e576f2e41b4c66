"""Columns drawn one by one, as if none had to do with another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.requirements import check_given, check_table
from tabsculpt.table import Kind, Table, Task, conform
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True, eq=False)
class FittedMarginal:
    """The columns of the training rows, ready to be drawn from."""

    table: Table

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` values of each column with replacement; given columns hold what is given.

        Raises:
            UserError: an unknown column, or a category or truth value that no training row has.
        """
        given = given or {}
        self._check(given)
        frame = self.table.frame
        rng = np.random.default_rng(seed)
        places = {name: rng.integers(len(frame), size=n) for name in frame}
        columns = {name: frame[name].take(rows) for name, rows in places.items()}
        drawn = {name: column.reset_index(drop=True) for name, column in columns.items()}
        fixed = {name: pd.Series([value] * n) for name, value in given.items()}
        return conform(pd.DataFrame(drawn | fixed), self.table.schema)

    def _check(self, given: Given) -> None:
        check_given(given, self.table.schema)
        for column in self.table.schema.columns:
            known = set(self.table.frame[column.name].dropna())
            value = given.get(column.name)
            if value is None or column.is_numeric:
                continue
            if (str(value) if column.kind is Kind.CATEGORICAL else value) not in known:
                raise UserError(f"given: no training row has {value!r} in column {column.name!r}")

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)


@dataclass(frozen=True)
class Marginal:
    """Draws each column on its own from its observed values, missing ones at their rate.

    The floor below everything that claims to learn how columns depend on each other: its columns
    are as in the training rows, and nothing can be predicted from one about another. Given columns
    are set to what is given; the others do not change with them.

    Own: samples of the product of the columns' empirical distributions.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    def fit(self, table: Table, seed: int, device: str) -> FittedMarginal:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
        """
        check_table("marginal", self, table)
        return FittedMarginal(Table(table.frame, table.schema))

    def load(self, folder: Path) -> FittedMarginal:
        """Read what `FittedMarginal.save` wrote."""
        return FittedMarginal(read_table(folder))
