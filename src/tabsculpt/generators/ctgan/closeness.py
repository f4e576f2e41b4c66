"""How far drawn rows are from real ones, column by column, by what matters for the target."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import FloatArray, Table, Task


def column_weights(table: Table, encoding: Encoding, seed: int) -> dict[str, float]:
    """How much each encoded column counts: by its importance to boosted trees; they sum to 1.

    The importance of a feature is the share of the trees' gain that its splits make. The target
    has none of its own and counts as much as all features together.

    Source: as of `tabsculpt.generators.ctgan.best.Kept`; there the trees are those of XGBoost, and
    the target is left out.

    Args:
        table: the training rows, on which the trees are fitted.
        encoding: of these rows.
        seed: of the trees.
    """
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    classify = table.schema.task is not Task.REGRESSION
    frame = encoding.encode(table, seed)
    target = encoding.name_of(table.schema.target)
    features = [name for name in frame if name.partition("_")[0] != target]
    weights = dict.fromkeys(frame, 0.0)
    if features and target in frame:
        trees = GradientBoostingClassifier if classify else GradientBoostingRegressor
        model = trees(n_estimators=50, random_state=seed)
        model.fit(frame[features].to_numpy(), frame[target].to_numpy())
        weights.update(zip(features, model.feature_importances_.tolist(), strict=True))
    total = sum(weights.values())
    if target in weights:
        weights[target] = total or 1.0
        total += weights[target]
    return {name: w / total if total else 1 / len(weights) for name, w in weights.items()}


def weighted_distance(
    real: pd.DataFrame, drawn: pd.DataFrame, discrete: list[str], weights: Mapping[str, float]
) -> float:
    """The mean over the columns of the Kolmogorov-Smirnov statistic, between 0 and 1.

    For columns of codes, whose order means nothing, it is the total variation distance.

    Args:
        real: encoded rows, shape (n, d).
        drawn: encoded rows, shape (m, d).
        discrete: the columns of codes.
        weights: of the columns in the mean; they sum to 1.
    """
    total = 0.0
    for name in real:
        a, b = real[name].to_numpy(), drawn[name].to_numpy()
        distance = _total_variation(a, b) if name in discrete else _kolmogorov_smirnov(a, b)
        total += weights[name] * distance
    return total


def _kolmogorov_smirnov(a: FloatArray, b: FloatArray) -> float:
    a, b = np.sort(a), np.sort(b)
    values = np.concatenate([a, b])
    below = [np.searchsorted(x, values, side="right") / len(x) for x in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def _total_variation(a: FloatArray, b: FloatArray) -> float:
    size = int(max(a.max(), b.max())) + 1
    shares = [np.bincount(x.astype(np.int64), minlength=size) / len(x) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
