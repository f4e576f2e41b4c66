"""How far the associations between pairs of columns are apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from tabsculpt.metrics.features import category_codes
from tabsculpt.table import FloatArray, IntArray, Table

_SQUARE_FITS = 1e150
"""Numbers up to which squares are finite in double precision; r does not depend on the unit."""


def correlation_distance(real: Table, other: Table) -> float:
    """Mean absolute difference of Pearson's r over all pairs of numeric columns; in [0, 2].

    Low is good. Missing values are the medians of the real table; the correlation with a constant
    is 0. NaN where there are fewer than two columns of numbers.

    Source: Pearson, "Notes on Regression and Inheritance in the Case of Two Parents", Proceedings
    of the Royal Society 58, 1895. SDMetrics' correlation similarity is 1 minus half of this.
    """
    a, b = _numbers(real, real), _numbers(other, real)
    if a.shape[1] < 2:
        return float("nan")
    pairs = np.triu_indices(a.shape[1], 1)
    difference = _correlations(a)[pairs] - _correlations(b)[pairs]
    return float(np.abs(difference).mean())


def association_distance(real: Table, other: Table) -> float:
    """Mean absolute difference of the association over pairs with a category; in [0, 1].

    Low is good. Of two columns of categories (or booleans) Cramer's V, of one with a number the
    correlation ratio. Missing is a category of its own; missing numbers are the medians of the real
    table. NaN where there is no such pair.

    Source: Cramer, "Mathematical Methods of Statistics", 1946, section 21.9; Fisher, "Statistical
    Methods for Research Workers", 1925, section 45.
    """
    difference = np.abs(_associations(real, real) - _associations(other, real))
    return float(difference.mean()) if difference.size else float("nan")


def cramers_v(a: IntArray, b: IntArray) -> float:
    """Cramer's V of two columns of codes, shape (n,) each; in [0, 1], 0 where one is constant.

    Not corrected for bias, so that it is above 0 for independent columns.
    """
    height, width = int(a.max()) + 1, int(b.max()) + 1
    counts = np.bincount(a * width + b, minlength=height * width).reshape(height, width)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    smaller = min(counts.shape) - 1
    if smaller == 0:
        return 0.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / len(a)
    chi = ((counts - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi / (len(a) * smaller)))


def correlation_ratios(codes: IntArray, numbers: FloatArray) -> FloatArray:
    """Square root of the share of each number's variance that lies between the groups.

    Args:
        codes: shape (n,), the group of each row.
        numbers: shape (n, p).

    Returns:
        Shape (p,), in [0, 1]; 0 for a constant column.
    """
    standard, counts = _standardised(numbers), np.bincount(codes)
    used = counts > 0
    sums = np.stack([np.bincount(codes, column)[used] for column in standard.T])
    ratios: FloatArray = np.sqrt((sums**2 / counts[used]).sum(axis=1) / len(codes)).clip(0, 1)
    return ratios


def _associations(table: Table, real: Table) -> FloatArray:
    columns = [column for column in table.schema.columns if not column.is_numeric]
    codes = [category_codes(table.frame[column.name], column) for column in columns]
    found = [cramers_v(a, b) for a, b in combinations(codes, 2)]
    numbers = _numbers(table, real)
    if numbers.shape[1]:
        found += [ratio for a in codes for ratio in correlation_ratios(a, numbers)]
    return np.array(found)


def _numbers(table: Table, real: Table) -> FloatArray:
    """The numeric columns with a value in the real table, shape (n, p), nothing missing."""
    filled = []
    for column in table.schema.columns:
        if column.is_numeric and real.frame[column.name].notna().any():
            values, known = (
                t.frame[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
                for t in (table, real)
            )
            filled.append(np.where(np.isnan(values), np.nanmedian(known), values))
    return np.column_stack(filled) if filled else np.empty((len(table), 0))


def _standardised(numbers: FloatArray) -> FloatArray:
    largest = np.abs(numbers).max(axis=0, initial=0.0)
    numbers = numbers / np.where(largest > _SQUARE_FITS, largest, 1.0)
    varies = np.ptp(numbers, axis=0) > 0
    spread = np.where(varies, numbers.std(axis=0), 1.0)
    standard: FloatArray = (numbers - numbers.mean(axis=0)) / spread * varies
    return standard


def _correlations(numbers: FloatArray) -> FloatArray:
    standard = _standardised(numbers)
    correlations: FloatArray = standard.T @ standard / len(numbers)
    return correlations
