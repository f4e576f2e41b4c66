"""Predictors: models that learn a table's target from its features."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

import pandas as pd

from tabsculpt.table import FloatArray, Table, Task


class Model(Protocol):
    """A predictor that has been trained."""

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Predict from the feature columns of the training schema, shape (n, d).

        Returns:
            Shape (n,), in the target's own unit, for a regression; shape (n, classes),
            probabilities in the order of ``schema.classes``, for a classification.
        """
        ...


@runtime_checkable
class Noted(Protocol):
    """A model that has something to say to the reader of its scores."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Each goes on after the predictor's name: "looks for neighbours among ..."."""
        ...


class Predictor(Protocol):
    """A frozen dataclass of settings (its fields), with what it can do as class variables."""

    libraries: ClassVar[tuple[str, ...]]
    """Distributions whose version changes the result."""
    extra: ClassVar[str | None]
    """The extra of this package that it needs, or None."""

    @property
    def tasks(self) -> frozenset[Task]:
        """The tasks that it can be trained for; it is left out of the suite for others."""
        ...

    @property
    def stochastic(self) -> bool:
        """Whether the seed can change what it learns."""
        ...

    @property
    def uses_validation(self) -> bool:
        """Whether it stops early on a validation part, held out of the training rows."""
        ...

    def fit(self, train: Table, validation: Table | None, seed: int) -> Model:
        """Train on ``train``; ``validation`` is given where `uses_validation` says so."""
        ...
