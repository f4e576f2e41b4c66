"""Well-known tables of mixed types, read as CSV files from the data folder."""

from __future__ import annotations

from dataclasses import dataclass, field

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.data_folder import on_shelf
from tabsculpt.datasets.read_csv import read_csv


@dataclass(frozen=True)
class More:
    """A CSV file below ``<data>/more``.

    Attributes:
        name: what results call the set.
        file: the file's name without ``.csv``.
        target: the column to predict.
        data: the data folder, or None where none is set.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    name: str
    file: str
    target: str
    data: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the rows; an unnamed first column that numbers them is left out.

        Raises:
            UserError: the data folder or the file is absent, or a setting does not fit.
        """
        roles = Roles(self.target, self.task, self.drop, self.group, self.missing)
        raw = read_csv(on_shelf(self.data, f"more/{self.file}.csv"))
        return assemble(raw.frame, self.name, roles, raw.notes, raw.lines)
