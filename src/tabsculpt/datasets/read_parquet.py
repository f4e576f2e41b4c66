"""Parquet files, read into a raw frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tabsculpt.datasets.check import require_distinct
from tabsculpt.datasets.read_bytes import require_file
from tabsculpt.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file, or a folder of files of one table.

    Args:
        path: the file or folder; folders named ``key=value`` below it make a column.

    Returns:
        The raw frame; a named index that pandas wrote is a column, an unnamed one is left out.

    Raises:
        UserError: the file is absent, a folder without Parquet files, not Parquet, or without rows.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if not path.is_dir():
        require_file(path)
    elif not any(path.rglob("*.parquet")):
        raise UserError(f"{path} is a folder without Parquet files; dataset.path names one or both")
    try:
        if path.is_dir():
            return frame_of(parquet.read_table(path), path)
        with parquet.ParquetFile(path) as file:
            return frame_of(file.read(), path)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} cannot be read as Parquet: {reason}") from None


def frame_of(table: pa.Table, path: Path) -> pd.DataFrame:
    """The rows of an Arrow table, whole numbers exact; see `read_parquet`."""
    require_distinct(table.schema.names, str(path))
    frame: pd.DataFrame = table.to_pandas(types_mapper=_exact)
    if frame.empty:
        raise UserError(f"{path} has no rows")
    named = [name for name in frame.index.names if name is not None]
    return frame.reset_index(level=named) if named else frame


def _exact(of: pa.DataType) -> Any:
    """The pandas type of whole numbers, which stay exact where some are missing; else None."""
    import pyarrow as pa

    if not pa.types.is_integer(of):
        return None
    return pd.UInt64Dtype() if of == pa.uint64() else pd.Int64Dtype()
