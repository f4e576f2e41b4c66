"""LightGBM."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tabsculpt.predictors.matrix import MatrixModel, at_least, encoded_target, present_classes
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class LightGBM:
    """Gradient-boosted trees grown leaf by leaf, for a fixed number of rounds.

    Without row or column sampling nothing is random, so the seed has no effect.

    Attributes:
        rounds: boosting rounds, at least 1.
        learning_rate: shrinkage of each round, in (0, 1].
        leaves: most leaves of a tree, at least 2.
        min_leaf_rows: fewest training rows in a leaf; at most a quarter of the training rows
            is asked for, because a table of fewer than twice this number could not be split.

    References:
        LightGBM: A Highly Efficient Gradient Boosting Decision Tree, Ke et al., 2017,
        https://papers.nips.cc/paper/6907
    """

    rounds: int = 100
    learning_rate: float = 0.1
    leaves: int = 31
    min_leaf_rows: int = 20

    libraries: ClassVar[tuple[str, ...]] = ("lightgbm",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = False
    uses_validation: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, rounds=self.rounds, min_leaf_rows=self.min_leaf_rows)
        at_least(2, leaves=self.leaves)

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> MatrixModel:
        """Train on every row of ``train``, by their weights; the seed has no effect.

        Raises:
            ValueError: a classification with rows of one class only.
        """
        import lightgbm

        present = present_classes(train)
        data = lightgbm.Dataset(train.matrix(), encoded_target(train, present), weight=weights)
        booster = lightgbm.train(self._settings(len(train), len(present)), data, self.rounds)

        def function(matrix: FloatArray) -> FloatArray:
            raw = np.asarray(booster.predict(matrix, num_threads=1))
            return np.column_stack([1 - raw, raw]) if len(present) == 2 else raw

        return MatrixModel(train.schema, present, function)

    def regularised(self) -> tuple[LightGBM, ...]:
        """See `tabsculpt.predictors.Regularisable`: a half, a quarter, an eighth of the leaves."""
        more = dict.fromkeys(max(2, self.leaves // parts) for parts in (2, 4, 8))
        return (self, *(replace(self, leaves=leaves) for leaves in more if leaves < self.leaves))

    def _settings(self, rows: int, classes: int) -> dict[str, Any]:
        objective = {0: "regression", 2: "binary"}.get(classes, "multiclass")
        return {
            "objective": objective,
            "num_class": classes if objective == "multiclass" else 1,
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": max(1, min(self.min_leaf_rows, rows // 4)),
            "num_threads": 1,
            "seed": 0,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
