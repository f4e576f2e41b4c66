"""Linear models: ridge regression, logistic regression."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

from tabsculpt.predictors.matrix import (
    MatrixModel,
    at_least,
    bounded_matrix,
    encoded_target,
    present_classes,
)
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class Linear:
    """A linear model with a squared penalty, on standardised features.

    Missing values are replaced by the mean of the training rows. Ridge regression minimises
    ``|y - Xw|^2 + penalty |w|^2``; logistic regression the log loss plus ``penalty |w|^2 / 2``.

    Attributes:
        penalty: weight of the squared coefficients, at least 0.
        iterations: most steps of the logistic regression's solver.
    """

    penalty: float = 1.0
    iterations: int = 1000

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = False
    uses_validation: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(0, penalty=self.penalty)
        at_least(1, iterations=self.iterations)

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> MatrixModel:
        """Train on every row of ``train``, by their weights; the seed has no effect.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        inverse = 1 / self.penalty if self.penalty else math.inf
        model = make_pipeline(
            SimpleImputer(keep_empty_features=True),
            StandardScaler(),
            Ridge(alpha=self.penalty)
            if regression
            else LogisticRegression(C=inverse, max_iter=self.iterations),
        )
        matrix, divisor = bounded_matrix(train)
        target, last = encoded_target(train, present), model.steps[-1][0]
        model.fit(matrix, target, **{f"{last}__sample_weight": weights})
        function = model.predict if regression else model.predict_proba
        return MatrixModel(train.schema, present, function, divisor=divisor)

    def regularised(self) -> tuple[Linear, ...]:
        """See `tabsculpt.predictors.Regularisable`: penalties 10, 100 and 1,000 times as large."""
        more = (max(self.penalty, 1.0) * 10**power for power in (1, 2, 3))
        return (self, *(replace(self, penalty=penalty) for penalty in more))
