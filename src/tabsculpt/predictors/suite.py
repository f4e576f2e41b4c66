"""A suite: the named predictors that a job trains on one table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TypeGuard

from tabsculpt.engine.step import Step
from tabsculpt.predictors import Predictor
from tabsculpt.predictors.prediction_steps import (
    CombineAndPredict,
    Ensemble,
    Predictions,
    TrainAndPredict,
    ValidationRows,
)
from tabsculpt.table import Table, Task

Suite = Mapping[str, Predictor | Ensemble]


def members(suite: Suite, task: Task) -> dict[str, Predictor]:
    """The predictors of a suite that can be trained for a task."""
    return {name: part for name, part in suite.items() if _is_alone(part) and task in part.tasks}


def prediction_steps(
    suite: Suite,
    task: Task,
    train: Step[Table],
    test: Step[Table],
    seed: int,
    prior: Step[Table] | None = None,
) -> dict[str, Step[Predictions]]:
    """Lay out the steps that train a suite and predict the test part.

    Where the suite has an ensemble, all its members learn from the same held-in rows, so that
    their validation predictions can be weighed; elsewhere only those that stop early do.
    ``prior`` see `TrainAndPredict`.
    """
    kept, validation = (
        ValidationRows(train, "train", seed),
        ValidationRows(train, "validation", seed),
    )
    ensembles = {name: part for name, part in suite.items() if _is_ensemble(part)}
    steps: dict[str, Step[Predictions]] = {}
    trained = []
    for name, predictor in members(suite, task).items():
        held = bool(ensembles) or predictor.uses_validation
        step = TrainAndPredict(
            name,
            predictor,
            kept if held else train,
            validation if held else None,
            predictor.uses_validation,
            test,
            seed if predictor.stochastic else None,
            prior,
        )
        steps[name] = step
        trained.append(step)
    for name, ensemble in ensembles.items():
        steps[name] = CombineAndPredict(ensemble, tuple(trained), validation)
    return steps


def _is_alone(part: Predictor | Ensemble) -> TypeGuard[Predictor]:
    return not _combines(type(part))


def _is_ensemble(part: Predictor | Ensemble) -> TypeGuard[Ensemble]:
    return _combines(type(part))


@cache
def _combines(kind: type[object]) -> bool:
    """Asked for each table of a sweep; a protocol takes long to answer."""
    return hasattr(kind, "combine")
