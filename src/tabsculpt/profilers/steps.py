"""The steps that record training dynamics, score rows, and cut scores into segments."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from tabsculpt.artifacts import read_arrays, write_arrays
from tabsculpt.errors import TooFewRowsError
from tabsculpt.profilers import Profile, Profiler, Scores
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.step import Fetch, Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class RecordDynamics(Step[Dynamics]):
    """The training dynamics of a model on some rows; every profiler that reads them shares them."""

    phase: ClassVar[str] = "profile"

    recorder: Recorder
    rows: Step[Table]
    seed: int

    @property
    def label(self) -> str:
        return f"record dynamics of {type(self.recorder).__name__}"

    def compute(self, fetch: Fetch) -> Dynamics:
        return self.recorder.record(fetch(self.rows), self.random_seed)

    def write(self, result: Dynamics, folder: Path) -> None:
        arrays = {f.name: getattr(result, f.name) for f in fields(result)}
        present = {name: array for name, array in arrays.items() if array is not None}
        write_arrays(present, folder / "dynamics.npz")

    def read(self, folder: Path) -> Dynamics:
        return Dynamics(**read_arrays(folder / "dynamics.npz"))


@dataclass(frozen=True)
class ScoreRows(Step[Scores]):
    """The scores of some rows by a profiler that sees nothing else; make one with `score_rows`."""

    phase: ClassVar[str] = "profile"

    profiler: Profiler
    rows: Step[Table]
    dynamics: Step[Dynamics] | None
    seed: int

    @property
    def label(self) -> str:
        return f"score rows with {type(self.profiler).__name__}"

    def compute(self, fetch: Fetch) -> Scores:
        table = fetch(self.rows)
        least = type(self.profiler).least_rows
        if len(table) < least:
            name = type(self.profiler).__name__.lower()
            raise TooFewRowsError(f"{name} needs {least} rows, got {len(table)}")
        dynamics = fetch(self.dynamics) if self.dynamics else None
        return self.profiler.score(table, dynamics, self.random_seed)

    def write(self, result: Scores, folder: Path) -> None:
        columns = {"score": result.score}
        if result.uncertainty is not None:
            columns["uncertainty"] = result.uncertainty
        details = {f"details.{name}": values for name, values in result.details.items()}
        pd.DataFrame({**columns, **details}).to_parquet(folder / "scores.parquet", index=False)

    def read(self, folder: Path) -> Scores:
        frame = pd.read_parquet(folder / "scores.parquet")
        details = {
            name.removeprefix("details."): frame[name].to_numpy()
            for name in frame
            if name.startswith("details.")
        }
        uncertainty = frame["uncertainty"].to_numpy() if "uncertainty" in frame else None
        return Scores(frame["score"].to_numpy(), uncertainty, details)


@dataclass(frozen=True)
class ProfileRows(Step[Profile]):
    """The segments of some rows; make one with `profile_rows`."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    profiler: Profiler
    scores: Step[Scores]

    def compute(self, fetch: Fetch) -> Profile:
        return cut_scores(self.profiler, fetch(self.scores))


def profile_rows(profiler: Profiler, rows: Step[Table], seed: int) -> ProfileRows:
    """Lay out the profile of some rows."""
    return ProfileRows(profiler, score_rows(profiler, rows, seed))


def score_rows(profiler: Profiler, rows: Step[Table], seed: int) -> ScoreRows:
    """Lay out the scores of some rows, which every cut of them shares."""
    uncut = _uncut(profiler)
    recorder = uncut.recorder
    dynamics = RecordDynamics(recorder, rows, seed) if recorder is not None else None
    return ScoreRows(uncut, rows, dynamics, seed)


def _uncut(profiler: Any) -> Any:
    """The profiler with the cut and threshold of its class, which do not touch its scores."""
    defaults = type(profiler)()
    return replace(profiler, cut=defaults.cut, threshold=defaults.threshold)
