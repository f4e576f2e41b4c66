"""The dynamics of a linear model: its path from a strong to a weak penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.dynamics.correctness import dynamics_of
from tabsculpt.profilers.dynamics.crossfit import Path, cross_fit
from tabsculpt.profilers.dynamics.transfer import standard_matrices, transfer
from tabsculpt.profilers.features import standard_features
from tabsculpt.table import FloatArray, IntArray, Table, Task


@dataclass(frozen=True)
class LinearRecorder:
    """Ridge or logistic regression, each checkpoint with a weaker penalty than the one before.

    The penalty per row falls from 10 to 0.0001 in equal ratios. Ridge regression along such a path
    and least squares by gradient descent from zero are nearly the same, the penalty being the
    inverse of the time (Ali, Kolter, Tibshirani, "A Continuous-Time View of Early Stopping for
    Least Squares", AISTATS 2019, https://arxiv.org/abs/1810.10082), so that the path is a
    training. One singular value decomposition gives all checkpoints of a ridge regression.

    Args:
        checkpoints: penalties on the path.
        folds: number of folds of the cross-fitting; below 2, rows are predicted in-sample.
        refits: rounds of fitting with weights, see `cross_fit`.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)

    checkpoints: int = 20
    folds: int = 5
    refits: int = 2

    def record(self, table: Table, seed: int) -> Dynamics:
        """See `Recorder.record`."""
        path = self._path(table.schema.task)
        outputs = cross_fit(table, standard_features, path, self.folds, self.refits, seed)
        return dynamics_of(table, outputs)

    def record_on(self, train: Table, scored: Table, seed: int) -> tuple[Dynamics, Dynamics]:
        """Record on train, and on other rows as trained on train; see `transfer`."""
        path = self._path(train.schema.task)
        return transfer(train, scored, standard_matrices, path, self.folds, self.refits, seed)

    def _path(self, task: Task) -> Path:
        return self._ridge if task is Task.REGRESSION else self._logistic

    def _penalties(self) -> FloatArray:
        return np.geomspace(10, 1e-4, self.checkpoints)

    def _ridge(
        self,
        features: FloatArray,
        labels: FloatArray | IntArray,
        weights: FloatArray,
        scored: FloatArray,
    ) -> FloatArray:
        centre = np.average(features, axis=0, weights=weights)
        level = np.average(labels, weights=weights)
        root = np.sqrt(weights)
        u, s, vt = np.linalg.svd((features - centre) * root[:, None], full_matrices=False)
        kept = s > 1e-9 * s.max(initial=0.0)
        u, s, vt = u[:, kept], s[kept], vt[kept]
        strength = s * (u.T @ ((labels - level) * root))
        penalties = self._penalties()[:, None] * weights.sum()
        coefficients = strength / (s**2 + penalties)
        outputs: FloatArray = coefficients @ (vt @ (scored - centre).T) + level
        return outputs

    def _logistic(
        self,
        features: FloatArray,
        labels: FloatArray | IntArray,
        weights: FloatArray,
        scored: FloatArray,
    ) -> FloatArray:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(warm_start=True, max_iter=1000)
        outputs = []
        for penalty in self._penalties():
            model.set_params(C=1 / (penalty * weights.sum()))
            model.fit(features, labels, sample_weight=weights)
            outputs.append(model.predict_proba(scored))
        return np.stack(outputs)
