"""XGBoost."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from annotated_types import Gt, Le

from tabsculpt.predictors.matrix import MatrixModel, at_least, encoded_target, present_classes
from tabsculpt.table import FloatArray, Table, Task

DISTRIBUTION = "xgboost" if sys.platform == "darwin" else "xgboost-cpu"
"""What the library is installed from; it has no build without GPU code for macOS."""


@dataclass(frozen=True)
class XGBoost:
    """Gradient-boosted trees grown level by level, for a fixed number of rounds.

    Without row or column sampling nothing is random, and the seed has no effect.

    Attributes:
        rounds: boosting rounds, at least 1.
        learning_rate: shrinkage of each round, in (0, 1].
        depth: most levels of a tree, at least 1.
        row_sample: share of the rows that each tree is grown on, in (0, 1].
        column_sample: share of the columns that each tree is grown on, in (0, 1].

    References:
        XGBoost: A Scalable Tree Boosting System, Chen and Guestrin, 2016,
        https://doi.org/10.1145/2939672.2939785
    """

    rounds: int = 100
    learning_rate: float = 0.3
    depth: int = 6
    row_sample: Annotated[float, Gt(0), Le(1)] = 1.0
    column_sample: Annotated[float, Gt(0), Le(1)] = 1.0

    libraries: ClassVar[tuple[str, ...]] = (DISTRIBUTION,)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    uses_validation: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, rounds=self.rounds, depth=self.depth)

    @property
    def stochastic(self) -> bool:
        """See `Predictor.stochastic`."""
        return min(self.row_sample, self.column_sample) < 1

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> MatrixModel:
        """Train on every row of ``train``, by their weights; the seed draws the samples, if any.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        from xgboost import XGBClassifier, XGBRegressor

        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        kind = XGBRegressor if regression else XGBClassifier
        model = kind(
            n_estimators=self.rounds,
            learning_rate=self.learning_rate,
            max_depth=self.depth,
            subsample=self.row_sample,
            colsample_bytree=self.column_sample,
            random_state=seed if self.stochastic else 0,
            n_jobs=1,
        )
        model.fit(train.matrix(), encoded_target(train, present), sample_weight=weights)
        function = model.predict if regression else model.predict_proba
        return MatrixModel(train.schema, present, function)

    def regularised(self) -> tuple[XGBoost, ...]:
        """See `tabsculpt.predictors.Regularisable`: trees of at most 4, 2 levels, 1 level."""
        return (self, *(replace(self, depth=depth) for depth in (4, 2, 1) if depth < self.depth))
