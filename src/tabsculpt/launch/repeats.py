"""How often each job of a sweep is repeated: over splits, and over fits of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from tabsculpt.analysis.columns import UNPAIRED
from tabsculpt.config.choices import choice_file
from tabsculpt.config.defaults import keys_of
from tabsculpt.config.overrides import parse, values
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job
from tabsculpt.launch.status import duration
from tabsculpt.launch.work import Loaded

BUDGET = 300.0
"""Seconds that a sweep may take for its jobs to be repeated where nobody asked for it."""
OF_SPLITS = frozenset({"split", "split.seed", "split.repeats", "split.folds"})
OF_FITS = frozenset({"seed"})


@dataclass(frozen=True)
class Repeats:
    """How many splits, and how many seeds of everything else on each."""

    splits: int
    seeds: int

    def __str__(self) -> str:
        words = ((self.splits, "split"), (self.seeds, "seed"))
        return " x ".join(f"{n} {word}{'s' * (n > 1)}" for n, word in words)

    @property
    def places(self) -> list[tuple[int, int]]:
        """Each split and seed, both from 0."""
        return list(product(range(self.splits), range(self.seeds)))


def repeat(job: Job, place: tuple[int, int]) -> Job:
    """A job on another split, counted from its own, and with another seed."""
    split, seed = place
    return replace(job, split=replace(job.split, seed=job.split.seed + split), seed=job.seed + seed)


ONE = Repeats(1, 1)
# A new seed is a new profile, a new fit, a new draw of rows and new predictors together, and no
# draw is shared between splits, as a step's draws come of its rows too: more sources of variation
# in each repeat tell more for the same work (Bouthillier et al., 2021, arXiv 2103.03098). Two seeds
# on a split, where that would have one: what comes of the split lasts however many splits there
# are, as they share rows, and what comes of the fit does not; `stats.resampled` tells them apart by
# the spread within splits, of which one fit has none. Three splits are the fewest with a verdict.
SEEDS = 2
USUAL = Repeats(3, SEEDS)


@dataclass(frozen=True)
class RequestedRepeats:
    """The repeats that are requested.

    Attributes:
        repeats: of each job.
        asked: whether somebody asked for them; otherwise as many are done as take little time.
    """

    repeats: Repeats
    asked: bool


def requested(
    typed: Sequence[str], given: Collection[int | None], config_dir: Path | None
) -> RequestedRepeats:
    """How often jobs are repeated, by what was typed and by the setting ``repeats``.

    Splits and seeds that are set otherwise stay as they are set, and so does an experiment.

    Args:
        typed: overrides that Hydra can read.
        given: the values of the setting.
        config_dir: the user's own configuration files.

    Raises:
        UserError: the setting has several values, or is below 1.
    """
    if len(given) > 1:
        raise UserError("repeats has several values; a sweep has one number of splits")
    [number] = given
    if number is not None and number < 1:
        raise UserError(f"repeats is {number}; expected a number of splits of at least 1")
    keys = set(_keys(typed, config_dir))
    own_splits, own_fits = bool(keys & OF_SPLITS), bool(keys & OF_FITS)
    if number is None:
        designed = own_splits or own_fits or "experiment" in keys
        return RequestedRepeats(ONE if designed else USUAL, designed)
    splits = 1 if own_splits else number
    return RequestedRepeats(Repeats(splits, 1 if own_fits or number == 1 else SEEDS), True)


def repeatable(job: Job, load: Loaded) -> bool:
    """Whether other splits and seeds of a job are set beside each other as repeats of it.

    A data set that comes with its own test part has one split.
    """
    return job.names["protocol"] not in UNPAIRED and load(job.source).test_rows is None


def affordable(repeats: Repeats, seconds: dict[Repeats, float]) -> tuple[Repeats, str]:
    """How often jobs are repeated where nobody asked for it, and a line that says so.

    Args:
        repeats: at most.
        seconds: what is still to be done is judged to take, for each that may be chosen.
    """
    for design, more in seconds.items():
        if more <= BUDGET:
            shorter = "repeats=1 for one" if design == repeats else f"{_over(repeats, seconds)}"
            return design, f"{design}: about {duration(more)} more; {shorter}"
    return ONE, f"{ONE}: {_over(repeats, seconds)}"


def _over(repeats: Repeats, seconds: dict[Repeats, float]) -> str:
    about = duration(seconds[repeats])
    return f"{repeats} would take about {about} more, repeats={repeats.splits} does them"


def _keys(typed: Sequence[str], config_dir: Path | None) -> list[str]:
    """What was set, by an experiment too."""
    keys: list[str] = []
    for override in map(parse, typed):
        if override.is_delete() or override.value() is None:
            continue
        keys.append(override.key_or_group)
        if override.key_or_group == "experiment":
            for name in values(override):
                keys += keys_of(choice_file("experiment", name, config_dir))
    return keys
