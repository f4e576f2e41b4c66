"""Parquet files, read into a raw frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tabsculpt.datasets.check import require_distinct
from tabsculpt.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file.

    Args:
        path: one file, not a folder of parts.

    Returns:
        The raw frame; a named index that pandas wrote is a column, an unnamed one is left out.

    Raises:
        UserError: the file is absent, a folder, not Parquet, or has no rows.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    if path.is_dir():
        raise UserError(f"{path} is a folder; dataset.path must name a file")
    if not path.exists():
        raise UserError(f"no such file: {path}; check dataset.path")
    try:
        with ParquetFile(path) as file:
            require_distinct(file.schema_arrow.names, str(path))
            frame: pd.DataFrame = file.read().to_pandas(types_mapper=_exact)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} cannot be read as Parquet: {reason}") from None
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
