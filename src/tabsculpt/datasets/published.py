"""The six sets of Profile2Gen exactly as its authors prepared, split and used them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.data_folder import on_shelf
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.read_csv import read_csv
from tabsculpt.datasets.unused_columns import FIRST
from tabsculpt.errors import UserError


@dataclass(frozen=True)
class Published:
    """``<data>/published/<file>_train.csv`` and ``_test.csv``, for comparison with the paper.

    Every column is kept, the old row index too (as the feature ``index``), and the test part is
    that of the authors. In three of the six sets the names of the columns were permuted against
    their values, so that ``target`` holds another quantity than the paper says; a note says so.

    Attributes:
        name: what results call the set.
        file: the start of both files' names.
        meant: the target as the paper names it.
        holds: the quantity that the column ``target`` really holds.
        data: the data folder, or None where none is set.
        target: the column to predict.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out (``[index]`` to see what the row index gives away).
        group: the column whose rows stay in one part; the authors' split is kept all the same.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    name: str
    file: str
    meant: str
    holds: str
    data: str | None = None
    target: str = "target"
    task: str = "regression"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the rows, the train part first.

        Raises:
            UserError: the data folder or a file is absent, or a setting does not fit.
        """
        index = [] if "index" in self.drop else ["index"]
        roles = Roles(self.target, self.task, self.drop, self.group, self.missing, keep=index)
        train, test = (self._part(part) for part in ("train", "test"))
        if list(train.columns) != list(test.columns):
            raise UserError(f"{self.file}_train.csv and {self.file}_test.csv differ in columns")
        both = pd.concat([train, test], ignore_index=True)
        dataset = assemble(both, self.name, roles, self._notes())
        if len(dataset.table) != len(both):
            raise UserError(f"{self.name} has rows without a target; the authors' files have none")
        return replace(dataset, test_rows=np.arange(len(train), len(both), dtype=np.int64))

    def _part(self, part: str) -> pd.DataFrame:
        frame = read_csv(on_shelf(self.data, f"published/{self.file}_{part}.csv")).frame
        return frame.rename(columns={FIRST: "index"})

    def _notes(self) -> list[Fact]:
        notes = []
        if self.holds != self.meant:
            notes.append(
                f"the column 'target' holds {self.holds}, not {self.meant} as the paper says: the "
                "authors' file has its column names permuted against the values"
            )
        if "index" not in self.drop:
            notes.append("the old row index is a feature ('index'), as the authors used it")
        return [Fact(Done.SOURCE, note) for note in notes]
