"""An arm over splits, fits and draws of rows at once, and whether synthetic rows help at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.analysis.comparisons import pooled
from tabsculpt.analysis.estimates import Estimate, Verdict
from tabsculpt.analysis.measurements import REAL, Cell
from tabsculpt.stats.resampled import Resampled, resampled_difference


@dataclass(frozen=True)
class PooledLevel:
    """What an arm reaches over splits and fits.

    Attributes:
        over: its mean with the interval over splits and fits, predictors and draws averaged.
        draws: sampling seeds of each fit, at most.
    """

    over: Resampled
    draws: int


def pooled_level(cells: Sequence[Cell], arm: str) -> PooledLevel | None:
    """The level of an arm over the units that all arms of a cell have a value on; None without any.

    Args:
        cells: of one metric, such as those of the steps of a protocol, which are averaged.
        arm: its name.
    """
    parts = []
    for cell in cells:
        if arm in cell.arms:
            units = cell.units(["sample_seed"]).reset_index(drop=True)
            part = units.assign(
                value=cell.values[:, cell.arms.index(arm)],
                split=cell.design.splits,
                fit=cell.design.fits,
                share=cell.design.test_shares,
            )
            parts.append(part[cell.shared])
    known = pd.concat(parts).dropna(subset="value") if parts else pd.DataFrame()
    if known.empty:
        return None
    fits = known.groupby(["split", "fit"]).value.mean()
    values = [of.to_numpy(np.float64) for _, of in fits.groupby(level="split")]
    share = float(known.groupby("split").share.first().mean())
    draws = max(1, known.groupby("fit").sample_seed.nunique().max())
    return PooledLevel(resampled_difference(values, share, 0.0), int(draws))


@dataclass(frozen=True, eq=False)
class Answer:
    """Whether synthetic rows help: the arm that speaks most for it, against real rows alone.

    Attributes:
        arm: its name; ``cells``: where it stands, of the metric that the task is judged by.
        found: its difference from the real baseline, arm less baseline.
        level, real: the means of the two.
        of: how many arms were set against the baseline.
    """

    arm: str
    cells: Sequence[Cell]
    found: Estimate
    level: float
    real: float
    of: int


def answer(groups: Sequence[Sequence[Cell]]) -> Answer | None:
    """What the verdicts on the arms of one data set say; None without a baseline or an arm.

    An arm that the verdict calls better goes before one that has the better mean and is not called
    so.

    Args:
        groups: the cells of each generator, profiler and protocol.
    """
    found: list[Answer] = []
    for cells in groups:
        for arm in dict.fromkeys(arm for cell in cells for arm in cell.arms if arm != REAL):
            estimate = pooled(cells, arm, REAL)
            sides = [pooled_level(cells, each) for each in (arm, REAL)]
            if estimate is not None and None not in sides:
                means = [side.over.mean for side in sides if side is not None]
                found.append(Answer(arm, cells, estimate, means[0], means[1], 0))
    if not found:
        return None
    better = [one for one in found if one.found.verdict == Verdict.BETTER]
    sign = 1 if found[0].cells[0].direction == "min" else -1
    best = min(better or found, key=lambda one: sign * one.found.over.mean)
    return Answer(best.arm, best.cells, best.found, best.level, best.real, len(found))
