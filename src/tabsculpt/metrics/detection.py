"""How well boosted trees tell synthetic rows from real ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from tabsculpt.metrics.features import row_identities, whole_matrix
from tabsculpt.table import FloatArray, IntArray, Table

ROUNDS = 50
FOLDS = 5
LEAST_ROWS = 20
SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 5,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
}


def detection_auc(real: Table, other: Table, seed: int) -> float:
    """Area under the ROC curve of a classifier of real against other rows; in [0, 1].

    Low is good: 0.5 where they cannot be distinguished, 1 where they always can. LightGBM (50
    rounds of at most 15 leaves) in 5 folds, the mean of the folds' areas. Missing values are seen
    as such. Up to 5 rows that are equal are in the same fold, whatever table they come from: a
    copy that is learnt as real would otherwise be called real with certainty, and a table of
    copies score below 0.5. Rows that recur more often are spread over the folds as any others, so
    that a table of few distinct rows is found out, and tables of few categories are distinguished
    by how often each row comes.

    Source: Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017,
    https://arxiv.org/abs/1610.06545, with boosted trees and the area in place of the accuracy.

    Args:
        real: at least 20 rows.
        other: as many rows.
        seed: of the folds.
    """
    from sklearn.metrics import roc_auc_score

    rows = np.vstack([whole_matrix(real), whole_matrix(other)])
    label = np.repeat([0, 1], [len(real), len(other)])
    fold = _folds(row_identities(rows), label, seed)
    areas = [
        roc_auc_score(label[fold == k], _scores(rows, label, fold == k))
        for k in range(FOLDS)
        if np.ptp(label[fold == k])
    ]
    return float(np.mean(areas))


def _scores(rows: FloatArray, label: IntArray, held: Any) -> FloatArray:
    import lightgbm

    data = lightgbm.Dataset(rows[~held], label[~held])
    return np.asarray(lightgbm.train(SETTINGS, data, ROUNDS).predict(rows[held], num_threads=1))


def _folds(identity: IntArray, label: IntArray, seed: int) -> IntArray:
    """The fold of each row: few equal rows together; labels, and rows with both, spread evenly."""
    often = np.bincount(identity)[identity] > FOLDS
    unit = np.where(often, identity.max() + 1 + np.arange(len(identity)), identity)
    _, unit = np.unique(unit, return_inverse=True)
    kinds = np.bincount(unit, label == 0) > 0, np.bincount(unit, label == 1) > 0
    order = np.random.default_rng(seed).permutation(len(kinds[0]))
    order = order[np.argsort((kinds[0] * 2 + kinds[1])[order], kind="stable")]
    fold = np.empty(len(order), dtype=np.int64)
    fold[order] = np.arange(len(order)) % FOLDS
    return fold[unit]
