"""Random forests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

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


@dataclass(frozen=True)
class RandomForest:
    """Scikit-learn's random forest, which splits on missing values as it finds them.

    Attributes:
        trees: how many, at least 1.
        min_leaf_rows: fewest training rows in a leaf, at least 1.
        max_rows: training rows that each tree draws (with replacement) from all of them, at least
            1,000; None for as many as there are. Where that is fewer, the model's notes say so.

    References:
        Random Forests, Breiman, 2001, https://doi.org/10.1023/A:1010933404324
    """

    trees: int = 100
    min_leaf_rows: int = 1
    max_rows: int | None = field(default=50_000, metadata=LATER)

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = True
    uses_validation: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, trees=self.trees, min_leaf_rows=self.min_leaf_rows)
        at_least(1000, max_rows=1000 if self.max_rows is None else self.max_rows)

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> MatrixModel:
        """Train on the rows of ``train``, by their weights.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        kind = RandomForestRegressor if regression else RandomForestClassifier
        fewer = self.max_rows if self.max_rows and self.max_rows < len(train) else None
        model = kind(
            n_estimators=self.trees,
            min_samples_leaf=self.min_leaf_rows,
            max_samples=fewer,
            random_state=seed,
            n_jobs=1,
        )
        matrix, divisor = bounded_matrix(train)
        model.fit(matrix, encoded_target(train, present), sample_weight=weights)
        function = model.predict if regression else model.predict_proba
        drawn = f"grows each tree on {fewer or 0:,} of {len(train):,} training rows, drawn"
        notes = (Note(Code.ROWS_DRAWN, drawn, fewer),) if fewer else ()
        return MatrixModel(train.schema, present, function, notes, divisor)

    def regularised(self) -> tuple[RandomForest, ...]:
        """See `tabsculpt.predictors.Regularisable`: leaves of at least 5 and 20 times the rows."""
        more = (self.min_leaf_rows * times for times in (5, 20))
        return (self, *(replace(self, min_leaf_rows=rows) for rows in more))
