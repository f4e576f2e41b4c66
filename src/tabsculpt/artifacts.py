"""How results lie on disk: parquet, npz and JSON, none of which can execute anything when read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.table import Schema, Table, conform


def write_table(table: Table, folder: Path) -> None:
    """Write ``rows.parquet``, ``schema.json`` and, where there are groups, ``groups.npz``."""
    table.frame.to_parquet(folder / "rows.parquet", index=False)
    write_json(table.schema.to_json(), folder / "schema.json")
    if table.groups is not None:
        write_arrays({"groups": table.groups}, folder / "groups.npz")


def read_table(folder: Path) -> Table:
    """The inverse of `write_table`."""
    schema = Schema.from_json(read_json(folder / "schema.json"))
    table = conform(pd.read_parquet(folder / "rows.parquet"), schema)
    groups = folder / "groups.npz"
    return replace(table, groups=read_arrays(groups)["groups"]) if groups.exists() else table


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
