"""What synthetic rows are worth: scores of predictors with and without them, on rows set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.artifacts import read_arrays, write_arrays
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import TooFewRowsError
from tabsculpt.metrics import Metric, metrics_for
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.predictors import Model, Predictor
from tabsculpt.predictors.holdout import holdout
from tabsculpt.predictors.suite import members
from tabsculpt.table import FloatArray, Table, Task, concat
from tabsculpt.text.features import text_reader

OBJECTIVE = {Task.REGRESSION: "r2", Task.BINARY: "gini", Task.MULTICLASS: "gini"}
"""What is raised; a high value is good."""


@dataclass(frozen=True)
class ValidationScoring:
    """How synthetic rows are judged.

    Attributes:
        predictors: the predictors of the job, by name; those for other tasks and ensembles are left
            out. The score is the mean over them.
        amount: synthetic rows added, as a share of the real ones.
        repeats: how often rows are drawn and the predictors trained.
    """

    libraries: ClassVar[tuple[str, ...]] = ()

    predictors: dict[str, Any] = field(default_factory=dict)
    amount: float = 0.1
    repeats: int = 3


class _Scores(Step[FloatArray]):
    """Scores, shape (repeats x predictors,)."""

    phase: ClassVar[str] = "refine"

    def write(self, result: FloatArray, folder: Path) -> None:
        write_arrays({"scores": result}, folder / "scores.npz")

    def read(self, folder: Path) -> FloatArray:
        return read_arrays(folder / "scores.npz")["scores"]


@dataclass(frozen=True)
class RealScores(_Scores):
    """How the predictors score where they learn from the real rows alone.

    Attributes:
        scoring: how.
        real: what they learn from.
        validation: what they are scored on; rows of the train side that are not among the others.
        seed: the user's seed.
    """

    scoring: ValidationScoring
    real: Step[Table]
    validation: Step[Table]
    seed: int

    @property
    def label(self) -> str:
        return "score the real rows on the validation rows"

    def compute(self, fetch: Fetch) -> FloatArray:
        real = fetch(self.real)
        return score_predictors(
            self.scoring, lambda _: real, fetch(self.validation), self.random_seed
        )


@dataclass(frozen=True)
class Gains(_Scores):
    """By how much the scores rise where some synthetic rows join the real ones."""

    without: RealScores
    synthetic: Step[Synthetic]

    @property
    def label(self) -> str:
        return "score synthetic rows on the validation rows"

    def compute(self, fetch: Fetch) -> FloatArray:
        table = fetch(self.synthetic).table
        return gains(self.without, fetch, lambda n, seed: _drawn(table, n, seed), self.random_seed)


def gains(
    without: RealScores, fetch: Fetch, draw: Callable[[int, int], Table], seed: int
) -> FloatArray:
    """The gain of each predictor in each repeat; its training has the same seed with and without.

    Args:
        without: the scores without synthetic rows.
        fetch: of the step that asks.
        draw: from a number of rows and a seed to synthetic rows.
        seed: of the drawing.

    Returns:
        Shape (repeats x predictors,).
    """
    scoring, real = without.scoring, fetch(without.real)
    count = max(1, round(scoring.amount * len(real)))

    def table(repeat: int) -> Table:
        return concat([real, draw(count, derive_seed(seed, repeat))])

    held = fetch(without.validation)
    return score_predictors(scoring, table, held, without.random_seed) - fetch(without)


def score_predictors(
    scoring: ValidationScoring, table: Callable[[int], Table], validation: Table, seed: int
) -> FloatArray:
    """Train every predictor on the table of each repeat and score it.

    Args:
        scoring: how.
        table: from the number of a repeat to the training rows.
        validation: what is predicted.
        seed: of the training; the same for each call that is to be compared.

    Returns:
        Shape (repeats x predictors,).

    Raises:
        TooFewRowsError: the score is not defined on so few validation rows, or there is no
            predictor.
    """
    task = validation.schema.task
    metric = objective(task)
    found = []
    for repeat in range(scoring.repeats):
        rows = table(repeat)
        read = text_reader(rows)
        rows, seen = read(rows), read(validation).features
        for name, predictor in members(scoring.predictors, task).items():
            model = _trained(predictor, rows, derive_seed(seed, name, repeat))
            found.append(metric.function(validation.target, model.predict(seen)))
    if not found or not np.isfinite(found).all():
        raise TooFewRowsError(
            f"{metric.name} is not defined on the {len(validation)} rows that settings are to be "
            "chosen by, or no predictor is for this task; set more aside (split.selection)"
        )
    return np.asarray(found)


def objective(task: Task) -> Metric:
    """The metric that choices are made by."""
    return next(metric for metric in metrics_for(task) if metric.name == OBJECTIVE[task])


def _trained(predictor: Predictor, table: Table, seed: int) -> Model:
    if not predictor.uses_validation:
        return predictor.fit(table, None, seed)
    kept, held = holdout(table, seed)
    return predictor.fit(table.take(kept), table.take(held), seed)


def _drawn(table: Table, count: int, seed: int) -> Table:
    again = count > len(table)
    return table.take(np.random.default_rng(seed).choice(len(table), count, replace=again))
