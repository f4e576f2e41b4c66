"""What predictors of a number matrix share: checked settings, encoded targets, every class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.table import FloatArray, IntArray, Schema, Table, Task, feature_matrix


@dataclass(frozen=True, eq=False)
class MatrixModel:
    """A trained function of the feature matrix.

    Attributes:
        schema: the training table's.
        present: the class codes that occurred in training, ascending; empty for a regression.
        function: from a matrix, shape (n, d'), to predictions, shape (n,), or to probabilities
            of the present classes, shape (n, present).
        notes: see `tabsculpt.predictors.Noted`.
    """

    schema: Schema
    present: IntArray
    function: Callable[[FloatArray], FloatArray]
    notes: tuple[str, ...] = ()

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """See `tabsculpt.predictors.Model.predict`; absent classes have probability zero."""
        raw = np.asarray(self.function(feature_matrix(features, self.schema)), dtype=np.float64)
        if self.schema.task is Task.REGRESSION:
            return raw
        return spread(raw, self.present, len(self.schema.classes))


def present_classes(train: Table) -> IntArray:
    """The class codes that occur in a table, ascending; empty for a regression.

    Raises:
        ValueError: a classification without rows of at least two classes, or a target is missing.
    """
    if train.schema.task is Task.REGRESSION:
        if not np.isfinite(train.target).all():
            raise ValueError("the target has missing or infinite values; drop those rows")
        return np.empty(0, dtype=np.int64)
    present = np.unique(train.target)
    if present.size and present[0] < 0:
        raise ValueError("the target has missing values; drop those rows")
    if present.size < 2:
        names = [train.schema.classes[code] for code in present]
        raise ValueError(f"training needs rows of at least two classes, got only {names}")
    return present


def encoded_target(table: Table, present: IntArray) -> FloatArray | IntArray:
    """The target, shape (n,), with classes numbered by their position in ``present``."""
    if table.schema.task is Task.REGRESSION:
        return table.target
    return np.searchsorted(present, table.target).astype(np.int64)


def spread(probabilities: FloatArray, present: IntArray, classes: int) -> FloatArray:
    """Give probabilities of the present classes, shape (n, present), a column for each class."""
    wide = np.zeros((len(probabilities), classes))
    wide[:, present] = probabilities
    return wide


def at_least(least: float, **settings: float) -> None:
    """Check settings.

    Raises:
        UserError: one of them is below ``least``.
    """
    for name, value in settings.items():
        if not value >= least:
            raise UserError(f"predictor setting {name} is {value}, expected at least {least}")
