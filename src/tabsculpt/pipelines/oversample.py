"""Oversample: rows of rare classes are repeated at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.pipelines import PipelineInputs
from tabsculpt.pipelines.real_rows import needs_classes
from tabsculpt.pipelines.resampling import repeated_rows, train_on
from tabsculpt.predictors import Model, Predictor
from tabsculpt.table import Schema, Table


@dataclass(frozen=True)
class Oversample:
    """Rows of rarer classes are repeated at random until each class has as many as the largest.

    Nothing is generated; predictors are trained on the real rows (protocol trtr), some of them more
    than once. Rows held out for early stopping are set aside before and not repeated.

    Source: Japkowicz, Stephen, "The Class Imbalance Problem: A Systematic Study", Intelligent Data
    Analysis 6, 2002, https://doi.org/10.3233/IDA-2002-6504, section 5.

    Args:
        correct_prior: bring the probabilities back to the real shares of the classes, see
            `tabsculpt.predictors.prior_shift.prior_ratio`.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = False
    on_real_rows: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ()
    stochastic: ClassVar[bool] = True

    correct_prior: bool = False

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
        """See `Training.train`."""
        places = repeated_rows(train.target, derive_seed("oversample", seed))
        return train_on(places, self.correct_prior, predictor, train, validation, seed)
