"""The steps that search for a generator: trials, each after the other, and the fit of the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.generators import Generator
from tabsculpt.generators.fit_steps import Fit, Fitted
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.generators.tuned.search import Tried, at_point, next_candidate, next_point, own_point
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines import PipelineInputs
from tabsculpt.pipelines.validation_scores import RealScores, ValidationScoring, gains
from tabsculpt.table import Table


@dataclass(frozen=True)
class Trial(Step[tuple[Tried, ...]]):
    """One more trial after others: its result holds theirs, too.

    Attributes:
        tuned: what is searched, without its budget.
        rows: what generators are fitted on.
        without: how the predictors score without synthetic rows.
        previous: the trials before; None for the first one.
        seed: the user's seed.
        device: "cpu" or "cuda".
    """

    phase: ClassVar[str] = "generate"

    tuned: Tuned
    rows: Step[Table]
    without: RealScores
    previous: Trial | None
    seed: int
    device: str

    @property
    def label(self) -> str:
        return f"trial {self.number}"

    @property
    def number(self) -> int:
        """From 1."""
        return 1 + (self.previous.number if self.previous else 0)

    def compute(self, fetch: Fetch) -> tuple[Tried, ...]:
        before = fetch(self.previous) if self.previous else ()
        table = fetch(self.rows)
        if len(table) < Tuned.least_rows:
            return ()
        rng = np.random.default_rng(derive_seed(self.random_seed, "propose"))
        name = next_candidate(list(self.tuned.candidates), before, self.tuned.search, rng)
        own = [trial for trial in before if trial.candidate == name]
        along = self.tuned.axes(name)
        if own:
            trial = Tried(name, next_point(len(along), own, self.tuned.search, rng), False)
        else:
            trial = Tried(name, own_point(self.tuned.candidates[name], along), True)
        seed, device = derive_seed(self.random_seed, "fit"), _device(self.tuned, trial, self.device)
        fitted = fit_on_grid(_generator(self.tuned, trial), table, seed, device)
        draw = derive_seed(self.random_seed, "draw")
        found = gains(self.without, fetch, fitted.sample, draw)
        return (*before, replace(trial, gains=tuple(found.tolist())))

    def write(self, result: tuple[Tried, ...], folder: Path) -> None:
        write_json([asdict(trial) for trial in result], folder / "trials.json")

    def read(self, folder: Path) -> tuple[Tried, ...]:
        return tuple(_tried(trial) for trial in read_json(folder / "trials.json"))


@dataclass(frozen=True, eq=False)
class FittedBest(Fitted):
    """A fitted generator and the trial that it was chosen by; None where there was no search."""

    trial: Tried | None = None


@dataclass(frozen=True)
class FitBest(Step[Fitted]):
    """The generator of the best trial, fitted as it would be without a search.

    Attributes:
        tuned: what was searched, without its budget.
        rows: what it is fitted on.
        trials: the last one.
        seed, device, small: as in `Fit`.
    """

    phase: ClassVar[str] = "generate"

    tuned: Tuned
    rows: Step[Table]
    trials: Trial
    seed: int
    device: str
    small: str

    @property
    def label(self) -> str:
        return "fit the best trial"

    def compute(self, fetch: Fetch) -> FittedBest:
        tried = fetch(self.trials)
        best = max(tried, key=lambda trial: trial.score) if tried else None
        fitted = self._fit(best).compute(fetch)
        notes = (*fitted.notes, _note(self.tuned, best, tried)) if best else fitted.notes
        return FittedBest(fitted.bootstrapped, fitted.get, notes, best)

    def write(self, result: Fitted, folder: Path) -> None:
        assert isinstance(result, FittedBest)
        write_json(result.trial and asdict(result.trial), folder / "trial.json")
        self._fit(result.trial).write(result, folder)

    def read(self, folder: Path) -> FittedBest:
        content = read_json(folder / "trial.json")
        trial = _tried(content) if content else None
        fitted = self._fit(trial).read(folder)
        return FittedBest(fitted.bootstrapped, fitted.get, fitted.notes, trial)

    def _fit(self, trial: Tried | None) -> Fit:
        """The step that fits what a trial tried; of no trial, whatever handles few rows."""
        if trial is None:
            generator, device = next(iter(self.tuned.candidates.values())), "cpu"
        else:
            generator = _generator(self.tuned, trial)
            device = _device(self.tuned, trial, self.device)
        return Fit(generator, self.rows, self.seed, device, self.small)


def tune(given: PipelineInputs, tuned: Tuned, rows: Step[Table], small: str) -> FitBest:
    """Lay out a search for the generator of some rows, and its fit.

    Args:
        given: real rows, those set aside to choose by, predictors, seed and device.
        tuned: what is searched.
        rows: what generators are fitted on.
        small: as in `Fit`.
    """
    assert given.selection is not None
    scoring = ValidationScoring(dict(given.suite), tuned.amount, tuned.repeats)
    without = RealScores(scoring, given.train, given.selection, given.seed)
    plain = replace(tuned, budget=1)  # so that trials are the same whatever the budget
    last = Trial(plain, rows, without, None, given.seed, given.device)
    for _ in range(tuned.budget - 1):
        last = replace(last, previous=last)
    return FitBest(plain, rows, last, given.seed, given.device, small)


def _generator(tuned: Tuned, trial: Tried) -> Generator:
    candidate: Generator = tuned.candidates[trial.candidate]
    if trial.as_given:
        return candidate
    along = tuned.axes(trial.candidate)
    changed: Generator = at_point(candidate, along, trial.point)
    return changed


def _device(tuned: Tuned, trial: Tried, device: str) -> str:
    """The job's device if the candidate gains from it."""
    return device if device in type(tuned.candidates[trial.candidate]).devices else "cpu"


def _tried(content: dict[str, Any]) -> Tried:
    point, found = tuple(content["point"]), tuple(content["gains"])
    return Tried(content["candidate"], point, content["as_given"], found)


def _note(tuned: Tuned, best: Tried, tried: Sequence[Tried]) -> Note:
    generator = _generator(tuned, best)
    names = dict.fromkeys(axis.setting for axis in tuned.axes(best.candidate))
    settings = "".join(f" {name}={getattr(generator, name)}" for name in names)
    mean = np.mean([trial.score for trial in tried])
    content = (
        f"tuned: {best.candidate}{settings}, trial {tried.index(best) + 1} of {len(tried)}, gain "
        f"{best.score:+.4f} on the rows to choose by (mean of the trials {mean:+.4f})"
    )
    return Note(Code.SETTINGS_CHOSEN, content)
