"""How far the columns of a synthetic table are from those of a real one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.metrics.ks import total_variation
from tabsculpt.table import Column, FloatArray, Table

SQUARED = 1e150
"""Size from which the square of a number may be none that a float holds."""


def quality(real_train: Table, synthetic: Table) -> dict[str, float]:
    """The Wasserstein-1 distance of each column, the target among them; 0 means alike.

    Numbers: the distance of the values that are there, over the standard deviation of the real
    column, so that columns of different units compare. A real column that does not vary is left
    in its own unit. Categories and booleans: the distance where any two values are 1 apart, which
    is the total variation distance, in [0, 1]; a missing value is a value of its own.

    Args:
        real_train: the training rows, at least one.
        synthetic: at least one row of the same schema.

    Returns:
        A distance of at least 0 for each column; NaN for a column of numbers that are all missing
        in one table but not in the other.

    Raises:
        ValueError: the schemas differ, or a table has no row.

    References:
        On Wasserstein Two-Sample Testing and Related Families of Nonparametric Tests, Ramdas,
        Garcia Trillos and Cuturi, 2017, https://doi.org/10.3390/e19020047
    """
    if real_train.schema != synthetic.schema:
        raise ValueError("the real and the synthetic table must have the same schema")
    if not len(real_train) or not len(synthetic):
        raise ValueError("the real and the synthetic table must each have a row")
    return {
        column.name: _distance(real_train.frame[column.name], synthetic.frame[column.name], column)
        for column in real_train.schema.columns
    }


def wasserstein_mean(real_train: Table, synthetic: Table) -> float:
    """The mean of `quality` over the columns; NaN where one of them is."""
    return float(np.mean(list(quality(real_train, synthetic).values())))


def _distance(real: pd.Series, synthetic: pd.Series, column: Column) -> float:
    if column.is_numeric:
        return _numeric(_observed(real), _observed(synthetic))
    return total_variation(real, synthetic, column)


def _observed(values: pd.Series) -> FloatArray:
    return np.asarray(values.dropna(), dtype=np.float64)


def _numeric(real: FloatArray, synthetic: FloatArray) -> float:
    from scipy.stats import wasserstein_distance

    if not real.size or not synthetic.size:
        return 0.0 if real.size == synthetic.size else float("nan")
    largest = float(np.abs(real).max()) or 1.0
    size = largest if largest > SQUARED else 1.0  # whose square a float does not hold
    real, synthetic = real / size, synthetic / size
    spread = real.std() if np.ptp(real) > 0 else 1.0
    return float(wasserstein_distance(real / spread, synthetic / spread))
