"""The tables of the leaderboard, and the cuts of those that are long."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job

TUNE = ("bodyfat", "plasma", "credit_approval", "sklearn_diabetes", "heart")
"""Settings may be chosen by these, and no claim rests on them."""
JUDGE = (
    "diabetes_numeric", "urinary", "cholesterol", "wine", "breast_cancer", "titanic",
    "credit_default", "adult", "support2", "parkinson",
)  # fmt: skip
"""Claims rest on these, and nothing is chosen by them. Both lists are in order of size."""
CUT = {"adult": 5000, "credit_default": 5000, "support2": 5000}
"""So many of their rows, drawn once and for all."""


def overrides(table: str, folder: Path) -> list[str]:
    """How a sweep names a table; a cut is written as parquet into a folder first."""
    if table not in CUT:
        return [f"dataset={table}"]
    source = Job.of(load([f"dataset={table}"])).source.load().table
    path = folder / f"{table}.parquet"
    if not path.exists():
        rows = np.random.default_rng(0).choice(len(source), CUT[table], replace=False)
        folder.mkdir(parents=True, exist_ok=True)
        source.take(np.sort(rows)).frame.to_parquet(path, index=False)
    return [
        "dataset=parquet",
        f"dataset.path={path}",
        f"dataset.target={source.schema.target}",
        f"dataset.name={table}",
        f"dataset.task={source.schema.task}",
    ]
