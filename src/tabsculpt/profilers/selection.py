"""The label-flip search: which profiler, at which threshold, finds planted label errors best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.identity import describe, hashed
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import TooFewRowsError
from tabsculpt.profilers import Profiler, Segment
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Table


class Rule(StrEnum):
    """How the winner is found.

    expected_f1: the pair of profiler and threshold with the highest F1, averaged over flip rates
    and repeats (Souza, Zanchettin, 2025, Appendix E, Eq. 4); a flip rate of 0 is left out, as its
    F1 is 0 whatever the profiler does. published: as the authors' code has it (and Appendix H): the
    profiler with the highest F1 averaged over everything, flip rate 0 included, and the threshold
    of the best single cell of any profiler.
    """

    EXPECTED_F1 = "expected_f1"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Search:
    """What is searched.

    Attributes:
        thresholds: read off one fit.
        flip_rates: shares of rows whose label is made wrong; 0 gives the false-alarm rate.
        repeats: fits per profiler and flip rate, each with other rows flipped.
        flip: how labels are made wrong.
        distance: by how many standard deviations of the target at least.
    """

    thresholds: tuple[float, ...]
    flip_rates: tuple[float, ...]
    repeats: int
    flip: Flip
    distance: float


@dataclass(frozen=True)
class Winner:
    """The profiler and threshold that a rule chose, and their mean F1 over the cells it used."""

    profiler: str
    threshold: float
    f1: float


def search_cells(
    candidates: Mapping[str, Profiler], search: Search, table: Table, seed: int
) -> pd.DataFrame:
    """Flip labels, profile, and count what was found.

    Args:
        candidates: profilers by name.
        search: what is searched.
        table: the rows; their own labels are taken for right.
        seed: of every draw.

    Returns:
        One row per profiler, flip rate, repeat and threshold: ``precision``, ``recall`` and
        ``f1`` of the hard rows against the flipped ones (f1 is 0 where none was found; all three
        are missing at flip rate 0), ``false_alarms`` (share of the rows that were not flipped
        that is called hard), ``n_hard``, ``n_flipped``, ``n``.

    Raises:
        TooFewRowsError: fewer rows than a candidate needs.
    """
    for name, profiler in candidates.items():
        if len(table) < type(profiler).least_rows:
            least = type(profiler).least_rows
            raise TooFewRowsError(f"{name} needs {least} rows, got {len(table)}")
    return pd.DataFrame(_cells(candidates, search, table, seed))


def choose(cells: pd.DataFrame, rule: Rule) -> Winner:
    """The winner of a search; ties go to the candidate named first, then the lowest threshold."""
    if rule is Rule.PUBLISHED:
        f1 = cells.f1.fillna(0.0)
        by_profiler = f1.groupby(cells.profiler, sort=False).mean()
        single = f1.groupby([cells.profiler, cells.flip_rate, cells.threshold], sort=False).mean()
        return Winner(
            str(by_profiler.idxmax()), float(single.idxmax()[2]), float(by_profiler.max())
        )
    planted = cells[cells.flip_rate > 0]
    means = planted.groupby(["profiler", "threshold"], sort=False).f1.mean()
    profiler, threshold = means.idxmax()
    return Winner(str(profiler), float(threshold), float(means.max()))


def _cells(
    candidates: Mapping[str, Profiler], search: Search, table: Table, seed: int
) -> Iterator[dict[str, Any]]:
    for rate in search.flip_rates:
        for repeat in range(search.repeats):
            drawn = derive_seed(seed, rate, repeat)
            flipped, wrong = flip_labels(table, rate, search.flip, search.distance, drawn)
            recorded: dict[str, Dynamics] = {}
            for name, profiler in candidates.items():
                dynamics = _dynamics(profiler.recorder, flipped, drawn, recorded)
                scores = profiler.score(flipped, dynamics, drawn)
                for t in search.thresholds:
                    at: Any = replace(profiler, threshold=t)  # type: ignore[type-var]
                    hard = cut_scores(at, scores).segment == Segment.HARD
                    where = {"profiler": name, "flip_rate": rate, "repeat": repeat, "threshold": t}
                    yield where | _counts(hard, wrong)


def _dynamics(
    recorder: Recorder | None, table: Table, seed: int, recorded: dict[str, Dynamics]
) -> Dynamics | None:
    """What a recorder records, once for all candidates that read the same."""
    if recorder is None:
        return None
    name = hashed(describe(recorder))
    if name not in recorded:
        recorded[name] = recorder.record(table, seed)
    return recorded[name]


def _counts(hard: Any, wrong: Any) -> dict[str, Any]:
    found, n_hard, n_wrong = int((hard & wrong).sum()), int(hard.sum()), int(wrong.sum())
    planted = n_wrong > 0
    return {
        "precision": (found / n_hard if n_hard else 0.0) if planted else np.nan,
        "recall": found / n_wrong if planted else np.nan,
        "f1": 2 * found / (n_hard + n_wrong) if planted else np.nan,
        "false_alarms": int((hard & ~wrong).sum()) / max(1, int((~wrong).sum())),
        "n_hard": n_hard,
        "n_flipped": n_wrong,
        "n": len(hard),
    }
