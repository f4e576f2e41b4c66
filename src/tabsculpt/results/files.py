"""Result tables: tidy parquet, one row per job, predictor and metric, one file per job."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabsculpt.engine.writing import replacing
from tabsculpt.errors import UserError
from tabsculpt.results.row import Row, Status, as_record, schema

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def write_rows(rows: Sequence[Row], folder: Path) -> Path:
    """Write a job's rows to ``<folder>/<job>.parquet``, whole or not at all.

    Returns:
        The file.
    """
    import pyarrow as pa

    table = pa.Table.from_pylist([as_record(row) for row in rows], schema=schema())
    path = folder / f"{rows[0].job}.parquet"
    _replace(table, path)
    return path


def joined_experiments(folder: Path, job: str, experiments: Iterable[str | None]) -> str:
    """The experiments that a job's file names and some more, sorted, with commas between them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, labels = folder / f"{job}.parquet", {name or "" for name in experiments}
    try:
        if path.exists() and "experiment" in pq.read_schema(path).names:
            found = pq.read_table(path, columns=["experiment"])["experiment"]
            labels |= {
                name for text in found.unique().to_pylist() for name in (text or "").split(",")
            }
    except (OSError, pa.ArrowException):
        pass  # damaged: it is made anew
    return ",".join(sorted(labels - {""}))


def add_experiments(folder: Path, job: str, experiments: Collection[str]) -> None:
    """Note in a job's file the experiments under which it was asked for."""
    import pyarrow as pa

    path = folder / f"{job}.parquet"
    if not experiments or not path.exists():
        return
    joined = joined_experiments(folder, job, experiments)
    if joined != joined_experiments(folder, job, ()):
        table = _read(path, None, ())
        place = table.schema.get_field_index("experiment")
        column = pa.array([joined] * len(table), pa.string())
        _replace(table.set_column(place, "experiment", column), path)


def write_table(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Write one of the tables beside the results, whole or not at all.

    A column without a value has the type of the result column of that name, if there is one, so
    that the files of several jobs can be read as one table.
    """
    import pyarrow as pa

    table, known = pa.Table.from_pylist(list(records)), schema()
    columns = [
        known.field(column.name)
        if pa.types.is_null(column.type) and column.name in known.names
        else column
        for column in table.schema
    ]
    _replace(table.cast(pa.schema(columns)), path)


def local_folder(text: str, where: str) -> Path:
    """The folder of results that was asked for.

    Raises:
        UserError: it is the address of an object store: such stores have neither locks nor a
            renaming in one operation, which keep results whole.
    """
    if re.match(r"[a-z][a-z0-9+.-]*://", text, flags=re.IGNORECASE):
        raise UserError(
            f"{where} is {text!r}; expected a folder: results and store need locks and renaming "
            "in one operation, which object stores lack. Use a shared file system, copy afterwards"
        )
    return Path(text)


def read_rows(
    folder: Path,
    jobs: Iterable[str] | None = None,
    metrics: Iterable[str] | None = None,
    leave: Collection[str] = (),
    containing: str = "",
) -> pd.DataFrame:
    """All rows below a folder as the jobs started, or those of some jobs in the order given.

    Args:
        folder: of the results.
        jobs: whose rows; None for all.
        metrics: whose rows, beside those of every metric that are not ok; None for all.
        leave: columns to leave out.
        containing: metrics with this in their names are read besides.

    Raises:
        UserError: a file is damaged, or may not be read.
    """
    import pyarrow as pa

    chosen = None if metrics is None else list(metrics)
    tables = [_read(path, chosen, leave, containing) for path in _files(folder, jobs)]
    empty = schema().empty_table()  # has the columns that files of an earlier version lack
    rows = pa.concat_tables([empty, *tables], promote_options="default").drop_columns(list(leave))
    frame = rows.to_pandas()
    return (
        frame
        if jobs is not None
        else frame.sort_values("started", kind="stable", ignore_index=True)
    )


def count_rows(folder: Path, jobs: Iterable[str]) -> int:
    """How many rows some jobs have."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in _files(folder, jobs))


def _files(folder: Path, jobs: Iterable[str] | None) -> list[Path]:
    if jobs is None:
        return sorted(folder.glob("*.parquet"))
    named = (folder / f"{job}.parquet" for job in jobs)
    return [path for path in named if path.exists()]


def _read(
    path: Path, metrics: list[str] | None, leave: Collection[str], containing: str = ""
) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:  # a third of what read_table takes, with thousands of files
        with pq.ParquetFile(path) as file:
            kept = [n for n in file.schema_arrow.names if n not in leave] if leave else None
            table = file.read(kept, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise UserError(
            f"{path} cannot be read ({' '.join(str(error).split())}); run its sweep again, or "
            "remove the file to go on without it"
        ) from error
    if metrics is None:
        return table
    kernels: Any = pc  # themselves: an expression is planned anew for each of thousands of files
    chosen = kernels.is_in(table["metric"], pa.array(metrics, pa.string()))
    if containing:
        named = kernels.fill_null(kernels.match_substring(table["metric"], containing), False)
        chosen = kernels.or_(chosen, named)
    return table.filter(kernels.or_(chosen, kernels.not_equal(table["status"], str(Status.OK))))


def write_frame(frame: pd.DataFrame, path: Path, kind: str) -> None:
    """Write a table to a file of the user's, as csv or parquet, whole or not at all.

    Raises:
        WriteError: it cannot be written there.
    """
    with replacing(path, make_folder=False) as draft:
        if kind == "csv":
            frame.to_csv(draft, index=False)
        else:
            frame.to_parquet(draft, index=False)


def _replace(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    with replacing(path) as draft:
        pq.write_table(table, draft)
