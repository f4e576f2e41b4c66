"""Synthetic rows that the user made elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from tabsculpt.datasets.infer import plain
from tabsculpt.datasets.read_csv import read_csv
from tabsculpt.datasets.read_parquet import read_parquet
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_TASK, WITH_TEXT, Given
from tabsculpt.generators.bootstrap import rows_with
from tabsculpt.generators.on_grid import learn_grids
from tabsculpt.generators.requirements import check_table
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True, eq=False)
class FittedFile:
    """The rows of the file.

    Attributes:
        table: the rows, of the training rows' schema.
        notes: what the reader of a result should know.
    """

    table: Table
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows that have the given values, none twice unless there are fewer.

        Raises:
            UserError: no row has the given values.
        """
        rows = rows_with(self.table, given or {})
        rng = np.random.default_rng(seed)
        return self.table.take(rng.choice(rows, size=n, replace=n > len(rows)))

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        write_table(self.table, folder)


@dataclass(frozen=True)
class File:
    """Draws from synthetic rows made elsewhere, so that they meet the same pipelines and tests.

    The file has the columns of the data set under their names, the target among them; others are
    left out. Its rows are taken as they are, also outside the range of the training rows, of which
    nothing but the schema is looked at, and whatever decimals they have; results note where they
    lie between the training rows' steps. A pipeline with one generator per segment draws from the
    whole file for each segment.

    Attributes:
        path: a Parquet file (``.parquet``, ``.pq``), or a CSV file.
        content: a hash of the file's bytes, computed. Results are kept under it and not under the
            path: a changed file is another generator, a moved one is not.

    Raises:
        UserError: there is no such file, or it may not be read.
    """

    libraries: ClassVar[tuple[str, ...]] = ("pyarrow",)
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = WITH_TEXT
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None
    verbatim: ClassVar[bool] = True

    path: str = field(compare=False)
    content: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", _hash(self._file))

    def fit(self, table: Table, seed: int, device: str) -> FittedFile:
        """Read the file and hold it against the schema of the training rows.

        Raises:
            TooFewRowsError: the table is empty.
            UserError: the file cannot be read as a table, lacks a column, or holds values that the
                schema does not know.
        """
        check_table("file", self, table)
        read = read_parquet if self._file.suffix.lower() in (".parquet", ".pq") else _read_csv
        frame = read(self._file)
        if _hash(self._file) != self.content:
            raise UserError(f"{self.path} changed while it was in use; run again")
        rows = _conformed(frame, table.schema, self.path)
        return FittedFile(rows, _notes(rows, table))

    def load(self, folder: Path) -> FittedFile:
        """Read what `FittedFile.save` wrote; its notes are not among it."""
        return FittedFile(read_table(folder))

    @property
    def _file(self) -> Path:
        return Path(self.path).expanduser()


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise UserError(
            f"generator.path: cannot read {str(path)!r} ({error.strerror}); "
            "expected a CSV or Parquet file of synthetic rows"
        ) from None


def _read_csv(path: Path) -> pd.DataFrame:
    return read_csv(path).frame


def _notes(rows: Table, table: Table) -> tuple[Note, ...]:
    notes = []
    if len(rows) < len(table):
        counts = f"the file has {len(rows)} rows: larger samples repeat some"
        notes.append(Note(Code.ROWS_REPEATED, counts, len(rows)))
    lacking = rows.frame.isna().sum()[~table.frame.isna().any()]
    if new := {str(name): int(count) for name, count in lacking.items() if count}:
        counts = f"missing in rows of the file but in no training row: {', '.join(new)}"
        notes.append(Note(Code.NEW_MISSING, counts, sum(new.values()), new))
    off = {name: (grid, grid.off(rows.frame[name])) for name, grid in learn_grids(table).items()}
    between = {name: int(count) for name, (_, count) in off.items() if count}
    if between:
        each = ", ".join(f"{name} {n} (steps of {off[name][0]})" for name, n in between.items())
        counts = f"values of the file between the training rows' steps: {each}"
        notes.append(Note(Code.OFF_GRID, counts, sum(between.values()), between))
    return tuple(notes)


def _conformed(frame: pd.DataFrame, schema: Schema, path: str) -> Table:
    """The rows of a file as a table of the schema; a `UserError` names the column at fault."""
    frame = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
    absent = [name for name in schema.names if name not in frame.columns]
    if absent:
        raise UserError(
            f"{path} lacks the columns {', '.join(absent)}; it has {', '.join(frame.columns)}"
        )
    if frame.empty:
        raise UserError(f"{path} has no rows; synthetic rows are expected")
    if lacking := int(frame[schema.target].isna().sum()):
        raise UserError(f"{path}: {lacking} rows have no value of the target {schema.target!r}")
    columns = {}
    for column in schema.columns:
        values = plain(frame[column.name])
        if column.is_numeric:
            _check_numbers(values, column, path)
            columns[column.name] = values
        else:
            columns[column.name] = _checked_names(values, column, path)
    return conform(pd.DataFrame(columns), schema)


def _check_numbers(values: pd.Series, column: Column, path: str) -> None:
    where = f"{path}: column {column.name!r}"
    boolean = pd.api.types.is_bool_dtype(values.dtype)
    if boolean or not pd.api.types.is_numeric_dtype(values.dtype):
        texts = values.dropna().astype(str)
        words = texts[pd.to_numeric(texts, errors="coerce").isna()]
        shown = (words if len(words) else texts).iloc[0]
        raise UserError(f"{where} holds the text {shown!r}, where numbers are expected")
    known = values.dropna().to_numpy(dtype=np.float64)
    if np.isinf(known).any():
        raise UserError(f"{where} has infinite values; replace or remove those rows")
    if column.kind is Kind.INTEGER and (known % 1).any():
        first = known[known % 1 != 0][0]
        raise UserError(f"{where} holds {first:g}, where whole numbers are expected; round them")


def _checked_names(values: pd.Series, column: Column, path: str) -> pd.Series:
    """Categories and booleans as the texts that `conform` takes: 1.0 as 1, True as true."""
    if pd.api.types.is_bool_dtype(values.dtype):
        texts = values.astype("string").str.lower()
    elif pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.astype("Float64")
        whole = bool((numbers.dropna() % 1 == 0).all())
        texts = (numbers.astype("Int64") if whole else numbers).astype("string")
    else:
        texts = values.astype("string")
    boolean = column.kind is Kind.BOOLEAN
    known = ("false", "true", "0", "1") if boolean else column.categories
    compared = texts.str.lower() if boolean else texts
    if stray := sorted(set(compared.dropna()) - set(known)):
        raise UserError(
            f"{path}: column {column.name!r} holds {stray[0]!r}, expected one of {', '.join(known)}"
        )
    return texts
