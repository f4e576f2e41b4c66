"""How tables, and predictions of their rows, lie on disk: parquet, JSON and npz."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tabsculpt.engine.artifacts import read_arrays, read_frame, read_json, write_arrays, write_json
from tabsculpt.table import FloatArray, Schema, Table, conform

PREDICTIONS = "predictions.npz"
"""What a predictor says of the rows of tables, by part."""


def write_table(table: Table, folder: Path) -> None:
    """Write ``rows.parquet``, ``schema.json`` and, where there are groups, ``groups.npz``."""
    table.frame.to_parquet(folder / "rows.parquet", index=False)
    write_json(table.schema.to_json(), folder / "schema.json")
    if table.groups is not None:
        write_arrays({"groups": table.groups}, folder / "groups.npz")


def read_table(folder: Path) -> Table:
    """The inverse of `write_table`."""
    schema = Schema.from_json(read_json(folder / "schema.json"))
    table = conform(read_frame(folder / "rows.parquet"), schema)
    groups = folder / "groups.npz"
    return replace(table, groups=read_arrays(groups)["groups"]) if groups.exists() else table


def read_test_predictions(folder: Path) -> FloatArray:
    """What was predicted of the test part, as `Model.predict` gives it."""
    return read_arrays(folder / PREDICTIONS)["test"]
