"""The steps that train predictors and let them predict: the only ones that reach the test part."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from tabsculpt.engine.artifacts import read_arrays, write_arrays
from tabsculpt.engine.identity import LATER
from tabsculpt.engine.step import Fetch, Step, StepError
from tabsculpt.errors import ContractError, UserError, check_returned
from tabsculpt.notes import Note, from_json, notes_of, to_json
from tabsculpt.predictors import Deciding, Model, Predictor
from tabsculpt.predictors.holdout import holdout
from tabsculpt.predictors.one_class import OneClass
from tabsculpt.predictors.prior_shift import class_shares, prior_ratio, rescaled
from tabsculpt.table import FloatArray, Table, concat
from tabsculpt.table.files import PREDICTIONS
from tabsculpt.text.features import text_reader


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

    ``weights`` are those of an ensemble's members, ``notes`` what the model has to say;
    ``decision`` see `tabsculpt.predictors.Deciding`.
    """

    test: FloatArray
    validation: FloatArray | None = None
    weights: dict[str, float] | None = None
    notes: tuple[Note, ...] = ()
    decision: FloatArray | None = None

    @property
    def decided(self) -> FloatArray:
        """What classes are read off, as the most probable: ``test``, times the decision's factors.

        No probabilities in their own right: they are as good as ``test`` for the class alone.
        """
        return self.test if self.decision is None else rescaled(self.test, self.decision)


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
        if result.decision is not None:
            arrays["decision"] = result.decision
        if result.notes:
            arrays["notes"] = np.array(to_json(result.notes))
        write_arrays(arrays, folder / PREDICTIONS)

    def read(self, folder: Path) -> Predictions:
        arrays = read_arrays(folder / PREDICTIONS)
        weights = {
            name.removeprefix("weight:"): float(value)
            for name, value in arrays.items()
            if name.startswith("weight:")
        }
        notes = from_json(str(arrays["notes"])) if "notes" in arrays else ()
        held, decision = arrays.get("validation"), arrays.get("decision")
        return Predictions(arrays["test"], held, weights or None, notes, decision)


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
        prior: real rows whose class shares the probabilities of the test part are corrected to,
            see `tabsculpt.predictors.prior_shift`; None for no correction.
    """

    name: str
    predictor: Predictor
    train: Step[Table]
    validation: Step[Table] | None
    stops_early: bool
    test: Step[Table]
    seed: int | None
    prior: Step[Table] | None = field(default=None, metadata=LATER)

    @property
    def label(self) -> str:
        return f"train {self.name}"

    def compute(self, fetch: Fetch) -> Predictions:
        train = fetch(self.train)
        validation = fetch(self.validation) if self.validation else None
        read = text_reader(train)  # of the rows that it is trained on, and of no others
        seen = read(validation) if validation is not None else None
        model = OneClass.of(train) or self.predictor.fit(
            read(train), seen if self.stops_early else None, self.random_seed
        )
        held = self._predict(model, seen) if seen is not None else None
        test = self._predict(model, read(fetch(self.test)))
        if self.prior is not None:
            trained = train if validation is None else concat([train, validation])
            test = rescaled(
                test, prior_ratio(class_shares(trained), class_shares(fetch(self.prior)))
            )
        notes = notes_of(model)
        decision = model.decision if isinstance(model, Deciding) else None
        return Predictions(test, held, notes=notes, decision=decision)

    def _predict(self, model: Model, rows: Table) -> FloatArray:
        if not callable(getattr(model, "predict", None)):
            problem = f"fit returned a {type(model).__name__}, which has no method predict"
            raise ContractError(type(self.predictor), "predictors", problem)
        prediction = model.predict(rows.features)
        check_returned(model, "predictors", "predict", prediction, np.ndarray)
        classes = rows.schema.classes
        shape = (len(rows), len(classes)) if classes else (len(rows),)
        if prediction.shape != shape:
            problem = f"predict returned shape {prediction.shape}; expected {shape}"
            raise ContractError(type(model), "predictors", problem)
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
        decisions = {
            name: prediction.decision
            for name, prediction in predictions.items()
            if prediction.decision is not None
        }
        decision = _mean_decision(decisions, weights)
        return Predictions(np.asarray(test, dtype=np.float64), None, weights, (), decision)


def _mean_decision(
    decisions: dict[str, FloatArray], weights: dict[str, float]
) -> FloatArray | None:
    """The geometric mean of the factors of members that decide by some; None where none does."""
    if not decisions:
        return None
    logs = [weights[name] * np.log(factors) for name, factors in decisions.items()]
    return np.asarray(np.exp(np.sum(logs, axis=0)), dtype=np.float64)
