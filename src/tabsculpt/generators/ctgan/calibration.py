"""Made numbers at the quantiles that real ones have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.table import FloatArray

_QUANTILES = 200

_CONSTANT = 1e-6
"""A column whose made values span less than this says nothing of their order."""


@dataclass(frozen=True)
class Calibration:
    """A rising function of each column of numbers, after which it is standard normal.

    Real numbers are normal scores, and an adversary that is trained for a short time makes too
    narrow a distribution of them: their tails are next to never made. Rising functions leave the
    order of the rows in each column as it was, and so what the columns say of each other.

    Attributes:
        made: by column, made values at the shares (k + 1/2) / 200, rising.
    """

    made: Mapping[str, tuple[float, ...]]

    @classmethod
    def learn(cls, frame: pd.DataFrame, names: list[str]) -> Calibration:
        """From made rows, encoded; ``names`` are the columns of numbers."""
        made = {name: np.quantile(frame[name].to_numpy(), _shares()) for name in names}
        wide = {name: at for name, at in made.items() if at[-1] - at[0] > _CONSTANT}
        return cls({name: tuple(at.tolist()) for name, at in wide.items()})

    def applied(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Encoded rows with their numbers calibrated; beyond the ends they go on at slope 1."""
        from scipy.special import ndtri

        scores = ndtri(_shares())
        columns = {}
        for name, at in self.made.items():
            values = frame[name].to_numpy()
            inside = values.clip(at[0], at[-1])
            columns[name] = np.interp(inside, at, scores) + values - inside
        return frame.assign(**columns)


def _shares() -> FloatArray:
    return (np.arange(_QUANTILES) + 0.5) / _QUANTILES
