"""Regularised: a simpler model in place of more rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines import PipelineInputs
from tabsculpt.pipelines.real_rows import TrainedModel
from tabsculpt.predictors import Model, Predictor, variants
from tabsculpt.predictors.holdout import holdout
from tabsculpt.table import FloatArray, Table, Task

TINY = 1e-6
"""Probabilities are at least so large where their logarithm is taken."""


@dataclass(frozen=True)
class Regularised:
    """Each predictor as it is, or with more regularisation, whichever predicts held-out rows best.

    A validation part is held out of the training rows as AutoGluon does it; a predictor and its
    more regularised variants (`tabsculpt.predictors.Regularisable`) learn the others. The one with
    the least log loss, or mean squared error, on the validation part learns all rows; the result
    rows name it. Nothing is generated (protocol trtr). A predictor without variants is left out,
    and its result rows say so.

    Synthetic rows act as a regulariser (Bishop, "Training with Noise is Equivalent to Tikhonov
    Regularization", Neural Computation 7, 1995): what they gain may be had so for less.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = False
    on_real_rows: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    stochastic: ClassVar[bool] = True

    def build(self, given: PipelineInputs) -> None:
        """See `Pipeline.build`."""
        return None

    def refuses(self, predictor: Predictor) -> str | None:
        """See `Training.refuses`."""
        return None if len(variants(predictor)) > 1 else "has no more regularised variant"

    def train(
        self, predictor: Predictor, train: Table, validation: Table | None, seed: int
    ) -> Model:
        """See `Training.train`.

        Raises:
            TooFewRowsError: see `holdout`.
        """
        tried = variants(predictor)
        kept, held = (train.take(rows) for rows in holdout(train, derive_seed("regularised", seed)))
        losses = [
            loss(held, each.fit(kept, validation, seed).predict(held.features)) for each in tried
        ]
        best = tried[int(np.argmin(losses))]
        text = (
            f"{_difference(predictor, best)}, the best of {len(tried)} on {len(held):,} held-out "
            "rows"
        )
        model = best.fit(train, validation, seed)
        return TrainedModel(model, (Note(Code.REGULARISATION_CHOSEN, text, len(held)),))


def loss(rows: Table, prediction: FloatArray) -> float:
    """Mean squared error of a number, log loss of classes.

    Args:
        rows: n of them.
        prediction: see `Model.predict`.
    """
    if rows.schema.task is Task.REGRESSION:
        return float(np.mean((prediction - rows.target) ** 2))
    given = prediction[np.arange(len(rows)), rows.target]
    return float(-np.mean(np.log(np.maximum(given, TINY))))


def _difference(predictor: Predictor, best: Predictor) -> str:
    """In which setting the best differs from the predictor as it was given."""
    found = [
        f"{field.name}={getattr(best, field.name)}"
        for field in fields(best)  # type: ignore[arg-type]
        if getattr(best, field.name) != getattr(predictor, field.name)
    ]
    return f"has {' '.join(found)}" if found else "is not regularised further"
