"""A predictor of one's own: a decision tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge

from tabsculpt.predictors.matrix import MatrixModel, encoded_target, present_classes
from tabsculpt.table import Table, Task


@dataclass(frozen=True)
class Template:
    """A decision tree; missing values are replaced by the mean of the training rows.

    Args:
        depth: of the tree, at most.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = True
    uses_validation: ClassVar[bool] = False

    depth: Annotated[int, Ge(1)] = 4

    def fit(self, train: Table, validation: Table | None, seed: int) -> MatrixModel:
        """See `tabsculpt.predictors.Predictor.fit`."""
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        present = present_classes(train)
        regression = train.schema.task is Task.REGRESSION
        kind = DecisionTreeRegressor if regression else DecisionTreeClassifier
        tree = kind(max_depth=self.depth, random_state=seed)
        model = make_pipeline(SimpleImputer(keep_empty_features=True), tree)
        model.fit(train.matrix(), encoded_target(train, present))
        function = model.predict if regression else model.predict_proba
        return MatrixModel(train.schema, present, function)
