"""Pipelines that train otherwise on the real rows: the rivals that synthetic rows have to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeGuard

import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.notes import Note, notes_of
from tabsculpt.pipelines import Pipeline, obstacle
from tabsculpt.predictors import Model, Predictor
from tabsculpt.predictors.prior_shift import rescaled
from tabsculpt.predictors.suite import Suite, members
from tabsculpt.table import FloatArray, Schema, Table, Task


class Training(Pipeline, Protocol):
    """A pipeline that makes no table and says how a predictor is trained on the real rows.

    It is evaluated by the protocol trtr, whatever protocol it is crossed with. It is given rows of
    the train side alone, after those were held out that a predictor stops early on.
    """

    libraries: ClassVar[tuple[str, ...]]
    """Distributions whose version changes the result."""
    on_real_rows: ClassVar[bool]
    """True."""
    stochastic: ClassVar[bool]
    """Whether it draws by itself."""

    def refuses(self, predictor: Predictor) -> str | None:
        """Why a predictor cannot be trained so, None where it can."""
        ...

    def train(
        self, predictor: Predictor, train: Table, validation: Table | None, seed: int
    ) -> Model:
        """Train a predictor that it does not refuse; arguments as `Predictor.fit`."""
        ...


@dataclass(frozen=True)
class TrainedBy:
    """A predictor as a pipeline trains it; see `tabsculpt.predictors.Predictor`."""

    training: Training
    predictor: Predictor

    libraries: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str | None] = None

    @property
    def tasks(self) -> frozenset[Task]:
        return self.predictor.tasks

    @property
    def stochastic(self) -> bool:
        return type(self.training).stochastic or self.predictor.stochastic

    @property
    def uses_validation(self) -> bool:
        return self.predictor.uses_validation

    def fit(self, train: Table, validation: Table | None, seed: int) -> Model:
        """See `Predictor.fit`.

        Raises:
            UserError: the pipeline is not for such a table.
        """
        if why := obstacle(self.training, train.schema):
            raise UserError(f"{type(self.training).__name__.lower()} {why}")
        return self.training.train(self.predictor, train, validation, seed)


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A model with what its pipeline adds.

    Attributes:
        model: as it was trained.
        remarks: what the pipeline has to say to the reader of its scores.
        ratio: see `prior_ratio`; None for probabilities as they are.
        decision: see `tabsculpt.predictors.Deciding`.
    """

    model: Model
    remarks: tuple[Note, ...] = ()
    ratio: FloatArray | None = None
    decision: FloatArray | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """See `tabsculpt.predictors.Noted`."""
        return (*notes_of(self.model), *self.remarks)

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """See `Model.predict`."""
        prediction = self.model.predict(features)
        return prediction if self.ratio is None else rescaled(prediction, self.ratio)


def is_training(pipeline: Pipeline) -> TypeGuard[Training]:
    """Whether a pipeline says how predictors are trained on the real rows."""
    return getattr(type(pipeline), "on_real_rows", False)


def trained_by(pipeline: Pipeline, suite: Suite, task: Task) -> tuple[Suite, dict[str, str]]:
    """The suite as a pipeline trains it, and why predictors for the task are left out, by name."""
    if not is_training(pipeline):
        return suite, {}
    kept: dict[str, object] = dict(suite)
    refused: Mapping[str, str | None] = {
        name: pipeline.refuses(predictor) for name, predictor in members(suite, task).items()
    }
    for name, predictor in members(suite, task).items():
        kept[name] = TrainedBy(pipeline, predictor)
    why = {name: reason for name, reason in refused.items() if reason is not None}
    return {name: part for name, part in kept.items() if name not in why}, why  # type: ignore[misc]


def needs_classes(schema: Schema) -> str | None:
    """Why a pipeline for classes cannot work on a table; None where it can."""
    if schema.task is not Task.REGRESSION:
        return None
    return f"needs classes, and {schema.target!r} is a number; pipeline=regularised takes both"
