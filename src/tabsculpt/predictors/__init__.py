"""Predictors: models that learn a table's target from its features."""

from __future__ import annotations

from typing import ClassVar, Protocol, cast, runtime_checkable

import pandas as pd

from tabsculpt.notes import Note
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
    def notes(self) -> tuple[Note, ...]:
        """The sentence of each goes on after the predictor's name: "looks for neighbours ..."."""
        ...


@runtime_checkable
class Deciding(Protocol):
    """A model that does not simply predict the most probable class."""

    @property
    def decision(self) -> FloatArray | None:
        """Factors, shape (classes,): the class is that of the greatest probability times factor.

        None for the most probable one. Probabilities stay as `Model.predict` gives them.
        """
        ...


class Predictor(Protocol):
    """A frozen dataclass of settings (its fields), with what it can do as class variables.

    Two more members are for predictors that can do what pipelines of real rows alone ask for:
    ``takes_weights``, true for one whose ``fit`` has a fourth argument ``weights`` (see
    `Weighable`), and ``regularised`` (see `Regularisable`).
    """

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


class Weighable(Predictor, Protocol):
    """A predictor that can give rows different weights."""

    @property
    def takes_weights(self) -> bool:
        """Whether these settings allow it."""
        ...

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> Model:
        """See `Predictor.fit`; ``weights``: of the training rows, shape (n,), above 0."""
        ...


class Regularisable(Predictor, Protocol):
    """A predictor that has more regularised variants."""

    def regularised(self) -> tuple[Predictor, ...]:
        """Itself, then the same with ever more regularisation; itself alone if there is none."""
        ...


def weighable(predictor: Predictor) -> Weighable | None:
    """The predictor as one that takes weights; None if it does not."""
    takes: bool = getattr(predictor, "takes_weights", False)
    return cast(Weighable, predictor) if takes else None


def variants(predictor: Predictor) -> tuple[Predictor, ...]:
    """The predictor, then its more regularised variants, of which there may be none."""
    if not hasattr(predictor, "regularised"):
        return (predictor,)
    return cast(Regularisable, predictor).regularised()
