"""The steps that record training dynamics, score rows, and cut scores into segments."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_arrays, read_frame, write_arrays
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import ContractError, TooFewRowsError, check_returned
from tabsculpt.notes import Code, Note
from tabsculpt.profilers import Profile, Profiler, Scores, Valuer
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import drawn_by
from tabsculpt.profilers.placement import placed
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.profilers.selection import Search, choose, search_cells
from tabsculpt.table import Table
from tabsculpt.text.features import text_reader


@dataclass(frozen=True)
class RecordDynamics(Step[Dynamics]):
    """The training dynamics of a model on some rows; every profiler that reads them shares them."""

    phase: ClassVar[str] = "profile"

    recorder: Recorder
    rows: Step[Table]
    seed: int

    @property
    def label(self) -> str:
        return "train a model and record how each row is learnt"

    def compute(self, fetch: Fetch) -> Dynamics:
        table = fetch(self.rows)
        return self.recorder.record(text_reader(table)(table), self.random_seed)

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
    dynamics: RecordDynamics | None
    seed: int

    @property
    def label(self) -> str:
        return "score rows by hardness"

    def compute(self, fetch: Fetch) -> Scores:
        table = fetch(self.rows)
        least = type(self.profiler).least_rows
        if len(table) < least:
            name = type(self.profiler).__name__.lower()
            raise TooFewRowsError(f"{name} needs {least} rows, got {len(table)}")
        dynamics = fetch(self.dynamics) if self.dynamics else None
        scores = self.profiler.score(text_reader(table)(table), dynamics, self.random_seed)
        _check_scores(self.profiler, "score", scores, len(table))
        return scores

    def write(self, result: Scores, folder: Path) -> None:
        columns = {"score": result.score}
        if result.uncertainty is not None:
            columns["uncertainty"] = result.uncertainty
        details = {f"details.{name}": values for name, values in result.details.items()}
        pd.DataFrame({**columns, **details}).to_parquet(folder / "scores.parquet", index=False)

    def read(self, folder: Path) -> Scores:
        frame = read_frame(folder / "scores.parquet")
        details = {
            name.removeprefix("details."): frame[name].to_numpy()
            for name in frame
            if name.startswith("details.")
        }
        uncertainty = frame["uncertainty"].to_numpy() if "uncertainty" in frame else None
        return Scores(frame["score"].to_numpy(), uncertainty, details)


@dataclass(frozen=True)
class ValueRows(ScoreRows):
    """The scores of some rows for others that are set aside; the profiler is a `Valuer`."""

    validation: Step[Table]

    def compute(self, fetch: Fetch) -> Scores:
        assert isinstance(self.profiler, Valuer)
        table = fetch(self.rows)
        read = text_reader(table)
        validation = read(fetch(self.validation))
        scores = self.profiler.value(read(table), validation, self.random_seed)
        _check_scores(self.profiler, "value", scores, len(table))
        return scores


@dataclass(frozen=True)
class ProfileRows(Step[Profile]):
    """The segments of some rows; make one with `profile_rows`."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    profiler: Profiler
    scores: ScoreRows

    def compute(self, fetch: Fetch) -> Profile:
        return _cut(self.profiler, self.scores, fetch)


@dataclass(frozen=True)
class SearchProfilers(Step[pd.DataFrame]):
    """The cells of a label-flip search, see `selection.search_cells`."""

    phase: ClassVar[str] = "profile"

    candidates: dict[str, Any]
    search: Search
    rows: Step[Table]
    seed: int

    @property
    def label(self) -> str:
        fits = len(self.candidates) * len(self.search.flip_rates) * self.search.repeats
        return f"search among {len(self.candidates)} profilers, {fits} fits"

    def compute(self, fetch: Fetch) -> pd.DataFrame:
        table = fetch(self.rows)
        read = text_reader(table)
        return search_cells(self.candidates, self.search, read(table), self.random_seed)

    def write(self, result: pd.DataFrame, folder: Path) -> None:
        result.to_parquet(folder / "cells.parquet", index=False)

    def read(self, folder: Path) -> pd.DataFrame:
        return read_frame(folder / "cells.parquet")


@dataclass(frozen=True)
class ChosenProfile(Step[Profile]):
    """The profile by the candidate and threshold that a search chose."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    auto: Auto
    cells: Step[pd.DataFrame]
    scores: tuple[ScoreRows, ...]

    def compute(self, fetch: Fetch) -> Profile:
        winner = choose(fetch(self.cells), self.auto.rule)
        names = list(self.auto.candidates)
        profiler = replace(self.auto.candidates[winner.profiler], threshold=winner.threshold)
        profile = _cut(profiler, self.scores[names.index(winner.profiler)], fetch)
        chosen = f"{winner.profiler} at {winner.threshold:g} (mean F1 {winner.f1:.2f})"
        return replace(profile, chosen=Note(Code.PROFILER_CHOSEN, chosen))


def _check_scores(profiler: Profiler, member: str, scores: Any, rows: int) -> None:
    """Refuse scores that are not one number for each row."""
    check_returned(profiler, "profiler", member, scores, Scores)
    columns = {"score": scores.score, "uncertainty": scores.uncertainty, **scores.details}
    for name, values in columns.items():
        if values is not None and np.shape(values) != (rows,):
            problem = f"{member} returned {name} of shape {np.shape(values)}; expected ({rows},)"
            raise ContractError(type(profiler), "profiler", problem)


def _cut(profiler: Profiler, scores: ScoreRows, fetch: Fetch) -> Profile:
    profile = cut_scores(profiler, fetch(scores))
    recorder = scores.dynamics.recorder if scores.dynamics else None
    return replace(profile, drawn=drawn_by(recorder, len(profile.segment)))


def profile_rows(
    profiler: Profiler | Auto,
    rows: Step[Table],
    seed: int,
    device: str = "cpu",
    validation: Step[Table] | None = None,
) -> Step[Profile]:
    """Lay out the profile of some rows.

    Args:
        profiler: of the rows, or a search for one.
        rows: what is profiled.
        seed: the user's seed.
        device: the job's, "cpu" or "cuda"; a search is done on the CPU.
        validation: rows that are set aside to value the others on; profilers that are no
            `Valuer`, and a search, do without.
    """
    if isinstance(profiler, Auto):
        candidates = profiler.candidates.values()
        scores = tuple(score_rows(p, rows, seed, device, validation) for p in candidates)
        return ChosenProfile(profiler, search_profilers(profiler, rows, seed), scores)
    return ProfileRows(profiler, score_rows(profiler, rows, seed, device, validation))


def search_profilers(auto: Auto, rows: Step[Table], seed: int) -> SearchProfilers:
    """Lay out the search; the rule that reads it is no part of it."""
    return SearchProfilers(dict(auto.candidates), auto.search, rows, seed)


def score_rows(
    profiler: Profiler,
    rows: Step[Table],
    seed: int,
    device: str = "cpu",
    validation: Step[Table] | None = None,
) -> ScoreRows:
    """Lay out the scores of some rows, which every cut of them shares; see `profile_rows`."""
    uncut = placed(_uncut(profiler), device)
    if validation is not None and isinstance(uncut, Valuer):
        return ValueRows(uncut, rows, None, seed, validation)
    recorder = placed(uncut.recorder, device)
    dynamics = RecordDynamics(recorder, rows, seed) if recorder is not None else None
    return ScoreRows(uncut, rows, dynamics, seed)


def _uncut(profiler: Any) -> Any:
    """The profiler with the cut and threshold of its class, which do not touch its scores."""
    cuts = {"cut", "threshold"}
    usual = {f.name: f.default for f in fields(profiler) if f.name in cuts and f.default != MISSING}
    return replace(profiler, **usual)
