"""Two arms over the units that both have: difference, interval, p, verdict, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import BoolArray, Cell, State
from tabsculpt.analysis.columns import UNIT
from tabsculpt.analysis.estimates import ROPE, Estimate, estimate, together
from tabsculpt.table import FloatArray

PUBLISHED = ("n_zero", "hodges_lehmann", "effect", "statistic", "smallest_p", "shapiro_p")
"""What a table of comparisons has of the signed-rank test besides its p."""
Missing = Literal["complete", "worst"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two arms of a cell over exactly the units that both have a value on.

    Attributes:
        cell: where they stand.
        first, second: the arms.
        shared: which units of the cell both have.
        values: shape (n, 2), those of first and second on these units.
        n_filled: values in it that a failed run was given.
        failed: units on which both ran and a value is missing, of first and of second; one on
            which both failed counts for both.
        not_run: units that the other arm has and first, or second, was never run on.
        n_missing: how many units one of them has and the comparison has not.
        found: the estimate of the difference, first less second; None without a shared unit.
    """

    cell: Cell
    first: str
    second: str
    shared: BoolArray
    values: FloatArray
    n_filled: int
    failed: tuple[int, int]
    not_run: tuple[int, int]
    n_missing: int
    found: Estimate | None

    @property
    def means(self) -> tuple[float, float]:
        """Of first and second, over the same units."""
        return mean(self.values[:, 0]), mean(self.values[:, 1])

    def units(self, names: Sequence[str] = UNIT) -> pd.DataFrame:
        """What each unit that both have is, see `Cell.units`."""
        return self.cell.units(names)[self.shared]

    @property
    def better(self) -> str | None:
        """The arm that the verdict calls better; None where it calls neither."""
        return None if self.found is None else self.found.better(self.first, self.second)

    def record(self, p_holm: float, pairs: int) -> dict[str, Any]:
        """A row of the table of comparisons, see `compare`."""
        assert self.found is not None
        over, published = self.found.over, self.found.published
        higher, lower = (over.above, over.below)[:: -1 if self.cell.direction == "min" else 1]
        return {
            "first": self.first,
            "second": self.second,
            "n": len(self.values),
            "splits": over.splits,
            "fits": over.fits,
            "mean_first": self.means[0],
            "mean_second": self.means[1],
            "difference": over.mean,
            "low": over.low,
            "high": over.high,
            "error": over.error,
            "p": over.p,
            "p_holm": p_holm,
            "rope": self.found.rope,
            "probability_better": higher,
            "probability_equal": over.within,
            "probability_worse": lower,
            "verdict": str(self.found.verdict),
            "splits_needed": self.found.needed,
            "conclusion": self.found.words,
            "better": self.better,
            "n_missing": self.n_missing,
            "failed_first": self.failed[0],
            "failed_second": self.failed[1],
            "not_run_first": self.not_run[0],
            "not_run_second": self.not_run[1],
            "n_filled": self.n_filled,
            "p_published": min(1.0, published.p * pairs),
            "p_wilcoxon": published.p,
            **{name: getattr(published, name) for name in PUBLISHED},
        }


def mean(values: FloatArray) -> float:
    """The mean that is shown of some values; NaN of none."""
    return float(np.mean(values)) if len(values) else float("nan")


def comparison(
    cell: Cell, first: str, second: str, missing: Missing = "complete", rope: float = ROPE
) -> Comparison:
    """Two arms of a cell; see `comparisons`."""
    places = [cell.arms.index(first), cell.arms.index(second)]
    values, states = cell.values[:, places], cell.states[:, places]
    ran = (states != State.NOT_RUN).all(axis=1)
    failed = ran[:, None] & (states == State.FAILED)
    not_run = (_without(cell, states, first, second), _without(cell, states, second, first, 1))
    n_filled = 0
    if missing == "worst":
        known = with_worst(cell, first, second)
        values, n_filled = known, int((np.isnan(values) & ~np.isnan(known))[ran].sum())
    both = np.asarray(~np.isnan(values).any(axis=1))
    n_missing = int((ran & ~both).sum()) + sum(not_run)
    found = estimate([cell], [both], values[both], rope) if both.any() else None
    return Comparison(
        cell=cell,
        first=first,
        second=second,
        shared=both,
        values=values[both],
        n_filled=n_filled,
        failed=(int(failed[:, 0].sum()), int(failed[:, 1].sum())),
        not_run=not_run,
        n_missing=n_missing,
        found=found,
    )


def with_worst(cell: Cell, *arms: str) -> FloatArray:
    """The values of some arms of a cell, where a run that failed has the worst of them.

    What was never run stays NaN, and so does a metric that is not defined on the test rows.
    """
    places = [cell.arms.index(arm) for arm in arms]
    values, at = cell.values[:, places], cell.at[:, places]
    if np.isnan(values).all():
        return values
    bad = (at >= 0) & ~cell.of.ended_well[at] & np.isnan(values)
    return np.where(
        bad, np.nanmax(values) if cell.direction == "min" else np.nanmin(values), values
    )


def _without(cell: Cell, states: Any, arm: str, other: str, side: int = 0) -> int:
    """Units of the other arm that this one was not run on.

    Arms of real rows have a run for all sampling seeds: an arm without that run lacks one unit.
    """
    here, there = states[:, side] != State.NOT_RUN, states[:, 1 - side] != State.NOT_RUN
    if other not in cell.on_real:
        return int((there & ~here).sum())
    return len(np.setdiff1d(cell.run[there], cell.run[here]))


def pooled(
    cells: Sequence[Cell], first: str, second: str, looks: int = 1, rope: float = ROPE
) -> Estimate | None:
    """The difference of two arms over several cells, such as the steps of a protocol.

    None where they share no unit in any.

    Args:
        cells: of one metric.
        first: an arm.
        second: another one.
        looks: among how many pairs this one was chosen for its values: the best of k arms against
            the baseline is one of k. The best against the next best needs no more than one: the
            two-sided test of these two holds its level whatever the number of arms (Hung and
            Fithian, Rank Verification for Exponential Families, Annals of Statistics 47, 2019,
            https://doi.org/10.1214/17-AOS1634).
        rope: region of practical equivalence, as a share of the real baseline's mean.
    """
    pairs = [comparison(cell, first, second) for cell in cells if {first, second} <= set(cell.arms)]
    pairs = [pair for pair in pairs if pair.found is not None]
    if not pairs:
        return None
    values = np.concatenate([pair.values for pair in pairs])
    shared = [pair.shared for pair in pairs]
    return estimate([pair.cell for pair in pairs], shared, values, rope, looks)


def pooled_together(
    arms: Sequence[tuple[str, Sequence[Cell]]], second: str
) -> list[Estimate | None]:
    """The differences of several arms from another one, so that the best of them may be picked.

    The 5 % are shared by all, and so is what their splits say of the size of the noise, see
    `tabsculpt.stats.spread.moderated`.

    Args:
        arms: each with its cells, all of one metric.
        second: what they are set against.
    """
    found = [pooled(cells, arm, second, len(arms)) for arm, cells in arms]
    known = [one for one in found if one is not None]
    judged = iter(together(known, arms[0][1][0].direction) if known else ())
    return [one if one is None else next(judged) for one in found]


def comparisons(cell: Cell, missing: Missing = "complete", rope: float = ROPE) -> list[Comparison]:
    """Every pair of arms of a cell, over the units that the two have.

    Args:
        cell: of `Measurements.cells`.
        missing: "complete" leaves out units where one of the two has no value; "worst" gives a run
            that failed the worst value of the pair. What was never run is never filled.
        rope: region of practical equivalence, as a share of the real baseline's mean.
    """
    return [comparison(cell, *pair, missing, rope) for pair in combinations(cell.arms, 2)]
