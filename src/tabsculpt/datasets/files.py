"""A user's own table in a CSV, Parquet or ARFF file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.datasets.read_csv import read_csv, without_index
from tabsculpt.datasets.read_parquet import read_parquet


@dataclass(frozen=True)
class Csv:
    """A CSV file; its separator and encoding are found.

    Attributes:
        path: the file.
        target: the column to predict.
        name: what results call the set; None for the file's stem.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    path: str
    target: str
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the rows; an unnamed first column that numbers them is left out.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = Roles(self.target, self.task, self.drop, self.group, self.missing)
        path = Path(self.path).expanduser()
        frame, notes = read_csv(path)
        frame, more = without_index(frame)
        return assemble(frame, self.name or path.stem, roles, (*notes, *more))


@dataclass(frozen=True)
class Parquet:
    """A Parquet file; settings as those of `Csv`.

    Attributes:
        path: the file.
        target: the column to predict.
        name: what results call the set; None for the file's stem.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    path: str
    target: str
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the rows; an unnamed index of pandas is left out.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = Roles(self.target, self.task, self.drop, self.group, self.missing)
        path = Path(self.path).expanduser()
        return assemble(read_parquet(path), self.name or path.stem, roles)


@dataclass(frozen=True)
class Arff:
    """An ARFF file; settings as those of `Csv`.

    Attributes:
        path: the file.
        target: the column to predict.
        name: what results call the set; None for the file's stem.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    path: str
    target: str
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = Roles(self.target, self.task, self.drop, self.group, self.missing)
        path = Path(self.path).expanduser()
        return assemble(read_arff(path), self.name or path.stem, roles)
