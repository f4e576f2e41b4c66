"""What is known of a table before anything is trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from help_study.tables import Chosen
from tabsculpt.datasets import load
from tabsculpt.table import Task


def write_facts(tables: Sequence[Chosen], path: Path) -> None:
    """Write a line for each table: rows, features, share of numbers, classes, imbalance, spread.

    The spread is the standard deviation of a target that is a number; imbalance is rows of the
    largest class for each of the smallest.
    """
    pd.DataFrame([_facts(table) for table in tables]).to_csv(path, index=False)


def _facts(chosen: Chosen) -> dict[str, object]:
    dataset = load(chosen.source)
    table = dataset.table
    features, numbers = table.schema.features, table.schema.task is Task.REGRESSION
    sizes = np.unique(table.target, return_counts=True)[1]
    return {
        "table": dataset.name,
        "group": chosen.group,
        "part": chosen.part,
        "task": str(table.schema.task),
        "rows": len(table),
        "features": len(features),
        "numeric": np.mean([column.is_numeric for column in features]),
        "classes": 0 if numbers else len(sizes),
        "imbalance": np.nan if numbers else sizes.max() / sizes.min(),
        "spread": float(np.std(table.target)) if numbers else np.nan,
    }
