"""A user's own table in a file of any common format."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.datasets.read_bytes import PACKED, STANDARD_INPUT
from tabsculpt.datasets.read_csv import Dialect, Raw, read_csv
from tabsculpt.datasets.read_file import format_of, read_file
from tabsculpt.datasets.read_parquet import read_parquet


@dataclass(frozen=True, kw_only=True)
class TableSettings:
    """How a table is used, whatever it is read from.

    Attributes:
        name: what results call the set; None for the file's stem.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        keep: columns that are used although they look like identifiers or free text.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
        missing_values: numbers that stand for a missing value, in every column of numbers.
        merge_levels: whether levels that differ in case or blanks only are made one.
        rare_classes: what becomes of classes with one row: ``refuse``, ``drop`` or ``merge``.
        text: what becomes of free text: ``aside``, ``hash``, ``keep`` or ``reuse``, see
            `tabsculpt.datasets.text_columns.TextRole`.
        text_columns: columns of free text, whatever they look like.
        encoder: the folder of a sentence encoder that kept text is read by, or None.
        day_first: whether the day comes before the month where dates leave it open; None: it does
            after a point or a dash, and does not after a slash.
        constraints: what holds in every row, see `tabsculpt.table.constraints.Constraint`.
    """

    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"
    missing_values: list[float] = field(default_factory=list)
    merge_levels: bool = False
    rare_classes: str = "refuse"
    text: str = "aside"
    text_columns: list[str] = field(default_factory=list)
    encoder: str | None = None
    day_first: bool | None = None
    constraints: list[str] = field(default_factory=list)

    def roles(self, target: str) -> Roles:
        """What the columns are for.

        Raises:
            UserError: a setting is unusable.
        """
        return Roles(
            target,
            self.task,
            self.drop,
            self.group,
            self.missing,
            self.missing_values,
            self.merge_levels,
            self.keep,
            self.text,
            self.rare_classes,
            self.day_first,
            self.constraints,
            self.text_columns,
            self.encoder,
        )

    def dataset(self, raw: Raw, roles: Roles, stem: str) -> Dataset:
        """The data set of a table that was read."""
        return assemble(raw.frame, self.name or stem, roles, raw.notes, raw.lines, form=raw.form)


@dataclass(frozen=True)
class Csv(TableSettings):
    """A CSV file, compressed or not, or standard input; separator and encoding are found.

    Attributes:
        path: the file; ``-`` for standard input.
        target: the column to predict.
        missing_words: words that are missing in every column, beside those that are it by rule
            (see `tabsculpt.datasets.read_csv.read_csv`).
        header: whether the first line names the columns; without, they are x0, x1, ...
        comment: what lines that are left out begin with, or None.
        skip_footer: lines left out at the end.
        decimal: the decimal mark, "." or ","; None: found.
    """

    path: str
    target: str
    missing_words: list[str] = field(default_factory=list)
    header: bool = True
    comment: str | None = None
    skip_footer: int = 0
    decimal: str | None = None

    def load(self) -> Dataset:
        """Read the rows; an unnamed first column that numbers them is left out.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = self.roles(self.target)
        path = Path(self.path).expanduser()
        dialect = Dialect(
            self.header, self.comment, self.skip_footer, self.missing_words, self.decimal
        )
        return self.dataset(read_csv(path, dialect), roles, stem_of(path))


@dataclass(frozen=True)
class Parquet(TableSettings):
    """A Parquet file, or a folder of them.

    Attributes:
        path: the file or folder.
        target: the column to predict.
    """

    path: str
    target: str

    def load(self) -> Dataset:
        """Read the rows; an unnamed index of pandas is left out.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = self.roles(self.target)
        path = Path(self.path).expanduser()
        return self.dataset(Raw.of(read_parquet(path), "parquet"), roles, stem_of(path))


@dataclass(frozen=True)
class Arff(TableSettings):
    """An ARFF file.

    Attributes:
        path: the file.
        target: the column to predict.
    """

    path: str
    target: str

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = self.roles(self.target)
        path = Path(self.path).expanduser()
        return self.dataset(Raw.of(read_arff(path), "arff"), roles, stem_of(path))


@dataclass(frozen=True)
class File(TableSettings):
    """A file of the format that its name ends in.

    Text (``.csv``, ``.tsv``, ``.txt``, ``.data``, also ``.gz``, ``.bz2``, ``.xz``, ``.zip``, and
    standard input), ``.parquet`` (also a folder), ``.feather``, ``.arff``, Excel (``.xlsx``), SPSS
    (``.sav``, ``.por``), SAS (``.sas7bdat``, ``.xpt``) and Stata (``.dta``).

    Attributes:
        path: the file; ``-`` for standard input.
        target: the column to predict.
        sheet: of a workbook; None for the first one.
        missing_words, header, comment, skip_footer, decimal: of text, see `Csv`.
    """

    path: str
    target: str
    sheet: str | None = None
    missing_words: list[str] = field(default_factory=list)
    header: bool = True
    comment: str | None = None
    skip_footer: int = 0
    decimal: str | None = None

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the file or a setting is unusable, or a package is absent.
        """
        roles = self.roles(self.target)
        path = Path(self.path).expanduser()
        dialect = Dialect(
            self.header, self.comment, self.skip_footer, self.missing_words, self.decimal
        )
        raw = read_file(path, format_of(path), dialect, self.sheet)
        return self.dataset(raw, roles, stem_of(path))


def stem_of(path: Path) -> str:
    """What a file is called without its endings, those of compression too."""
    if str(path) == STANDARD_INPUT:
        return "stdin"
    bare = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return bare.stem
