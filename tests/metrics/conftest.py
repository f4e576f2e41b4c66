"""Small tables of every kind of column, whose rows are drawn from one distribution."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

COLUMNS = (
    Column("x", Kind.CONTINUOUS),
    Column("n", Kind.INTEGER),
    Column("b", Kind.BOOLEAN),
    Column("c", Kind.CATEGORICAL, ("p", "q", "r", "s")),
    Column("y", Kind.CONTINUOUS),
    Column("k", Kind.CATEGORICAL, ("no", "yes")),
)
SCHEMA = Schema(COLUMNS, "y", Task.REGRESSION)


def drawn(rows: int, seed: int, missing: float = 0.0, schema: Schema = SCHEMA) -> Table:
    """Rows of a distribution in which all columns hang together; the target is never missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    c = np.digitize(x + rng.normal(size=rows), [-1, 0, 2])
    frame = pd.DataFrame(
        {
            "x": x,
            "n": np.round(3 * x + rng.normal(size=rows)),
            "b": x + rng.normal(size=rows) > 0,
            "c": np.array(["p", "q", "r", "s"])[c],
            "y": 10 + 2 * x - c + rng.normal(size=rows),
            "k": np.where(rng.random(rows) < 1 / (1 + np.exp(-2 * x)), "yes", "no"),
        }
    ).astype({"n": "Int64", "b": "boolean"})
    for name in frame.columns.drop(schema.target):
        frame.loc[rng.random(rows) < missing, name] = None
    return conform(frame, schema)


def independent(table: Table, seed: int) -> Table:
    """Every column shuffled by itself: the same columns, nothing between them."""
    rng = np.random.default_rng(seed)
    columns = {
        name: values.take(rng.permutation(len(values))).reset_index(drop=True)
        for name, values in table.frame.items()
    }
    return conform(pd.DataFrame(columns), table.schema)


@pytest.fixture
def draw():
    return drawn


@pytest.fixture
def classes():
    return Schema(COLUMNS, "k", Task.BINARY)


@pytest.fixture
def unlink():
    return independent
