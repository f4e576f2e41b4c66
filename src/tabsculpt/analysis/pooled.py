"""An arm over splits, fits and draws of rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import Cell
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
