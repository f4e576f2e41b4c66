"""What each predictor makes of a table: its error on known and on new patients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_score

from parkinson_study.tables import SCORE, Parts, parts, tables
from tabsculpt.metrics.regression import rmse
from tabsculpt.predictors import Model, Predictor, variants
from tabsculpt.predictors.holdout import holdout
from tabsculpt.table import Table

FOLDS = 3
"""Parts of the rows, or of the patients, by which a variant of a predictor is chosen."""
TUNED = {
    "by recordings": "real rows, predictor tuned on held-out recordings",
    "by patients": "real rows, predictor tuned on held-out patients",
    "by the new patients": "real rows, predictor best on the new patients (none can know it)",
}


def of_split(split: int) -> Iterator[dict[str, object]]:
    """The RMSE of each predictor from each table, on other recordings and on other patients."""
    given = parts(split)
    assert given.train.groups is not None
    known = {"split": split, "patients": len(np.unique(given.train.groups))}
    for name, table in tables(given.train, split):
        for label, predictor in given.suite.items():
            yield {**known, "table": name, "predictor": label, **errors(predictor, table, given)}
    for label, predictor in given.suite.items():
        for way, found in tuned(predictor, given).items():
            yield {**known, "table": TUNED[way], "predictor": label, **found}
    yield {**known, "table": "patient named", "predictor": "", "known": named(given.train)}


def tuned(predictor: Predictor, given: Parts) -> dict[str, dict[str, float]]:
    """The errors of a predictor whose regularisation was chosen in one way or another."""
    tried = regularised(predictor)
    groups = given.train.groups
    ways = {
        "by recordings": list(KFold(FOLDS, shuffle=True, random_state=0).split(groups)),
        "by patients": list(GroupKFold(FOLDS).split(groups, groups=groups)),
    }
    scores = [errors(each, given.train, given) for each in tried]
    best = {
        way: int(np.argmin([validated(each, given.train, folds) for each in tried]))
        for way, folds in ways.items()
    }
    best["by the new patients"] = int(np.argmin([each["new"] for each in scores]))
    return {way: scores[place] for way, place in best.items()}


def regularised(predictor: Predictor) -> list[Predictor]:
    """The predictor, its more regularised variants, and those of the last of these."""
    first = variants(predictor)
    return [*first, *(each for each in variants(first[-1]) if each not in first)]


def validated(predictor: Predictor, train: Table, folds: Any) -> float:
    """The mean squared error on parts of the train rows that are held out in turn."""
    found = []
    for learnt, held in folds:
        rows = train.take(held)
        predicted = fit(predictor, train.take(learnt)).predict(rows.features)
        found.append(float(np.mean((predicted - rows.target) ** 2)))
    return float(np.mean(found))


def errors(predictor: Predictor, train: Table, given: Parts) -> dict[str, float]:
    """The RMSE on other recordings of the patients that were learnt from, and on new patients."""
    model = fit(predictor, train)
    return {
        name: float(rmse(rows.target, model.predict(rows.features)))
        for name, rows in (("known", given.known), ("new", given.new))
    }


def fit(predictor: Predictor, train: Table) -> Model:
    """Train as a job does."""
    if not predictor.uses_validation:
        return predictor.fit(train, None, 0)
    kept, held = holdout(train, 0)
    return predictor.fit(train.take(kept), train.take(held), 0)


def named(train: Table) -> float:
    """How often a forest names the patient of a recording that it has not seen, of those known."""
    told = train.matrix()[:, [c.name != SCORE for c in train.schema.features]]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    forest = RandomForestClassifier(100, random_state=0)
    return float(cross_val_score(forest, told, train.groups, cv=folds).mean())
