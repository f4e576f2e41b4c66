"""Data-IQ: confidence and aleatoric uncertainty over the checkpoints of one boosted model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tabsculpt.profilers import Cut, Scores
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.folds import folds
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class DataIQ:
    """Rows by how sure a model is of their label while it learns.

    At each checkpoint e (a boosting round) p_e is the probability of the given label. Confidence
    is the mean of p_e and aleatoric uncertainty the mean of p_e (1 - p_e). A row is hard when its
    confidence is below t, easy when it is above 1 - t, each with uncertainty at most its
    median, and ambiguous otherwise; t = 0.25 and the median are the source's choice.

    In a regression p_e is a correctness in (0, 1] that takes the probability's place:
    p_e = 2 ** (-|y - prediction_e| / s), where s is the median absolute residual of the last
    checkpoint. It is free of the target's unit, and 1/2 for a typical residual. Predictions are
    cross-fitted. The form of Profile2Gen (Souza, Zanchettin, 2025, Appendix C: mean prediction,
    variance over refits) is degenerate: it refits a deterministic model, so its variance is zero,
    and its confidence carries the target's unit.

    Source: Seedat, Crabbe, Bica, van der Schaar, "Data-IQ", NeurIPS 2022,
    https://arxiv.org/abs/2210.13043, section 3.

    Args:
        cut: how scores become segments.
        threshold: t, in (0, 0.5); or the share of hard rows.
        rounds: boosting rounds, each a checkpoint.
        learning_rate: of the boosting.
        folds: number of folds of the cross-fitting.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 10
    recorder: ClassVar[None] = None

    cut: Cut = Cut.PERCENTILE
    threshold: float = 0.25
    rounds: int = 50
    learning_rate: float = 0.1
    folds: int = 5

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        if table.schema.task is Task.REGRESSION:
            correctness = self._regression(table, seed)
        else:
            correctness = self._classification(table, seed)
        return Scores(correctness.mean(axis=0), (correctness * (1 - correctness)).mean(axis=0))

    def _regression(self, table: Table, seed: int) -> FloatArray:
        from sklearn.ensemble import HistGradientBoostingRegressor

        features, target = table.matrix(), table.target
        residual = np.empty((self.rounds, len(table)))
        for fit, predict in folds(table, self.folds, seed):
            model = HistGradientBoostingRegressor(**self._settings(seed))
            model.fit(features[fit], target[fit])
            for e, staged in enumerate(model.staged_predict(features[predict])):
                residual[e, predict] = np.abs(target[predict] - staged)
        scale = np.median(residual[-1])
        if scale == 0:
            return (residual == 0).astype(np.float64)
        correctness: FloatArray = np.exp2(-residual / scale)
        return correctness

    def _classification(self, table: Table, seed: int) -> FloatArray:
        from sklearn.ensemble import HistGradientBoostingClassifier

        features, target = table.matrix(), table.target
        probability = np.zeros((self.rounds, len(table)))
        for fit, predict in folds(table, self.folds, seed):
            seen = np.unique(target[fit])
            if len(seen) == 1:
                probability[:, predict] = target[predict] == seen[0]
                continue
            model = HistGradientBoostingClassifier(**self._settings(seed))
            model.fit(features[fit], target[fit])
            column = np.searchsorted(seen, target[predict])
            known = np.isin(target[predict], seen)
            column = np.where(known, column, 0)
            for e, staged in enumerate(model.staged_predict_proba(features[predict])):
                given = staged[np.arange(len(predict)), column]
                probability[e, predict] = np.where(known, given, 0.0)
        return probability

    def _settings(self, seed: int) -> dict[str, object]:
        return {
            "max_iter": self.rounds,
            "learning_rate": self.learning_rate,
            "early_stopping": False,
            "min_samples_leaf": 5,
            "random_state": seed,
        }
