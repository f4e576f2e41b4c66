"""Threshold: the same probabilities, another line between the classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.metrics.classification import macro_f1
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines import PipelineInputs
from tabsculpt.pipelines.real_rows import TrainedModel, needs_classes
from tabsculpt.predictors import Model, Predictor
from tabsculpt.predictors.holdout import holdout
from tabsculpt.predictors.prior_shift import rescaled
from tabsculpt.table import FloatArray, Schema, Table

MOST = 1000
"""Lines that are tried for a class; of more, evenly spread ones."""
SWEEPS = 2
"""How often each class has its turn, where there are more than two."""
TINY = 1e-12


@dataclass(frozen=True)
class Threshold:
    """The probability from which a class is predicted is the one with the best macro F1.

    A validation part is held out of the training rows as AutoGluon does it, the predictor learns
    the others, and the threshold is chosen on it; then the predictor learns all rows. Nothing is
    generated (protocol trtr). Probabilities stay as they are, and with them the area under the ROC
    curve, Brier score and calibration; what is read off the predicted class changes. Of several
    classes each has a factor, and the class of the greatest product is predicted.

    Source: Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001, section 2; chosen on
    held-out rows as in Provost, "Machine Learning from Imbalanced Data Sets 101", AAAI 2000.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = False
    on_real_rows: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    stochastic: ClassVar[bool] = True

    def impossible(self, schema: Schema) -> str | None:
        """See `tabsculpt.pipelines.obstacle`."""
        return needs_classes(schema)

    def build(self, given: PipelineInputs) -> None:
        """See `Pipeline.build`."""
        return None

    def refuses(self, predictor: Predictor) -> None:
        """See `Training.refuses`."""
        return None

    def train(
        self, predictor: Predictor, train: Table, validation: Table | None, seed: int
    ) -> Model:
        """See `Training.train`.

        Raises:
            TooFewRowsError: see `holdout`.
        """
        kept, held = (train.take(rows) for rows in holdout(train, derive_seed("threshold", seed)))
        first = predictor.fit(kept, validation, seed)
        decision = best_decision(held.target, first.predict(held.features))
        model = predictor.fit(train, validation, seed)
        return TrainedModel(model, (_note(decision, train.schema, len(held)),), None, decision)


def best_decision(truth: npt.NDArray[np.int64], probabilities: FloatArray) -> FloatArray:
    """Factors of the classes with the best macro F1; of equals those nearest to no factor.

    Args:
        truth: class codes, shape (n,), n at least 1.
        probabilities: shape (n, classes).

    Returns:
        Shape (classes,), above 0; that of the first class is 1.
    """
    factors = np.ones(probabilities.shape[1])
    best = macro_f1(truth, probabilities)
    two = len(factors) == 2
    for code in list(range(1, len(factors))) * (1 if two else SWEEPS):
        for factor in _lines(probabilities * factors, code) * factors[code]:
            tried = factors.copy()
            tried[code] = factor
            score = macro_f1(truth, rescaled(probabilities, tried))
            nearer = abs(np.log(factor)) < abs(np.log(factors[code]))
            if score > best + TINY or (score > best - TINY and nearer):
                best, factors = max(best, score), tried
    return factors


def _lines(scores: FloatArray, code: int) -> FloatArray:
    """Factors of one class, each for a line between its shares of two rows.

    A share is of the class and the most probable other one; of two classes it is the probability.
    """
    others = np.delete(scores, code, axis=1).max(axis=1)
    shares = np.unique(scores[:, code] / np.maximum(scores[:, code] + others, TINY))
    lines = (shares[1:] + shares[:-1]) / 2
    if len(lines) > MOST:
        lines = lines[np.linspace(0, len(lines) - 1, MOST).astype(int)]
    return (1 - lines) / lines


def _note(decision: FloatArray, schema: Schema, held: int) -> Note:
    rows = f"chosen on {held:,} rows held out"
    if len(decision) == 2:
        at = 1 / (1 + decision[1])
        text = f"predicts {schema.classes[1]!r} from a probability of {at:.3g}, {rows}"
        return Note(Code.DECISION_CHOSEN, text, held)
    factors = ", ".join(f"{n} {f:.3g}" for n, f in zip(schema.classes, decision, strict=True))
    text = f"multiplies probabilities by {factors} to predict the class, {rows}"
    return Note(Code.DECISION_CHOSEN, text, held)
