"""How diverse categories and predicted probabilities are.

Source: "Improving Predictions on Highly Unbalanced Data Using Open Source Synthetic Data
Upsampling", 2025, https://arxiv.org/abs/2507.16419
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.metrics.features import category_counts
from tabsculpt.table import Column, FloatArray, Table

DECIMALS = 9


def shannon_entropy(values: pd.Series, column: Column) -> float:
    """Shannon entropy of a column of categories or booleans, in bits; in [0, log2 categories].

    Missing is a category of its own. Good is what real rows have: less says that categories are
    lost or crowded out, more that rare ones are made too often.

    Args:
        values: shape (n,), n at least 1.
        column: what they are.
    """
    counts = category_counts(values, column)
    shares = counts[counts > 0] / len(values)
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def entropies(table: Table) -> dict[str, float]:
    """`shannon_entropy` of each column of categories or booleans, the target among them."""
    return {
        column.name: shannon_entropy(table.frame[column.name], column)
        for column in table.schema.columns
        if not column.is_numeric
    }


def probability_diversity(truth: npt.NDArray[Any], prediction: FloatArray) -> float:
    """The share of distinct predictions: how many different probability vectors per row.

    Formula: distinct rows of p (9 decimals) / n; in (0, 1].

    In (0, 1], high is good: a model that learnt from few or copied rows gives many rows the same
    probability, so that few thresholds are left to choose from. Probabilities count as equal when
    they agree to 9 decimals. The source shows it as a histogram and gives no formula.

    Args:
        truth: shape (n,), class codes; not used.
        prediction: shape (n, classes), probabilities.

    Raises:
        ValueError: shapes that do not fit, or values that are not finite.
    """
    from tabsculpt.metrics.classification import check

    check(truth, prediction)
    return len(np.unique(prediction.round(DECIMALS), axis=0)) / len(prediction)
