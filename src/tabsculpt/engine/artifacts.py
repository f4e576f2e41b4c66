"""How results lie on disk: parquet, npz and JSON, none of which can execute anything when read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def read_frame(path: Path) -> pd.DataFrame:
    """Read a parquet file.

    pandas hands Arrow an open file, after which a process is now and then aborted, or hangs, as it
    ends (https://github.com/apache/arrow/issues/50482); after reading by a path none is.
    """
    import pyarrow.parquet as pq

    frame: pd.DataFrame = pq.read_table(path, partitioning=None).to_pandas()
    return frame


def write_arrays(arrays: dict[str, npt.NDArray[Any]], path: Path) -> None:
    """Write named arrays as npz."""
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The inverse of `write_arrays`; refuses pickled objects."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def write_json(data: Any, path: Path) -> None:
    """Write JSON, sorted, so that equal data give equal bytes."""
    path.write_text(json.dumps(data, sort_keys=True, ensure_ascii=False), encoding="utf-8")


def read_json(path: Path) -> Any:
    """The inverse of `write_json`."""
    return json.loads(path.read_text(encoding="utf-8"))
