"""The flow from noise to rows: at each time a line and boosted trees that give the velocity."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.table import FloatArray

Arrays = dict[str, npt.NDArray[Any]]

_RIDGE = 1e-3
"""Penalty of the linear part, on inputs of about unit variance."""

_BINS = 64
"""Of the histograms that splits are looked for in."""


@dataclass(frozen=True)
class Trees:
    """How the trees at each time are boosted.

    Attributes:
        steps: times between noise (0) and rows (1).
        noises: at most so many noises for each row at each time.
        most: at most so many rows with noise at each time.
        rounds: of boosting, each a tree for each number.
        depth: of the tree of a number, at most.
        rate: shrinkage of each round.
    """

    @property
    def for_codes(self) -> Trees:
        """Fewer and shallower trees, as the zeros and ones of codes are many and rough."""
        return replace(self, rounds=math.ceil(self.rounds / 3), depth=min(self.depth, 4))

    steps: int
    noises: int
    most: int
    rounds: int
    depth: int
    rate: float


@dataclass(frozen=True, eq=False)
class Flow:
    """Velocities at times k / steps, k = 0, ..., steps - 1.

    Attributes:
        mean: of the rows, shape (d,).
        scale: their standard deviations, 1 where they are alike, shape (d,).
        lines: the linear parts, shape (steps, d + condition + 1, d), the last input being 1.
        boosters: what trees add to them, for each time an ``xgboost.Booster`` of all numbers
            and one of all codes, where there are such.
    """

    mean: FloatArray
    scale: FloatArray
    lines: FloatArray
    boosters: list[tuple[Any, ...]]

    @classmethod
    def learn(
        cls, rows: FloatArray, numbers: int, condition: FloatArray, how: Trees, seed: int
    ) -> Flow:
        """Regress velocities on rows between noise and data, once for each time.

        Args:
            rows: shape (n, d), the numbers first, then zeros and ones of codes.
            numbers: how many are numbers.
            condition: what each is made for, shape (n, condition).
            how: the trees.
            seed: of the noise and of the rows that are drawn where there are too many.
        """
        mean, scale = rows.mean(axis=0), rows.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        scaled = (rows - mean) / scale
        lines, boosters = [], []
        for step in range(how.steps):
            rng = np.random.default_rng(derive_seed("noise", step, seed))
            picked = _spread(len(rows), how, rng)
            ends, noise = scaled[picked], rng.standard_normal((len(picked), rows.shape[1]))
            time = step / how.steps
            inputs = np.hstack([time * ends + (1 - time) * noise, condition[picked]])
            line = _line(inputs, ends - noise)
            rest = ends - noise - _linear(inputs, line)
            lines.append(line)
            divided = zip(np.hsplit(rest, [numbers]), (how, how.for_codes), strict=True)
            boosters.append(
                tuple(_boost(inputs, part, own) for part, own in divided if part.shape[1])
            )
            report_progress(step + 1, how.steps, float(np.mean(rest**2)))
        return cls(mean, scale, np.stack(lines), boosters)

    def draw(self, condition: FloatArray, rng: np.random.Generator) -> FloatArray:
        """A row for each of ``condition``, shape (n, d), by Euler's method from normal noise."""
        rows = rng.standard_normal((len(condition), len(self.mean)))
        for line, boosters in zip(self.lines, self.boosters, strict=True):
            inputs = np.hstack([rows, condition])
            velocity = _linear(inputs, line)
            if len(rows):
                velocity = velocity + np.hstack([_predict(part, inputs) for part in boosters])
            rows = rows + velocity / len(self.lines)
        return rows * self.scale + self.mean

    def to_arrays(self) -> Arrays:
        """Arrays by name, the inverse of `of_arrays`; trees as the library's own binary JSON."""
        trees = {
            f"trees {step} {place}": np.frombuffer(booster.save_raw("ubj"), dtype=np.uint8)
            for step, boosters in enumerate(self.boosters)
            for place, booster in enumerate(boosters)
        }
        return {"mean": self.mean, "scale": self.scale, "lines": self.lines, **trees}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Flow:
        from xgboost import Booster

        def booster(name: str) -> Booster:
            found = Booster({"nthread": 1})
            found.load_model(bytearray(arrays[name].tobytes()))
            return found

        names = [
            [f"trees {step} {part}" for part in (0, 1)] for step in range(len(arrays["lines"]))
        ]
        boosters = [tuple(booster(n) for n in both if n in arrays) for both in names]
        return cls(arrays["mean"], arrays["scale"], arrays["lines"], boosters)


def _spread(rows: int, how: Trees, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Which rows get noise: each as often as any other, or some where there are too many."""
    if rows > how.most:
        return rng.choice(rows, how.most, replace=False).astype(np.int64)
    return np.tile(np.arange(rows), min(how.noises, how.most // rows))


def _line(inputs: FloatArray, velocity: FloatArray) -> FloatArray:
    """Ridge regression with an intercept without penalty, shape (inputs + 1, d)."""
    full = np.hstack([inputs, np.ones((len(inputs), 1))])
    penalty = np.diag([*np.full(inputs.shape[1], _RIDGE * len(inputs)), 0.0])
    found: FloatArray = np.linalg.solve(full.T @ full + penalty, full.T @ velocity)
    return found


def _linear(inputs: FloatArray, line: FloatArray) -> FloatArray:
    value: FloatArray = inputs @ line[:-1] + line[-1]
    return value


def _boost(inputs: FloatArray, rest: FloatArray, how: Trees) -> Any:
    """Trees for all outputs at once, over histograms that the outputs share."""
    import xgboost

    data = xgboost.QuantileDMatrix(
        inputs.astype(np.float32), rest.astype(np.float32), max_bin=_BINS, nthread=1
    )
    settings = {
        "tree_method": "hist", "max_bin": _BINS, "max_depth": how.depth, "eta": how.rate,
        "base_score": 0.0, "nthread": 1, "verbosity": 0,
    }  # fmt: skip
    return xgboost.train(settings, data, num_boost_round=how.rounds)


def _predict(booster: Any, inputs: FloatArray) -> FloatArray:
    found = booster.inplace_predict(inputs.astype(np.float32))
    return np.asarray(found, dtype=np.float64).reshape(len(inputs), -1)
