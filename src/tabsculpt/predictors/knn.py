"""Nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tabsculpt.engine.step import LATER
from tabsculpt.predictors.matrix import (
    MatrixModel,
    at_least,
    bounded_matrix,
    encoded_target,
    present_classes,
)
from tabsculpt.table import Table, Task
from tabsculpt.table.subsample import at_most


@dataclass(frozen=True)
class NearestNeighbours:
    """The mean, or the class shares, of the nearest training rows on standardised features.

    Missing values are replaced by the mean of the training rows. Time grows with the product of
    training and test rows, so that of a long table some are drawn, which the model's notes say.

    Attributes:
        neighbours: how many, at least 1; all training rows where there are fewer.
        max_rows: training rows that neighbours are looked for among, at least 1,000; None for all.
    """

    neighbours: int = 5
    max_rows: int | None = field(default=20_000, metadata=LATER)

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = False
    uses_validation: ClassVar[bool] = False

    def __post_init__(self) -> None:
        at_least(1, neighbours=self.neighbours)
        at_least(1000, max_rows=1000 if self.max_rows is None else self.max_rows)

    def fit(self, train: Table, validation: Table | None, seed: int) -> MatrixModel:
        """Store the rows of ``train``; the seed is that of the draw where there are too many.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        from sklearn.impute import SimpleImputer
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        given, train = len(train), at_most(train, self.max_rows, seed)
        drawn = f"looks for neighbours among {len(train):,} of {given:,} training rows, drawn"
        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        kind = KNeighborsRegressor if regression else KNeighborsClassifier
        neighbours = kind(n_neighbors=min(self.neighbours, len(train)), n_jobs=1)
        model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), neighbours)
        matrix, divisor = bounded_matrix(train)
        model.fit(matrix, encoded_target(train, present))
        function = model.predict if regression else model.predict_proba
        notes = (drawn,) if len(train) < given else ()
        return MatrixModel(train.schema, present, function, notes, divisor)
