"""The steps that train predictors and let them predict: the only ones that reach the test part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from tabsculpt.engine.artifacts import read_arrays, write_arrays
from tabsculpt.engine.step import Fetch, Step, StepError
from tabsculpt.errors import ContractError, UserError, check_returned
from tabsculpt.predictors import Model, Noted, Predictor
from tabsculpt.predictors.holdout import holdout
from tabsculpt.table import FloatArray, Table, Task
from tabsculpt.table.files import PREDICTIONS


@runtime_checkable
class Ensemble(Protocol):
    """A component that weighs the members of its suite by their validation predictions."""

    libraries: ClassVar[tuple[str, ...]]
    extra: ClassVar[str | None]

    def combine(
        self, validation_predictions: dict[str, FloatArray], validation: Table
    ) -> dict[str, float]:
        """Weights by member, non-negative, summing to one."""
        ...


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions as `Model.predict` gives them, for the test part and, where held out, validation.

    ``weights`` are those of an ensemble's members, ``notes`` what the model has to say.
    """

    test: FloatArray
    validation: FloatArray | None = None
    weights: dict[str, float] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ValidationRows(Step[Table]):
    """One side of a training table, split for early stopping: "train" or "validation"."""

    phase: ClassVar[str] = "score"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    side: str
    seed: int

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        # Both sides must come from one draw, so the seed is that of the training side.
        draw = ValidationRows(self.rows, "train", self.seed).random_seed
        train, validation = holdout(table, draw)
        return table.take(train if self.side == "train" else validation)


class _StoredPredictions(Step[Predictions]):
    phase: ClassVar[str] = "score"

    def write(self, result: Predictions, folder: Path) -> None:
        arrays = {"test": result.test}
        if result.validation is not None:
            arrays["validation"] = result.validation
        for name, weight in (result.weights or {}).items():
            arrays[f"weight:{name}"] = np.array(weight)
        if result.notes:
            arrays["notes"] = np.array(result.notes)
        write_arrays(arrays, folder / PREDICTIONS)

    def read(self, folder: Path) -> Predictions:
        arrays = read_arrays(folder / PREDICTIONS)
        weights = {
            name.removeprefix("weight:"): float(value)
            for name, value in arrays.items()
            if name.startswith("weight:")
        }
        notes = tuple(map(str, arrays.get("notes", ())))
        return Predictions(arrays["test"], arrays.get("validation"), weights or None, notes)


@dataclass(frozen=True)
class TrainAndPredict(_StoredPredictions):
    """A predictor trained on ``train``, and what it predicts for the test part.

    Attributes:
        name: the predictor's name in its suite.
        predictor: what to train.
        train: rows it learns from.
        validation: rows held out of the training rows, or None.
        stops_early: whether it may look at the validation rows while it learns.
        test: the test part; it is looked at after training, and its target never.
        seed: the user's seed, None for predictors that draw nothing.
    """

    name: str
    predictor: Predictor
    train: Step[Table]
    validation: Step[Table] | None
    stops_early: bool
    test: Step[Table]
    seed: int | None

    @property
    def label(self) -> str:
        return f"train {self.name}"

    def compute(self, fetch: Fetch) -> Predictions:
        train = fetch(self.train)
        _check_trainable(train)
        validation = fetch(self.validation) if self.validation else None
        model = self.predictor.fit(
            train, validation if self.stops_early else None, self.random_seed
        )
        held = self._predict(model, validation) if validation is not None else None
        notes = model.notes if isinstance(model, Noted) else ()
        return Predictions(self._predict(model, fetch(self.test)), held, notes=notes)

    def _predict(self, model: Model, rows: Table) -> FloatArray:
        if not callable(getattr(model, "predict", None)):
            said = f"fit returned a {type(model).__name__}, which has no method predict"
            raise ContractError(type(self.predictor), "predictors", said)
        prediction = model.predict(rows.features)
        check_returned(model, "predictors", "predict", prediction, np.ndarray)
        classes = rows.schema.classes
        shape = (len(rows), len(classes)) if classes else (len(rows),)
        if prediction.shape != shape:
            said = f"predict returned shape {prediction.shape}; expected {shape}"
            raise ContractError(type(model), "predictors", said)
        return prediction


@dataclass(frozen=True)
class CombineAndPredict(_StoredPredictions):
    """The weighted mean of the predictions of a suite's members, of those that could be trained."""

    forgives = (UserError,)

    ensemble: Ensemble
    members: tuple[TrainAndPredict, ...]
    validation: Step[Table]

    @property
    def label(self) -> str:
        return "weigh the ensemble"

    def compute(self, fetch: Fetch) -> Predictions:
        predictions = {}
        for member in self.members:
            try:
                predictions[member.name] = fetch(member)
            except StepError as error:
                if not isinstance(error.cause, self.forgives):
                    raise
        held = {
            name: prediction.validation
            for name, prediction in predictions.items()
            if prediction.validation is not None
        }
        weights = self.ensemble.combine(held, fetch(self.validation))
        test = sum(weight * predictions[name].test for name, weight in weights.items())
        return Predictions(np.asarray(test, dtype=np.float64), None, weights)


def _check_trainable(train: Table) -> None:
    if train.schema.task is not Task.REGRESSION and len(np.unique(train.target)) < 2:
        raise ValueError(f"the {len(train)} training rows hold one class only")
