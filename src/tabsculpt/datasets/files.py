"""A user's own table in a CSV, Parquet or ARFF file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.datasets.read_csv import Dialect, read_csv
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
        missing_words: words that are missing in every column, beside those that are it by rule
            (see `tabsculpt.datasets.read_csv.read_csv`).
        missing_values: numbers that stand for a missing value, in every column of numbers.
        merge_levels: whether levels that differ in case or blanks only are made one.
        header: whether the first line names the columns; without, they are x0, x1, ...
        comment: what lines that are left out begin with, or None.
        skip_footer: lines left out at the end.
    """

    path: str
    target: str
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"
    missing_words: list[str] = field(default_factory=list)
    missing_values: list[float] = field(default_factory=list)
    merge_levels: bool = False
    header: bool = True
    comment: str | None = None
    skip_footer: int = 0

    def load(self) -> Dataset:
        """Read the rows; an unnamed first column that numbers them is left out.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = Roles(
            self.target, self.task, self.drop, self.group, self.missing, self.missing_values,
            self.merge_levels,
        )  # fmt: skip
        path = Path(self.path).expanduser()
        dialect = Dialect(self.header, self.comment, self.skip_footer, self.missing_words)
        raw = read_csv(path, dialect)
        return assemble(raw.frame, self.name or path.stem, roles, raw.notes, raw.lines)


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
        missing_values: numbers that stand for a missing value, in every column of numbers.
        merge_levels: whether levels that differ in case or blanks only are made one.
    """

    path: str
    target: str
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"
    missing_values: list[float] = field(default_factory=list)
    merge_levels: bool = False

    def load(self) -> Dataset:
        """Read the rows; an unnamed index of pandas is left out.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = Roles(
            self.target, self.task, self.drop, self.group, self.missing, self.missing_values,
            self.merge_levels,
        )  # fmt: skip
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
        missing_values: numbers that stand for a missing value, in every column of numbers.
        merge_levels: whether levels that differ in case or blanks only are made one.
    """

    path: str
    target: str
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"
    missing_values: list[float] = field(default_factory=list)
    merge_levels: bool = False

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = Roles(
            self.target, self.task, self.drop, self.group, self.missing, self.missing_values,
            self.merge_levels,
        )  # fmt: skip
        path = Path(self.path).expanduser()
        return assemble(read_arff(path), self.name or path.stem, roles)
