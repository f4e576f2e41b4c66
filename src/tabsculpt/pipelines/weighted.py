"""Weighted: errors on rare classes count more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tabsculpt.pipelines import PipelineInputs
from tabsculpt.pipelines.real_rows import TrainedModel, needs_classes
from tabsculpt.predictors import Model, Predictor, weighable
from tabsculpt.predictors.prior_shift import class_shares, prior_ratio
from tabsculpt.table import FloatArray, Schema, Table


@dataclass(frozen=True)
class Weighted:
    """Rows are weighed so that all classes weigh the same: n / (classes * rows of the class).

    Nothing is generated; the real rows are trained on as they are (protocol trtr). A predictor that
    takes no weights is left out, and its result rows say so. Rows held out for early stopping count
    alike.

    Source: King, Zeng, "Logistic Regression in Rare Events Data", Political Analysis 9, 2001,
    section 4.2; the weights are those of scikit-learn's ``class_weight="balanced"``.

    Args:
        correct_prior: bring the probabilities back to the real shares of the classes, see
            `tabsculpt.predictors.prior_shift.prior_ratio`.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = False
    on_real_rows: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ()
    stochastic: ClassVar[bool] = False

    correct_prior: bool = False

    def impossible(self, schema: Schema) -> str | None:
        """See `tabsculpt.pipelines.obstacle`."""
        return needs_classes(schema)

    def build(self, given: PipelineInputs) -> None:
        """See `Pipeline.build`."""
        return None

    def refuses(self, predictor: Predictor) -> str | None:
        """See `Training.refuses`."""
        return None if weighable(predictor) else "takes no weights of rows, which weighted needs"

    def train(
        self, predictor: Predictor, train: Table, validation: Table | None, seed: int
    ) -> Model:
        """See `Training.train`."""
        takes = weighable(predictor)
        assert takes is not None
        shares = class_shares(train)
        alike = (shares > 0) / np.count_nonzero(shares)
        weights: FloatArray = (alike / np.where(shares > 0, shares, 1.0))[train.target]
        model = takes.fit(train, validation, seed, weights)
        return TrainedModel(model, (), prior_ratio(alike, shares) if self.correct_prior else None)
