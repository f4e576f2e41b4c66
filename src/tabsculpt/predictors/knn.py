"""Nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.predictors.matrix import MatrixModel, at_least, encoded_target, present_classes
from tabsculpt.table import Table, Task


@dataclass(frozen=True)
class NearestNeighbours:
    """The mean, or the class shares, of the nearest training rows on standardised features.

    Missing values are replaced by the mean of the training rows.

    Attributes:
        neighbours: how many, at least 1; all training rows where there are fewer.
    """

    neighbours: int = 5

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = False
    uses_validation: ClassVar[bool] = False

    def __post_init__(self) -> None:
        at_least(1, neighbours=self.neighbours)

    def fit(self, train: Table, validation: Table | None, seed: int) -> MatrixModel:
        """Store every row of ``train``; the seed has no effect.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        from sklearn.impute import SimpleImputer
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        kind = KNeighborsRegressor if regression else KNeighborsClassifier
        neighbours = kind(n_neighbors=min(self.neighbours, len(train)), n_jobs=1)
        model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), neighbours)
        model.fit(train.matrix(), encoded_target(train, present))
        function = model.predict if regression else model.predict_proba
        return MatrixModel(train.schema, present, function)
