"""Tests over all arms at once: Kruskal-Wallis as published, and Friedman, which keeps the pairs."""

from __future__ import annotations

import numpy as np

from tabsculpt.analysis.cells import Cell
from tabsculpt.table import FloatArray


def kruskal_wallis(cell: Cell) -> tuple[float, float, int]:
    """Statistic, p and units of the test over all arms, on the units that all of them have.

    (0, 1, n) where all values are the same, NaN where there is no such unit.
    """
    from scipy.stats import kruskal

    whole = _whole(cell)
    if not len(whole):
        return float("nan"), float("nan"), 0
    if np.ptp(whole) == 0:
        return 0.0, 1.0, len(whole)
    statistic, p = kruskal(*whole.T)
    return float(statistic), float(p), len(whole)


def friedman(cell: Cell) -> tuple[float, float]:
    """Statistic and p of the Friedman test over the units of `kruskal_wallis`, which it pairs.

    NaN below 3 arms or 2 units, where it is not defined.
    """
    return friedman_test(_whole(cell))


def friedman_test(values: FloatArray) -> tuple[float, float]:
    """Statistic and p over the columns of values, shape (blocks, k); (0, 1) where all are tied.

    NaN below 3 columns or 2 blocks.
    """
    from scipy.stats import friedmanchisquare

    if values.shape[0] < 2 or values.shape[1] < 3:
        return float("nan"), float("nan")
    if not np.ptp(values, axis=1).any():
        return 0.0, 1.0
    statistic, p = friedmanchisquare(*values.T)
    return float(statistic), float(p)


def _whole(cell: Cell) -> FloatArray:
    """The values on the units that all arms have."""
    return cell.values[~np.isnan(cell.values).any(axis=1)]
