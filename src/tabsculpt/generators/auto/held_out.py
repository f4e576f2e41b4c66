"""What a candidate's rows are worth to a forest that predicts rows held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import Generator
from tabsculpt.table import FloatArray, IntArray, Table, Task

_SHARE = 1 / 3
_TREES = 100


def parts(rows: int, seed: int) -> tuple[IntArray, IntArray]:
    """The rows to learn from, and a third that is held out, each in random order."""
    order = np.random.default_rng(seed).permutation(rows)
    held = round(_SHARE * rows)
    return order[held:], order[:held]


def error_of(generator: Generator, learnt: Table, held: Table, seed: int, device: str) -> float:
    """Fit, draw as many rows as there are, and score a forest trained on these."""
    fitted = generator.fit(learnt, derive_seed("fit", seed), device)
    made = fitted.sample(len(learnt), derive_seed("sample", seed))
    return forest_error(made, held, derive_seed("forest", seed))


def forest_error(train: Table, held: Table, seed: int) -> float:
    """Mean squared error of a forest; of classes that of their probabilities (Brier score)."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    settings: dict[str, Any] = {"n_estimators": _TREES, "random_state": seed, "n_jobs": 1}
    if train.schema.task is Task.REGRESSION:
        forest = RandomForestRegressor(**settings).fit(train.matrix(), train.target)
        return float(np.mean((forest.predict(held.matrix()) - held.target) ** 2))
    classes = RandomForestClassifier(**settings).fit(train.matrix(), train.target)
    size = len(train.schema.classes)
    chances = np.zeros((len(held), size))
    chances[:, classes.classes_] = classes.predict_proba(held.matrix())
    truth: FloatArray = np.eye(size)[held.target]
    return float(np.mean(((chances - truth) ** 2).sum(axis=1)))
