"""The answer for each data set: how the best synthetic data compares with the real rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CONTEXT, CONTROLS, MAKING, STEP
from tabsculpt.analysis.costs import cost_table
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, Estimate, Verdict
from tabsculpt.analysis.levels import level
from tabsculpt.analysis.pairs import pooled, pooled_together
from tabsculpt.analysis.privacy import Privacy, PrivacyOf

ASKED = (*CONTEXT, "metric", "protocol", "protocol_settings")
"""What a question holds fixed: synthetic rows in place of real ones are another one than added."""


@dataclass(frozen=True, eq=False)
class Combination:
    """One way of making synthetic rows, set against the real rows of a data set.

    Attributes:
        names: generator, profiler and arm, and the settings of the first two.
        cells: where it stands, one for each step of the protocol.
        real, mean: of the metric, over the units that all arms of its cells have, averaged over
            steps; NaN where there is none.
        found: its difference from real, averaged over steps; None where they share no unit. Its
            interval and verdict hold for all candidates of its question together, so that the
            best of them may be picked.
        privacy: of its synthetic tables.
        cpu_seconds: of one of its jobs, mean; NaN where it was not measured.
        jobs: their names.
    """

    names: dict[str, str]
    cells: list[Cell]
    real: float
    mean: float
    found: Estimate | None
    privacy: Privacy
    cpu_seconds: float
    jobs: tuple[str, ...]

    @property
    def control(self) -> bool:
        """Whether its pipeline is there to be compared with, not to be chosen."""
        return is_control(self.names["arm"])

    @property
    def on_real(self) -> bool:
        """Whether it makes no synthetic rows: real rows alone, trained on in another way."""
        return self.names["arm"] in self.cells[0].on_real

    @property
    def verdict(self) -> Verdict:
        """Of the combination against the real rows."""
        return Verdict.UNKNOWN if self.found is None else self.found.verdict

    @cached_property
    def gain(self) -> tuple[float, float, float]:
        """Mean and ends of its interval in % of the real rows' mean; above 0 is better."""
        if self.found is None or not self.found.rope:
            return (float("nan"),) * 3
        over, unit = self.found.over, 100 * ROPE / self.found.rope
        if self.cells[0].direction == "min":
            return -over.mean * unit, -over.high * unit, -over.low * unit
        return over.mean * unit, over.low * unit, over.high * unit

    @property
    def stands(self) -> Verdict:
        """On which side of the region of practical equivalence its mean lies: no verdict."""
        mean, width = self.gain[0], 100 * ROPE
        if np.isnan(mean):
            return Verdict.UNKNOWN
        if abs(mean) <= width:
            return Verdict.EQUAL
        return Verdict.BETTER if mean > 0 else Verdict.WORSE

    @property
    def splits(self) -> int:
        """How many splits it shares with the real rows."""
        return 0 if self.found is None else self.found.over.splits

    @property
    def more_splits(self) -> int | None:
        """How many more splits would settle it at best; None where it is settled or none would.

        Below the least number of splits for a verdict: how many are missing for one.
        """
        if self.found is None or self.verdict != Verdict.UNKNOWN:
            return None
        if self.splits < LEAST_SPLITS:
            return LEAST_SPLITS - self.splits
        return None if self.found.needed is None else max(1, self.found.needed - self.splits)


@dataclass(frozen=True, eq=False)
class Question:
    """One data set, metric and protocol, and what was tried there.

    Attributes:
        names: what it holds fixed, by the names of `ASKED`.
        direction: of its metric, "min" or "max".
        tried: the combinations with a value, the best first: by the difference from the real
            rows, or by the mean where they were not run.
        failed: how many more have no value.
    """

    names: dict[str, Any]
    direction: str
    tried: list[Combination]
    failed: int

    @property
    def candidates(self) -> list[Combination]:
        """Those tried that may be chosen: no control and, where rows were made, none without."""
        made = [one for one in self.tried if not one.on_real]
        return [one for one in made or self.tried if not one.control] or self.tried

    @property
    def rivals(self) -> list[Combination]:
        """Those of real rows alone that synthetic rows have to beat, the best first."""
        return [one for one in self.tried if one.on_real]

    @cached_property
    def against_rival(self) -> Estimate | None:
        """The best synthetic rows less the best rival, with the choice of both accounted for."""
        if not self.rivals or self.best.on_real:
            return None
        looks = len(self.candidates) * len(self.rivals)
        arms = self.best.names["arm"], self.rivals[0].names["arm"]
        return pooled(self.best.cells, *arms, looks)

    @property
    def best(self) -> Combination:
        """The best candidate: chosen by the values that judge it, see `Combination.found`."""
        return self.candidates[0]

    @property
    def next(self) -> Combination | None:
        """The combination that deserves more splits; None where none does.

        The best of those that some number of splits would settle, one that stands better or
        practically equal before one that stands worse. None where the best is settled.
        """
        if self.best.verdict != Verdict.UNKNOWN:
            return None
        open_ = [one for one in self.candidates if one.more_splits is not None]
        return min(open_, key=lambda one: one.stands == Verdict.WORSE, default=None)


def questions(cells: Sequence[Cell], quality: pd.DataFrame) -> list[Question]:
    """What was asked of each data set, and what came out.

    Args:
        cells: see `Measurements.cells`, of the metrics that tasks are judged by.
        quality: measurements of whole synthetic tables, see `PrivacyOf`.
    """
    if not cells:
        return []
    privacy = PrivacyOf(quality)
    costs = cost_table(cells[0].of.rows).set_index("job").cpu_seconds
    asked = []
    for names, mine in _grouped(cells):
        every = list(_combinations(mine))
        found = _against_real(every)
        tried = [
            _combination(own, arm, privacy, costs, one)
            for (arm, own), one in zip(every, found, strict=True)
        ]
        known = [one for one in tried if one.found is not None or not np.isnan(one.mean)]
        if known:
            direction = mine[0].direction
            order = sorted(known, key=lambda one: _place(one, direction))
            asked.append(Question(names, direction, order, len(tried) - len(known)))
    return asked


def is_control(arm: str) -> bool:
    """Whether an arm is there to be compared with, not to be chosen."""
    return arm.partition(" ")[0] in CONTROLS


def _may_be_chosen(every: Sequence[tuple[str, list[Cell]]]) -> list[tuple[str, list[Cell]]]:
    """Those that the best is picked among, see `Question.candidates`."""
    made = [one for one in every if one[0] not in one[1][0].on_real] or list(every)
    return [one for one in made if not is_control(one[0])] or list(every)


def _grouped(cells: Sequence[Cell]) -> Iterator[tuple[dict[str, Any], list[Cell]]]:
    by: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        if set(cell.arms) - {REAL}:
            by.setdefault(tuple(str(cell.names[name]) for name in ASKED), []).append(cell)
    for mine in by.values():
        yield {name: mine[0].names[name] for name in ASKED}, mine


def _combinations(cells: Sequence[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    """Each arm with its cells; one without a profiler, or a generator, counts once."""
    by: dict[tuple[str, ...], dict[tuple[str, ...], Cell]] = {}
    for cell in cells:
        making = tuple(str(cell.names[name]) for name in MAKING)
        step = tuple(str(cell.names[name]) for name in STEP)
        for arm in cell.arms:
            if arm != REAL:
                made = () if arm in cell.on_real else making
                by.setdefault((arm, *made, *cell.profiling(arm)), {}).setdefault(step, cell)
    for key, own in by.items():
        yield key[0], list(own.values())


def _against_real(every: list[tuple[str, list[Cell]]]) -> list[Estimate | None]:
    """The difference of each from the real rows; those not to be chosen widen and lend nothing."""
    candidates = _may_be_chosen(every)
    judged = iter(pooled_together(candidates, REAL))
    return [
        next(judged) if one in candidates else pooled(one[1], one[0], REAL, len(candidates))
        for one in every
    ]


def _combination(
    cells: list[Cell], arm: str, privacy: PrivacyOf, costs: pd.Series, found: Estimate | None
) -> Combination:
    rows = cells[0].of.rows
    places = np.concatenate([cell.own(arm) for cell in cells])
    jobs = tuple(dict.fromkeys(rows.job.to_numpy()[places]))
    profiler, settings = cells[0].profiling(arm)
    alone = arm in cells[0].on_real
    made = {
        name: "" if alone else str(cells[0].names[name])
        for name in ("generator", "generator_settings")
    }
    return Combination(
        names={**made, "profiler": profiler, "profiler_settings": settings, "arm": arm},
        cells=cells,
        real=level(cells, REAL).mean,
        mean=level(cells, arm).mean,
        found=found,
        privacy=privacy.jobs(jobs),
        cpu_seconds=float(costs.reindex(jobs).mean()),
        jobs=jobs,
    )


def _place(one: Combination, direction: str) -> tuple[bool, float]:
    """Those set against the real rows first, from the best to the worst."""
    gain = one.gain[0]
    if np.isnan(gain):
        return True, one.mean if direction == "min" else -one.mean
    return False, -gain
