"""The level of an arm: its mean over units, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.pairs import mean


@dataclass(frozen=True)
class Level:
    """What an arm reaches.

    Attributes:
        mean: over units; NaN where it has no value.
        deviation: standard deviation (n - 1) of the means of its predictors; NaN below two.
        n: values in it; ``of``: how many there would be had everything run and gone well.
    """

    mean: float
    deviation: float
    n: int
    of: int


def level_of(values: Iterable[float | None]) -> Level:
    """The level of some values of one kind; its deviation is theirs."""
    every = np.asarray(list(values), dtype=float)
    known = every[~np.isnan(every)]
    deviation = float(np.std(known, ddof=1)) if len(known) > 1 else float("nan")
    return Level(mean(known), deviation, len(known), len(every))


def level(cells: Sequence[Cell], arm: str, shared: bool = True) -> Level:
    """The level of an arm over some cells of one metric.

    Args:
        cells: such as those of the steps of a protocol.
        arm: its name.
        shared: over the units that all arms of a cell have a value on, so that levels side by side
            can be compared; otherwise over all units of its own.
    """
    of = [(cell, cell.arms.index(arm)) for cell in cells if arm in cell.arms]
    if not of:
        return Level(float("nan"), float("nan"), 0, 0)
    rows = of[0][0].of
    at = np.concatenate([c.at[c.shared if shared else slice(None), place] for c, place in of])
    at = at[at >= 0]
    at = at[~np.isnan(rows.values[at])]
    values, who = rows.values[at], rows.rows.predictor.to_numpy()[at]
    by_predictor = [mean(values[who == name]) for name in dict.fromkeys(who)]
    deviation = float(np.std(by_predictor, ddof=1)) if len(by_predictor) > 1 else float("nan")
    asked = len(np.unique(np.concatenate([cell.own(arm) for cell, _ in of])))
    absent = sum(cell.counts(arm)["absent"] for cell, _ in of)
    return Level(mean(values), deviation, len(np.unique(at)), asked + absent)


def sampled(cells: Sequence[Cell], arm: str) -> tuple[float, float, float]:
    """The mean level of an arm, and the least and the greatest of its sampling seeds."""
    values, seeds = [np.empty(0)], [np.empty(0)]
    for cell in cells:
        if arm in cell.arms:
            values.append(cell.values[cell.shared, cell.arms.index(arm)])
            units = cell.units(["sample_seed"])[cell.shared]
            seeds.append(units.sample_seed.fillna(-1).to_numpy(dtype=float))
    found, of = np.concatenate(values), np.concatenate(seeds)
    found, of = found[~np.isnan(found)], of[~np.isnan(found)]
    means = [mean(found[of == seed]) for seed in np.unique(of)]
    nothing = float("nan")
    return (mean(np.array(means)), min(means, default=nothing), max(means, default=nothing))


@dataclass(frozen=True)
class Change:
    """A mean change, and the reach of its 95 % interval (Student's t) to either side.

    Attributes:
        mean: NaN without any; ``reach``: NaN below two.
        n: changes; ``of``: how many were to be had.
    """

    mean: float
    reach: float
    n: int
    of: int


def change_of(values: Iterable[float | None]) -> Change:
    """The mean of some changes, as if each were independent of the others."""
    from scipy.stats import t

    every = np.asarray(list(values), dtype=float)
    known = every[~np.isnan(every)]
    n, reach = len(known), float("nan")
    if n > 1:
        reach = float(t.ppf(0.975, n - 1) * known.std(ddof=1) / n**0.5)
    return Change(mean(known), reach, n, len(every))
