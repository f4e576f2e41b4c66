"""The flow from noise to rows: at each time a line and boosted trees that give the velocity."""

from __future__ import annotations

from dataclasses import dataclass
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
        rounds: of boosting, each a tree for each output.
        depth: of a tree, at most.
        rate: shrinkage of each round.
    """

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
        boosters: what trees add to them, one ``xgboost.Booster`` of d outputs for each time.
    """

    mean: FloatArray
    scale: FloatArray
    lines: FloatArray
    boosters: list[Any]

    @classmethod
    def learn(cls, rows: FloatArray, condition: FloatArray, how: Trees, seed: int) -> Flow:
        """Regress velocities on rows between noise and data, once for each time.

        Args:
            rows: shape (n, d).
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
            boosters.append(_boost(inputs, rest, how))
            report_progress(step + 1, how.steps, float(np.mean(rest**2)))
        return cls(mean, scale, np.stack(lines), boosters)

    def draw(self, condition: FloatArray, rng: np.random.Generator) -> FloatArray:
        """A row for each of ``condition``, shape (n, d), by Euler's method from normal noise."""
        rows = rng.standard_normal((len(condition), len(self.mean)))
        for line, booster in zip(self.lines, self.boosters, strict=True):
            inputs = np.hstack([rows, condition])
            velocity = _linear(inputs, line)
            if len(rows):
                velocity = velocity + _predict(booster, inputs)
            rows = rows + velocity / len(self.lines)
        return rows * self.scale + self.mean

    def to_arrays(self) -> Arrays:
        """Arrays by name, the inverse of `of_arrays`; trees as the library's own binary JSON."""
        trees = {
            f"trees {step}": np.frombuffer(booster.save_raw("ubj"), dtype=np.uint8)
            for step, booster in enumerate(self.boosters)
        }
        return {"mean": self.mean, "scale": self.scale, "lines": self.lines, **trees}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Flow:
        from xgboost import Booster

        boosters = []
        for step in range(len(arrays["lines"])):
            booster = Booster({"nthread": 1})
            booster.load_model(bytearray(arrays[f"trees {step}"].tobytes()))
            boosters.append(booster)
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
