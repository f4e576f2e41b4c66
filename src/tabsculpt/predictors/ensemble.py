"""Weighted ensembles of the other predictors of a suite."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from tabsculpt.predictors.autogluon import EVAL_METRICS
from tabsculpt.predictors.matrix import at_least
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class WeightedEnsemble:
    """AutoGluon's greedy ensemble selection over the validation predictions of the members.

    Of each family only the members that do best on the validation rows may take part: 1 below
    1,000 validation rows, 2 below 5,000, one more for each further 5,000 up to 12. Starting
    empty, the member that most improves the ensemble is added, again and again and with
    replacement; of the ensembles on the way the best is kept. A member's weight is how often it
    was added. With the members in the order in which AutoGluon trains them the weights are those
    of its ``WeightedEnsemble_L2``.

    Attributes:
        size: most additions, at least 1.
        families: the family of a member, by its name; one that is not named is its own family.

    References:
        Ensemble Selection from Libraries of Models, Caruana et al., 2004,
        https://doi.org/10.1145/1015330.1015432
    """

    size: int = 25
    families: dict[str, str] = field(default_factory=dict)

    libraries: ClassVar[tuple[str, ...]] = ("autogluon.core",)
    extra: ClassVar[str | None] = "autogluon"
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        at_least(1, size=self.size)

    def combine(
        self, validation_predictions: dict[str, FloatArray], validation: Table
    ) -> dict[str, float]:
        """Choose the weights that do best on the validation rows.

        Root mean squared error for a regression, accuracy for a classification; ties go to
        members already chosen, then are drawn with a fixed seed.

        Args:
            validation_predictions: of each member: shape (n,), or (n, classes) probabilities.
            validation: the n rows that were predicted; no member was trained on them.

        Returns:
            A weight of at least 0 for each member; they add up to 1.

        Raises:
            ValueError: there is no member or no row, a shape does not fit, or a prediction is
                not finite.
        """
        from autogluon.core.metrics import get_metric
        from autogluon.core.models.greedy_ensemble.ensemble_selection import EnsembleSelection

        task = validation.schema.task
        _check(validation_predictions, validation)
        selection = EnsembleSelection(
            ensemble_size=self.size,
            problem_type=task.value,
            metric=get_metric(EVAL_METRICS[task], task.value),
            random_state=np.random.RandomState(0),
        )
        chosen = self._best_of_families(validation_predictions, validation)
        members = [validation_predictions[name] for name in chosen]
        if task is Task.BINARY:
            members = [prediction[:, 1] for prediction in members]
        selection.fit(members, validation.target)
        weights = dict(zip(chosen, selection.weights_.tolist(), strict=True))
        return {name: weights.get(name, 0.0) for name in validation_predictions}

    def _best_of_families(self, predictions: dict[str, FloatArray], validation: Table) -> list[str]:
        """The members that may take part, in their order; of equals the first."""
        rows = len(validation)
        most = 1 if rows < 1000 else min(12, 2 + rows // 5000)
        errors = {name: _error(values, validation) for name, values in predictions.items()}
        taken: Counter[str] = Counter()
        best = set()
        for name in sorted(predictions, key=errors.__getitem__):
            family = self.families.get(name, name)
            if taken[family] < most:
                best.add(name)
            taken[family] += 1
        return [name for name in predictions if name in best]


def _error(prediction: FloatArray, validation: Table) -> float:
    truth = validation.target
    if validation.schema.task is Task.REGRESSION:
        return float(np.sqrt(np.mean((prediction - truth) ** 2)))
    if validation.schema.task is Task.BINARY:
        return float(np.mean((prediction[:, 1] >= 0.5) != truth))
    return float(np.mean(prediction.argmax(axis=1) != truth))


def _check(predictions: dict[str, FloatArray], validation: Table) -> None:
    classes = validation.schema.classes
    shape = (len(validation), len(classes)) if classes else (len(validation),)
    if not predictions or not len(validation):
        raise ValueError("an ensemble needs at least one member and one validation row")
    for name, prediction in predictions.items():
        if prediction.shape != shape:
            raise ValueError(f"{name} predicted shape {prediction.shape}, expected {shape}")
        if not np.isfinite(prediction).all():
            raise ValueError(f"{name} predicted values that are not finite")
