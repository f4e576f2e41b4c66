"""Mixup: weighted means of pairs of real rows beside the real rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from annotated_types import Gt

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines import PipelineInputs
from tabsculpt.pipelines.real_rows import TrainedModel
from tabsculpt.predictors import Model, Predictor
from tabsculpt.table import FloatArray, Table, concat, conform


@dataclass(frozen=True)
class Mixup:
    """As many mixed rows as real ones are trained on beside these; no generator, no table.

    A mixed row has a share lambda of one real row and 1 - lambda of another, drawn from all.
    Numbers, the target of a regression among them, are mixed; whole numbers are rounded. Categories
    and booleans cannot be: each is that of the first row with probability lambda, else that of the
    second, and so is the class. The class is drawn where the source gives both classes their
    shares, as predictors here learn from one class a row: the loss that is expected is the same. A
    number that one of the two lacks is the other's. Nothing is measured of the mixed rows, as they
    differ from predictor to predictor, and never leave training (protocol trtr).

    Deviations from the source: it mixes the rows of each batch anew and trains on no others; here
    rows are mixed once and stand beside the real ones, as most predictors have no batches.

    Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR
    2018, https://arxiv.org/abs/1710.09412

    Args:
        alpha: lambda is drawn from Beta(alpha, alpha); greater values mix more evenly.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = False
    on_real_rows: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ()
    stochastic: ClassVar[bool] = True

    alpha: Annotated[float, Gt(0)] = 0.2

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
        both = concat([train, mixed(train, self.alpha, derive_seed("mixup", seed))])
        model = predictor.fit(both, validation, seed)
        text = f"learns {len(train):,} mixed rows besides"
        return TrainedModel(model, (Note(Code.ROWS_MIXED, text, len(train)),))


def mixed(table: Table, alpha: float, seed: int) -> Table:
    """As many mixed rows as there are; see `Mixup`.

    Args:
        table: at least one row.
        alpha: of the Beta distribution.
        seed: of every draw.
    """
    rng = np.random.default_rng(seed)
    first, second = (table.take(rng.integers(len(table), size=len(table))) for _ in range(2))
    share = rng.beta(alpha, alpha, len(table))
    columns = {}
    for column in table.schema.columns:
        one, two = first.frame[column.name], second.frame[column.name]
        if column.is_numeric:
            columns[column.name] = pd.Series(_mean(one, two, share))
        else:
            columns[column.name] = one.where(rng.random(len(table)) < share, two)
    return conform(pd.DataFrame(columns), table.schema)


def _mean(one: pd.Series, two: pd.Series, share: FloatArray) -> FloatArray:
    a, b = (values.to_numpy(dtype=np.float64, na_value=np.nan) for values in (one, two))
    return np.where(np.isnan(a), b, np.where(np.isnan(b), a, share * a + (1 - share) * b))
