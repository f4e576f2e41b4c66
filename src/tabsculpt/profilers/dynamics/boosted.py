"""The dynamics of boosted trees: what they predict after each round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.dynamics.correctness import dynamics_of
from tabsculpt.profilers.dynamics.crossfit import Path, cross_fit
from tabsculpt.profilers.dynamics.transfer import matrices, transfer
from tabsculpt.table import FloatArray, IntArray, Table, Task


@dataclass(frozen=True)
class BoostedRecorder:
    """LightGBM, each boosting round a checkpoint: one fit per fold, nothing is refitted.

    A row's prediction after each round is the running sum of the values of the leaves that it
    falls into. Rounds in which no tree can be grown repeat the one before.

    Source: Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS 2017.

    Args:
        rounds: boosting rounds, each a checkpoint.
        learning_rate: of the boosting.
        leaves: most leaves of a tree.
        least_rows: fewest rows in a leaf.
        folds: number of folds of the cross-fitting; below 2, rows are predicted in-sample.
        refits: rounds of fitting with weights, see `cross_fit`.
    """

    libraries: ClassVar[tuple[str, ...]] = ("lightgbm", "scikit-learn")

    rounds: int = 50
    learning_rate: float = 0.1
    leaves: int = 8
    least_rows: int = 5
    folds: int = 5
    refits: int = 2

    def record(self, table: Table, seed: int) -> Dynamics:
        """See `Recorder.record`."""
        path = self._path(table.schema.task)
        outputs = cross_fit(table, Table.matrix, path, self.folds, self.refits, seed)
        return dynamics_of(table, outputs)

    def record_on(self, train: Table, scored: Table, seed: int) -> tuple[Dynamics, Dynamics]:
        """Record on train, and on other rows as trained on train; see `transfer`."""
        path = self._path(train.schema.task)
        return transfer(train, scored, matrices, path, self.folds, self.refits, seed)

    def _path(self, task: Task) -> Path:
        return self._numbers if task is Task.REGRESSION else self._classes

    def _numbers(
        self,
        features: FloatArray,
        labels: FloatArray | IntArray,
        weights: FloatArray,
        scored: FloatArray,
    ) -> FloatArray:
        centre, spread = labels.mean(), labels.std() or 1.0
        booster = self._fit(features, (labels - centre) / spread, weights, {"objective": "l2"})
        return _staged(booster, scored, 1, self.rounds)[:, :, 0] * spread + centre

    def _classes(
        self,
        features: FloatArray,
        labels: FloatArray | IntArray,
        weights: FloatArray,
        scored: FloatArray,
    ) -> FloatArray:
        from scipy.special import expit

        count = int(labels.max()) + 1
        if count == 2:
            booster = self._fit(features, labels, weights, {"objective": "binary"})
            logit = _staged(booster, scored, 1, self.rounds)[:, :, 0]
            second = expit(logit)
            return np.stack([1 - second, second], axis=-1)
        objective = {"objective": "multiclass", "num_class": count}
        logits = _staged(
            self._fit(features, labels, weights, objective), scored, count, self.rounds
        )
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        probabilities: FloatArray = odds / odds.sum(axis=-1, keepdims=True)
        return probabilities

    def _fit(
        self,
        features: FloatArray,
        labels: FloatArray | IntArray,
        weights: FloatArray,
        objective: dict[str, object],
    ) -> Any:
        import lightgbm

        settings = {
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least_rows,
            "min_data_in_bin": 1,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "verbose": -1,
        }
        data = lightgbm.Dataset(features, labels, weight=weights)
        return lightgbm.train({**settings, **objective}, data, self.rounds)


def _staged(booster: Any, scored: FloatArray, columns: int, rounds: int) -> FloatArray:
    """Raw predictions after each round, shape (rounds, m, columns)."""
    leaves = booster.predict(scored, pred_leaf=True, num_threads=1)
    leaves = np.asarray(leaves).astype(np.int64).reshape(len(scored), -1)
    values = np.empty(leaves.shape)
    for tree in range(leaves.shape[1]):
        used, where = np.unique(leaves[:, tree], return_inverse=True)
        values[:, tree] = np.array([booster.get_leaf_output(tree, int(k)) for k in used])[where]
    staged = values.reshape(len(scored), -1, columns).cumsum(axis=1).transpose(1, 0, 2)
    repeated = np.repeat(staged[-1:], rounds - len(staged), axis=0)
    return np.concatenate([staged, repeated])
