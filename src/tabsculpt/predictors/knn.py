"""Nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.identity import LATER
from tabsculpt.notes import Code, Note
from tabsculpt.predictors.matrix import (
    MatrixModel,
    at_least,
    bounded_matrix,
    encoded_target,
    present_classes,
)
from tabsculpt.table import FloatArray, Table, Task
from tabsculpt.table.subsample import places_of


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
    takes_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, neighbours=self.neighbours)
        at_least(1000, max_rows=1000 if self.max_rows is None else self.max_rows)

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> MatrixModel:
        """Store the rows of ``train``; the seed is that of the draw where there are too many.

        With weights each neighbour counts by its own, in votes and means.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        from sklearn.impute import SimpleImputer
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        given, places = len(train), places_of(train, self.max_rows, seed)
        train = train.take(places) if len(places) < given else train
        drawn = f"looks for neighbours among {len(train):,} of {given:,} training rows, drawn"
        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        kind = KNeighborsRegressor if regression else KNeighborsClassifier
        neighbours = kind(n_neighbors=min(self.neighbours, len(train)), n_jobs=1)
        model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), neighbours)
        matrix, divisor = bounded_matrix(train)
        target = encoded_target(train, present)
        model.fit(matrix, target)
        function = model.predict if regression else model.predict_proba
        if weights is not None:
            one_hot = np.eye(max(1, len(present)))
            seen = np.asarray(target[:, None] if regression else one_hot[target], dtype=np.float64)
            function = _weighted(model, seen, weights[places])
        notes = (Note(Code.ROWS_DRAWN, drawn, len(train)),) if len(train) < given else ()
        return MatrixModel(train.schema, present, function, notes, divisor)

    def regularised(self) -> tuple[NearestNeighbours, ...]:
        """See `tabsculpt.predictors.Regularisable`: 3 and 9 times as many neighbours."""
        more = (self.neighbours * times for times in (3, 9))
        return (self, *(replace(self, neighbours=count) for count in more))


def _weighted(
    model: Any, seen: FloatArray, weights: FloatArray
) -> Callable[[FloatArray], FloatArray]:
    """The weighted mean of what was seen at the neighbours, which scikit-learn has not.

    Args:
        model: a fitted pipeline that ends with neighbours.
        seen: targets or one-hot classes of the training rows, shape (n, k).
        weights: of the training rows, shape (n,).
    """

    def function(matrix: FloatArray) -> FloatArray:
        near = model[-1].kneighbors(model[:-1].transform(matrix), return_distance=False)
        own = weights[near][:, :, None]
        found: FloatArray = (own * seen[near]).sum(axis=1) / own.sum(axis=1)
        return found[:, 0] if seen.shape[1] == 1 else found

    return function
