"""The step that profiles rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd

from tabsculpt.profilers import Profile, Profiler
from tabsculpt.step import Fetch, Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class ProfileRows(Step[Profile]):
    """The profile of some rows by a profiler that sees nothing else."""

    phase: ClassVar[str] = "profile"

    profiler: Profiler
    rows: Step[Table]
    seed: int

    @property
    def label(self) -> str:
        return f"profile with {type(self.profiler).__name__}"

    def compute(self, fetch: Fetch) -> Profile:
        return self.profiler.profile(fetch(self.rows), self.random_seed)

    def write(self, result: Profile, folder: Path) -> None:
        columns = {"hardness": result.hardness, "segment": result.segment, **result.details}
        pd.DataFrame(columns).to_parquet(folder / "profile.parquet", index=False)

    def read(self, folder: Path) -> Profile:
        frame = pd.read_parquet(folder / "profile.parquet")
        details = frame.columns.difference(["hardness", "segment"], sort=False)
        return Profile(
            frame["hardness"].to_numpy(),
            frame["segment"].to_numpy(dtype=str),
            {name: frame[name].to_numpy() for name in details},
        )
