"""What the difference of two arms says: over other splits and fits, and as it was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tabsculpt.analysis.cells import REAL, BoolArray, Cell
from tabsculpt.stats.resampled import (
    LEAST_SPLITS,
    SURE,
    Resampled,
    Verdict,
    judged_together,
    resampled_difference,
    splits_needed,
)
from tabsculpt.stats.spread import LENT
from tabsculpt.stats.wilcoxon import Paired, differences_of, signed_rank
from tabsculpt.table import FloatArray, IntArray

__all__ = [
    "LEAST_SPLITS",
    "LENT",
    "ROPE",
    "SURE",
    "Estimate",
    "Verdict",
    "estimate",
    "together",
    "turned_round",
    "words",
]
ROPE = 0.01
"""Half the width of the region of practical equivalence, as a share of the real baseline's mean."""
PUBLISHED_FALSE_ALARMS = (0.38, 0.44)
"""How often two fits of one generator have a published p below 0.05, with four fits of a split on
each side and with one: ``python scripts/calibrate_verdicts.py --draws 400 --pool FOLDER``."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """The difference of two arms, first less second.

    Attributes:
        over: what splits and fits say, each a value once: predictors and draws of synthetic rows
            are averaged, as they are repeats of a fit and no evidence of their own.
        values: of both arms on all units, repeats among them, shape (n, 2).
        rope: half the width of the region of practical equivalence, in the metric's unit.
        verdict: on the first arm.
        needed: splits that would settle it, were mean and spread to stay: the least to expect; None
            where that is not known or none would.
    """

    over: Resampled
    values: FloatArray
    rope: float
    verdict: Verdict
    needed: int | None

    @cached_property
    def published(self) -> Paired:
        """The signed-rank test over all units, as published; only where it is asked for."""
        return signed_rank(self.values[:, 0], self.values[:, 1])

    @property
    def words(self) -> str:
        """See `words`."""
        return words(self.verdict, self.over.splits, self.needed)

    def better(self, first: str, second: str) -> str | None:
        """Which of the two arms the verdict calls better; None where neither."""
        return {Verdict.BETTER: first, Verdict.WORSE: second}.get(self.verdict)


def estimate(
    cells: Sequence[Cell],
    places: Sequence[BoolArray],
    values: FloatArray,
    rope: float = ROPE,
    looks: int = 1,
) -> Estimate:
    """What the values of two arms on the same units say of their difference.

    Every difference, interval, p and verdict between two arms comes from here. Several cells, such
    as the proportions of a protocol, are averaged within a fit.

    Args:
        cells: of one metric, at least one.
        places: which units of each cell both arms have.
        values: those of the two on these units, one cell after the other, shape (n, 2).
        rope: as a share of the baseline's mean, see `equivalence`.
        looks: among how many pairs this one was chosen for its values, such as the best of three
            arms against the baseline; see `resampled_difference`.
    """
    designs = [cell.design.at(at) for cell, at in zip(cells, places, strict=True)]
    splits, fits, shares = (
        np.concatenate([getattr(design, name) for design in designs])
        for name in ("splits", "fits", "test_shares")
    )
    width = equivalence(cells, values, rope)
    share = float(shares[np.unique(splits, return_index=True)[1]].mean())
    differences = _by_split(differences_of(values[:, 0], values[:, 1]), splits, fits)
    over = resampled_difference(differences, share, width, looks)
    return Estimate(
        over=over,
        values=values,
        rope=width,
        verdict=over.verdict(cells[0].direction),
        needed=splits_needed(over, width),
    )


def together(found: Sequence[Estimate], direction: str) -> list[Estimate]:
    """Estimates among which the best is chosen, see `tabsculpt.stats.resampled.judged_together`.

    Args:
        found: on the same data, each with the number of looks.
        direction: of the metric, "min" or "max".
    """
    judged = judged_together([one.over for one in found], [one.rope for one in found])
    return [
        replace(
            one,
            over=over,
            verdict=over.verdict(direction),
            needed=splits_needed(over, one.rope),
        )
        for one, over in zip(found, judged, strict=True)
    ]


def equivalence(cells: Sequence[Cell], values: FloatArray, rope: float = ROPE) -> float:
    """Half the width of the region of practical equivalence, in the metric's unit.

    A share of the absolute mean of the real baseline, or of the two arms where it was not run.
    """
    real = [cell.of.values[cell.own(REAL)] for cell in cells if REAL in cell.arms]
    known = np.concatenate([np.empty(0), *real])
    known = known[~np.isnan(known)]
    return rope * abs(float(np.mean(known if len(known) else values)))


def words(verdict: Any, splits: int, needed: float | None) -> str:
    """A verdict as it is shown, with what would settle it.

    Args:
        verdict: of the first arm.
        splits: how many there are.
        needed: see `Estimate`.
    """
    if verdict != Verdict.UNKNOWN:
        return str(verdict)
    if splits >= LEAST_SPLITS and (needed is None or np.isnan(needed)):
        return f"{verdict} (more rows needed, not splits)"
    few = splits < LEAST_SPLITS or needed is None
    more = LEAST_SPLITS - splits if few or needed is None else max(1, int(needed) - splits)
    return f"{verdict} (at least {more} more split{'s' * (more > 1)})"


def turned_round(verdict: Any) -> Verdict:
    """What a verdict on the first of two arms says of the second."""
    turned = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    return turned.get(Verdict(verdict), Verdict(verdict))


def _by_split(differences: FloatArray, splits: IntArray, fits: IntArray) -> list[FloatArray]:
    """The mean difference of each fit, by split."""
    fit, place, counts = np.unique(fits, return_index=True, return_counts=True)
    means = np.bincount(np.searchsorted(fit, fits), weights=differences) / counts
    of = splits[place]
    return [means[of == split] for split in np.unique(of)]
