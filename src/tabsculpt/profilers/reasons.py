"""Why a row is hard, in plain words."""

from __future__ import annotations

import numpy as np

from tabsculpt.profilers.features import standard_features
from tabsculpt.profilers.folds import folds
from tabsculpt.table import FloatArray, Table, Task

NEIGHBOURS = 5
FAR = 3.5
"""Modified z-score from which a value is called unusual (Iglewicz and Hoaglin, 1993)."""


def reasons(table: Table, seed: int) -> list[str]:
    """Say of each row how its target compares with rows like it, and what is unusual in it.

    Rows like it are its 5 nearest neighbours in standardised features, from other cross-fitting
    folds, so that the copies within a group say nothing. Unusual is a number whose modified
    z-score, 0.6745 (x - median) / MAD, is beyond 3.5.

    Args:
        table: n rows.
        seed: of the folds.

    Returns:
        One line per row.
    """
    expected = _expected(table, seed)
    unusual = _unusual(table)
    return ["; ".join(filter(None, pair)) for pair in zip(expected, unusual, strict=True)]


def _expected(table: Table, seed: int) -> list[str]:
    from sklearn.neighbors import NearestNeighbors

    features, target = standard_features(table), table.target
    words = [""] * len(table)
    for fit, predict in folds(table, 5, seed):
        finder = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(fit))).fit(features[fit])
        near = fit[finder.kneighbors(features[predict], return_distance=False)]
        for row, neighbours in zip(predict, near, strict=True):
            words[row] = _compared(table, target[row], target[neighbours])
    return words


def _compared(table: Table, own: float, near: FloatArray) -> str:
    name = table.schema.target
    if table.schema.task is Task.REGRESSION:
        low, high = near.min(), near.max()
        if low <= own <= high:
            return f"{name} {own:.4g} is what the {len(near)} rows most like it have"
        like = f"the {len(near)} rows most like it have {low:.4g} to {high:.4g}"
        return f"{name} {own:.4g}, where {like}"
    label = table.schema.classes[int(own)]
    same = int((near == own).sum())
    return f"{name} {label!r} is shared by {same} of the {len(near)} rows most like it"


def _unusual(table: Table) -> list[str]:
    found: list[list[str]] = [[] for _ in range(len(table))]
    for column in table.schema.features:
        if not column.is_numeric:
            continue
        values = table.frame[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
        median = np.nanmedian(values)
        deviation = np.nanmedian(np.abs(values - median))
        if deviation == 0:
            continue
        far = 0.6745 * np.abs(values - median) / deviation > FAR
        for row in np.flatnonzero(far):
            found[row].append(f"{column.name} {values[row]:.4g} (median {median:.4g})")
    return [f"unusual: {', '.join(words)}" if words else "" for words in found]
