"""Features from which the target can be read off, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tabsculpt.table import Column, FloatArray, Kind, Table, Task

R2_AT_LEAST = 0.95
ACCURACY_AT_LEAST = 0.99
_ROWS_AT_MOST = 5000
_FOLDS = 3
_LEAVES = 64
_PIXELS = 50


@dataclass(frozen=True)
class Score:
    """How well one feature predicts the target: ``R2`` or ``balanced accuracy``."""

    measure: str
    value: float


def determining_features(train: Table) -> dict[str, Score]:
    """The features whose cross-validated score says that they (nearly) determine the target.

    A tree of at most 64 leaves is grown on one feature at a time, in three folds of at most 5,000
    rows; R2 of at least 0.95 in a regression, or balanced accuracy of at least 0.99 in a
    classification, is reported. A regression is also scored with a straight line, which follows
    a linear rule on few rows more closely than a tree. Of the pixels of images, those are looked at
    whose means differ most between the classes.

    Args:
        train: the train rows.

    Returns:
        Score by feature, in the order of the columns.
    """
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(train))[:_ROWS_AT_MOST]
    part = train.take(np.sort(rows))
    target = part.target
    if part.schema.task is not Task.REGRESSION:
        codes, counts = np.unique(target, return_counts=True)
        frequent = np.isin(target, codes[counts >= _FOLDS])
        part, target = part.take(frequent), target[frequent]
    if len(part) < 2 * _FOLDS or len(np.unique(target)) < 2:
        return {}
    found = {}
    for column in _looked_at(part):
        values = part.frame[column.name]
        numbers = values.cat.codes if column.kind is Kind.CATEGORICAL else values
        matrix = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
        score = _scored(matrix, target, part.schema.task)
        limit = R2_AT_LEAST if part.schema.task is Task.REGRESSION else ACCURACY_AT_LEAST
        if score.value >= limit:
            found[column.name] = score
    return found


def _looked_at(part: Table) -> Sequence[Column]:
    """The features but text; of pixels the 50 with the greatest variance between classes."""
    features = part.without_text().schema.features
    if part.schema.pixels is None or part.schema.task is Task.REGRESSION:
        return features
    matrix, target = part.matrix(), part.target
    classes = [matrix[target == code] for code in np.unique(target)]
    middle = matrix.mean(axis=0)
    between = sum(len(rows) * np.square(rows.mean(axis=0) - middle) for rows in classes)
    whole = np.square(matrix - middle).sum(axis=0)
    share = np.divide(between, whole, out=np.zeros_like(whole), where=whole > 0)
    return [features[place] for place in np.sort(np.argsort(-share, kind="stable")[:_PIXELS])]


def _ranked(values: FloatArray) -> FloatArray:
    """Ranks, by which a tree cuts as by the values: those need not fit into its float32."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, method="dense", nan_policy="omit"))[:, None]


def _scaled(values: FloatArray) -> FloatArray:
    """The values with a largest one of size 1, so that no square overflows."""
    largest = np.abs(values).max()
    return (values / largest if largest else values)[:, None]


def _scored(values: FloatArray, target: Any, task: Task) -> Score:
    from sklearn.linear_model import LinearRegression
    from sklearn.metrics import balanced_accuracy_score, r2_score
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if task is not Task.REGRESSION:
        tree = DecisionTreeClassifier(max_leaf_nodes=_LEAVES, random_state=0)
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        predicted = cross_val_predict(tree, _ranked(values), target, cv=folds)
        return Score("balanced accuracy", float(balanced_accuracy_score(target, predicted)))
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    target = _scaled(target)[:, 0]
    models = [(DecisionTreeRegressor(max_leaf_nodes=_LEAVES, random_state=0), _ranked(values))]
    if not np.isnan(values).any():
        models.append((LinearRegression(), _scaled(values)))
    scores = [r2_score(target, cross_val_predict(m, x, target, cv=folds)) for m, x in models]
    return Score("R2", float(max(scores)))
