"""How far the distributions of single columns are apart, as a number in [0, 1]."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.metrics.features import category_counts
from tabsculpt.table import Column, Table


def kolmogorov_smirnov(real: pd.Series, other: pd.Series) -> float:
    """The largest difference between two empirical distribution functions; in [0, 1], low is good.

    Missing values are left out. NaN where one side has no value.

    Source: Massey, "The Kolmogorov-Smirnov Test for Goodness of Fit", Journal of the American
    Statistical Association 46, 1951, https://doi.org/10.1080/01621459.1951.10500769

    Args:
        real: shape (n,), numbers.
        other: shape (m,), numbers.
    """
    a = np.sort(np.asarray(real.dropna(), dtype=np.float64))
    b = np.sort(np.asarray(other.dropna(), dtype=np.float64))
    if not a.size or not b.size:
        return float("nan")
    at = np.concatenate([a, b])
    below_a = np.searchsorted(a, at, side="right") / a.size
    below_b = np.searchsorted(b, at, side="right") / b.size
    return float(np.abs(below_a - below_b).max())


def total_variation(real: pd.Series, other: pd.Series, column: Column) -> float:
    """Half the summed difference of the categories' shares; in [0, 1], low is good.

    Missing is a category of its own.

    Source: Gibbs and Su, "On Choosing and Bounding Probability Metrics", International Statistical
    Review 70, 2002, https://arxiv.org/abs/math/0209021

    Args:
        real: shape (n,), n at least 1, of categories or booleans.
        other: shape (m,), m at least 1.
        column: what they are.
    """
    shares = category_counts(real, column) / len(real)
    return float(np.abs(shares - category_counts(other, column) / len(other)).sum() / 2)


def marginal_distances(real: Table, other: Table) -> dict[str, float]:
    """`kolmogorov_smirnov` of each column of numbers, `total_variation` of each other column."""
    return {
        column.name: kolmogorov_smirnov(real.frame[column.name], other.frame[column.name])
        if column.is_numeric
        else total_variation(real.frame[column.name], other.frame[column.name], column)
        for column in real.schema.columns
    }
