"""What predictors of a number matrix share: checked settings, encoded targets, every class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.notes import Note
from tabsculpt.table import FloatArray, IntArray, Kind, Schema, Table, Task, feature_matrix

LARGEST = 1e18
"""Its square is still a number of 32 bits."""


@dataclass(frozen=True, eq=False)
class MatrixModel:
    """A trained function of the feature matrix.

    Attributes:
        schema: the training table's.
        present: the class codes that occurred in training, ascending; empty for a regression.
        function: from a matrix, shape (n, d'), to predictions, shape (n,), or to probabilities
            of the present classes, shape (n, present).
        notes: see `tabsculpt.predictors.Noted`.
        divisor: see `bounded_matrix`; 1 where the function takes the matrix as it is.
    """

    schema: Schema
    present: IntArray
    function: Callable[[FloatArray], FloatArray]
    notes: tuple[Note, ...] = ()
    divisor: FloatArray | float = 1.0

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """See `tabsculpt.predictors.Model.predict`; absent classes have probability zero."""
        matrix = feature_matrix(features, self.schema) / self.divisor
        raw = np.asarray(self.function(matrix), dtype=np.float64)
        if self.schema.task is Task.REGRESSION:
            return raw
        return spread(raw, self.present, len(self.schema.classes))


def bounded_matrix(train: Table) -> tuple[FloatArray, FloatArray]:
    """The feature matrix with numbers that scikit-learn can take, and what they were divided by.

    Forests compute in 32 bits and scaling squares its values: columns with a value beyond 1e18 in
    size are divided by their largest one. All others are divided by one, which changes no bit.

    Returns:
        The matrix, shape (n, d'), and the divisors, shape (d',).
    """
    matrix = train.matrix()
    known = np.where(np.isfinite(matrix), np.abs(matrix), 0.0)
    largest = known.max(axis=0, initial=0.0)
    divisor: FloatArray = np.where(largest > LARGEST, largest, 1.0)
    return matrix / divisor, divisor


def plain_features(features: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Feature columns as floats and pandas' categories, for libraries that take frames, numbered.

    They refuse or misread some names: fastai takes a column "c" for the class count.
    """
    return pd.DataFrame(
        {
            f"f{place}": features[column.name]
            if column.kind is Kind.CATEGORICAL
            else features[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
            for place, column in enumerate(schema.features)
        },
        index=features.index,
    )


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
