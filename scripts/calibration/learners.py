"""Worlds of real learning: copies of train rows, two quick predictors, scores on test rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.metrics import accuracy_score, roc_auc_score, root_mean_squared_error

from calibration.rows import Draws
from tabsculpt.table import FloatArray, IntArray

SAMPLES = 2
Rng = np.random.Generator
Rows = tuple[FloatArray, FloatArray, IntArray]
"""Features, target and the group of each row."""


@dataclass(frozen=True)
class Learnt:
    """A world of tables, drawn anew for each draw.

    Attributes:
        table: draws one.
        score: "rmse", "auc" or "accuracy".
        generator: draws synthetic rows like the train rows at some places.
        noise: of the target of pipeline b, in standard deviations; the labels a and b are then
            shuffled at every fit.
    """

    table: Callable[[Rng], Rows]
    score: str
    generator: Callable[[Rng, IntArray], IntArray]
    noise: float = 0.0

    def draw(self, draws: int, shape: tuple[int, int]) -> Draws:
        """Scores of real rows and of two pipelines."""
        splits, fits = shape
        real = np.empty((draws, splits, fits, 2))
        made = np.empty((draws, 2, splits, fits, SAMPLES, 2))
        for number in range(draws):
            rng = np.random.default_rng([number, splits, fits])
            x, y, groups = self.table(rng)
            for split in range(splits):
                train, test = _divided(rng, groups)
                real[number, split] = self._scores(x, y, y[train], train, test)
                for fit in range(fits):
                    arms = rng.permutation(2) if self.noise else (0, 1)
                    for arm, noise in zip(arms, (0.0, self.noise), strict=True):
                        made[number, arm, split, fit] = self._made(rng, x, y, train, test, noise)
        sizes = len(train), len(test)
        return Draws(real, made, *sizes, "min" if self.score == "rmse" else "max")

    def _made(self, rng: Rng, x: FloatArray, y: FloatArray, train: IntArray, test: IntArray,
              noise: float) -> FloatArray:  # fmt: skip
        fitted = self.generator(rng, train)
        found = np.empty((SAMPLES, 2))
        for sample in range(SAMPLES):
            rows = rng.choice(fitted, len(fitted))
            target = y[rows] + noise * y.std() * rng.normal(size=len(rows)) if noise else y[rows]
            found[sample] = self._scores(x, y, target, rows, test)
        return found

    def _scores(self, x: FloatArray, y: FloatArray, target: FloatArray, rows: IntArray,
                test: IntArray) -> list[float]:  # fmt: skip
        classes = np.unique(y) if self.score != "rmse" else None
        wanted = target[:, None] if classes is None else (target[:, None] == classes).astype(float)
        predictions = (_linear(x[rows], wanted, x[test]), _nearest(x[rows], wanted, x[test]))
        return [_score(self.score, y[test], given, classes) for given in predictions]


def _divided(rng: Rng, groups: IntArray) -> tuple[IntArray, IntArray]:
    """Places of two thirds of the groups, and of the others."""
    names = rng.permutation(np.unique(groups))
    tested = np.isin(groups, names[: round(len(names) / 3)])
    return np.flatnonzero(~tested), np.flatnonzero(tested)


def _linear(x: FloatArray, y: FloatArray, at: FloatArray) -> FloatArray:
    centre, level = x.mean(axis=0), y.mean(axis=0)
    inner = (x - centre).T @ (x - centre) + np.eye(x.shape[1])
    given: FloatArray = level + (at - centre) @ np.linalg.solve(inner, (x - centre).T @ (y - level))
    return given


def _nearest(x: FloatArray, y: FloatArray, at: FloatArray) -> FloatArray:
    squared = (at**2).sum(axis=1)[:, None] - 2 * at @ x.T + (x**2).sum(axis=1)
    given: FloatArray = y[np.argsort(squared, axis=1, kind="stable")[:, :5]].mean(axis=1)
    return given


def _score(name: str, truth: FloatArray, given: FloatArray, classes: FloatArray | None) -> float:
    if classes is None:
        return float(root_mean_squared_error(truth, given[:, 0]))
    if name == "accuracy":
        return float(accuracy_score(truth, classes[given.argmax(axis=1)]))
    there = [c for c in range(len(classes)) if 0 < (truth == classes[c]).sum() < len(truth)]
    return float(np.mean([roc_auc_score(truth == classes[c], given[:, c]) for c in there]))


def _bootstrap(rng: Rng, train: IntArray) -> IntArray:
    return rng.choice(train, len(train))


def _most(rng: Rng, train: IntArray) -> IntArray:
    return rng.permutation(train)[: round(0.8 * len(train))]


def _numbers(rows: int) -> Callable[[Rng], Rows]:
    def drawn(rng: Rng) -> Rows:
        x = rng.normal(size=(rows, 4))
        return x, 10 + x @ [1.0, 0.5, 0.2, 0.0] + rng.normal(size=rows), np.arange(rows)

    return drawn


def _grouped(rng: Rng) -> Rows:
    groups = np.repeat(np.arange(24), 8)
    x = rng.normal(size=(24, 4))[groups] + 0.5 * rng.normal(size=(len(groups), 4))
    own = rng.normal(size=24)[groups]
    return x, 10 + x[:, 0] + own + 0.5 * rng.normal(size=len(groups)), groups


def _ties(rng: Rng) -> Rows:
    x = rng.integers(0, 2, size=(90, 3)).astype(float)
    return x, (rng.random(90) < 0.2 + 0.6 * x[:, 0]).astype(float), np.arange(90)


def _stored(load: Callable[..., tuple[FloatArray, FloatArray]], rows: int) -> Callable[[Rng], Rows]:
    def drawn(rng: Rng) -> Rows:
        x, y = load(return_X_y=True)
        at = rng.permutation(len(y))[:rows]
        x = x[at, :10] / x[:, :10].std(axis=0)
        return x, y[at].astype(float), np.arange(rows)

    return drawn


WORLDS = {
    "bootstrap against itself, made-up numbers": Learnt(_numbers(150), "rmse", _bootstrap),
    "bootstrap against itself, 20 rows": Learnt(_numbers(20), "rmse", _bootstrap),
    "bootstrap against itself, diabetes": Learnt(_stored(load_diabetes, 150), "rmse", _bootstrap),
    "bootstrap against itself, breast cancer": Learnt(
        _stored(load_breast_cancer, 150), "auc", _bootstrap
    ),
    "equal in law (80 % of the rows each), diabetes": Learnt(
        _stored(load_diabetes, 150), "rmse", _most
    ),
    "shuffled labels of two unequal, diabetes": Learnt(
        _stored(load_diabetes, 150), "rmse", _bootstrap, noise=0.5
    ),
    "groups of eight rows": Learnt(_grouped, "rmse", _bootstrap),
    "heavy ties (accuracy, binary columns)": Learnt(_ties, "accuracy", _bootstrap),
    "three classes (AUC), iris": Learnt(_stored(load_iris, 90), "auc", _bootstrap),
}
