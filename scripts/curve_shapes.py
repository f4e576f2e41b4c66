"""Tables whose law is known: a few columns, a target, and how far a row is from the law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.table import Column, FloatArray, Kind, Schema, Table, Task, conform

Draw = Callable[[np.random.Generator, int], pd.DataFrame]


@dataclass(frozen=True)
class Shape:
    """A law of a small table.

    Attributes:
        law: in words.
        draw: n rows of it; the last column is the target, and texts are categories.
        off: of rows, how far each is from the law, in the unit of its noise, shape (n,).
        smooth: whether a smooth model can follow it.
    """

    law: str
    draw: Draw
    off: Callable[[pd.DataFrame], FloatArray]
    smooth: bool = True

    def table(self, n: int, seed: int) -> Table:
        """``n`` rows; texts become categories."""
        frame = self.draw(np.random.default_rng([n, seed]), n)
        columns = tuple(_column(name, frame[name]) for name in frame)
        task = Task.REGRESSION if columns[-1].is_numeric else Task.BINARY
        return conform(frame, Schema(columns, columns[-1].name, task))


def _column(name: str, values: pd.Series) -> Column:
    if pd.api.types.is_numeric_dtype(values):
        return Column(name, Kind.CONTINUOUS)
    return Column(name, Kind.CATEGORICAL, tuple(sorted(values.unique())))


def _of(
    mean: Callable[[pd.DataFrame], FloatArray], noise: float, target: str = "y"
) -> Callable[[pd.DataFrame], FloatArray]:
    return lambda rows: np.abs(rows[target].to_numpy(float) - mean(rows)) / noise


def _add(
    frame: pd.DataFrame, mean: Callable[[pd.DataFrame], FloatArray], noise: FloatArray
) -> pd.DataFrame:
    return frame.assign(y=mean(frame) + noise)


def _levels(rng: np.random.Generator, n: int, *names: str) -> FloatArray:
    return rng.choice(np.array(names, dtype=object), n)


def _sine_mean(rows: pd.DataFrame) -> FloatArray:
    return np.sin(2 * rows["x"].to_numpy(float))


def _sine(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"x": rng.uniform(-3, 3, n)})
    return _add(frame, _sine_mean, 0.05 * rng.normal(size=n))


def _product_mean(rows: pd.DataFrame) -> FloatArray:
    return (rows["a"] * rows["b"]).to_numpy(float)


def _product(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"a": rng.uniform(-1, 1, n), "b": rng.uniform(-1, 1, n)})
    return _add(frame, _product_mean, 0.03 * rng.normal(size=n))


def _step_mean(rows: pd.DataFrame) -> FloatArray:
    return 3.0 * ((rows["x"] > 5) ^ (rows["g"].astype(str) == "b")).to_numpy(float)


def _step(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"x": rng.uniform(0, 10, n), "g": _levels(rng, n, "a", "b")})
    return _add(frame, _step_mean, 0.2 * rng.normal(size=n))


def _spiral(rng: np.random.Generator, n: int) -> pd.DataFrame:
    y = rng.uniform(2, 10, n)
    u, v = (y * wave(y) + 0.1 * rng.normal(size=n) for wave in (np.cos, np.sin))
    return pd.DataFrame({"u": u, "v": v, "y": y})


def _off_spiral(rows: pd.DataFrame) -> FloatArray:
    u, v, y = rows[["u", "v", "y"]].to_numpy(float).T
    return np.hypot(u - y * np.cos(y), v - y * np.sin(y)) / 0.1


def _ring_mean(rows: pd.DataFrame) -> FloatArray:
    return np.cos(3 * np.arctan2(rows["v"].to_numpy(float), rows["u"].to_numpy(float)))


def _ring(rng: np.random.Generator, n: int) -> pd.DataFrame:
    angle, radius = rng.uniform(-np.pi, np.pi, n), 1 + 0.05 * rng.normal(size=n)
    frame = pd.DataFrame({"u": radius * np.cos(angle), "v": radius * np.sin(angle)})
    return _add(frame, _ring_mean, 0.05 * rng.normal(size=n))


def _off_ring(rows: pd.DataFrame) -> FloatArray:
    radius = np.hypot(rows["u"].to_numpy(float), rows["v"].to_numpy(float))
    return np.hypot((radius - 1) / 0.05, _of(_ring_mean, 0.05)(rows))


def _moons(rng: np.random.Generator, n: int) -> pd.DataFrame:
    upper, angle = rng.random(n) < 0.5, rng.uniform(0, np.pi, n)
    u = np.where(upper, np.cos(angle), 1 - np.cos(angle)) + 0.1 * rng.normal(size=n)
    v = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) + 0.1 * rng.normal(size=n)
    return pd.DataFrame({"u": u, "v": v, "moon": np.where(upper, "upper", "lower")})


def _off_moons(rows: pd.DataFrame) -> FloatArray:
    upper = (rows["moon"].astype(str) == "upper").to_numpy()
    u, v = rows["u"].to_numpy(float), rows["v"].to_numpy(float)
    along = np.where(upper, u, 1 - u), np.where(upper, v, 0.5 - v)
    angle = np.arctan2(along[1], along[0])
    angle = np.where(angle < -np.pi / 2, np.pi, angle.clip(0, np.pi))
    return np.hypot(along[0] - np.cos(angle), along[1] - np.sin(angle)) / 0.1


def _polynomial_mean(rows: pd.DataFrame) -> FloatArray:
    x, z = rows["x"].to_numpy(float), rows["z"].to_numpy(float)
    return x**3 - 2 * x + z**2


def _polynomial(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"x": rng.uniform(-2, 2, n), "z": rng.normal(size=n)})
    return _add(frame, _polynomial_mean, 0.1 * rng.normal(size=n))


def _flip_mean(rows: pd.DataFrame) -> FloatArray:
    sign = rows["g"].astype(str).map({"a": 1.0, "b": -1.0, "c": 0.0}).to_numpy(float)
    return sign * rows["x"].to_numpy(float)


def _flip(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"x": rng.normal(size=n), "g": _levels(rng, n, "a", "b", "c")})
    return _add(frame, _flip_mean, 0.1 * rng.normal(size=n))


def _fan_noise(rows: pd.DataFrame) -> FloatArray:
    return 0.05 + 0.5 * rows["x"].to_numpy(float) ** 2


def _fan_mean(rows: pd.DataFrame) -> FloatArray:
    x = rows["x"].to_numpy(float)
    return 2 * np.cos(np.pi * x)


def _fan(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"x": rng.uniform(-1, 1, n)})
    return _add(frame, _fan_mean, _fan_noise(frame) * rng.normal(size=n))


def _off_fan(rows: pd.DataFrame) -> FloatArray:
    return np.abs(rows["y"].to_numpy(float) - _fan_mean(rows)) / _fan_noise(rows)


def _parts(rng: np.random.Generator, n: int) -> pd.DataFrame:
    shares = rng.dirichlet([2.0, 3.0, 4.0], n)
    total = rng.uniform(20, 100, n)
    frame = pd.DataFrame(dict(zip("abc", (shares * total[:, None]).T, strict=True)))
    return frame.assign(y=frame.sum(axis=1) + 0.5 * rng.normal(size=n))


def _parts_mean(rows: pd.DataFrame) -> FloatArray:
    return rows[["a", "b", "c"]].sum(axis=1).to_numpy(float)


def _friedman_mean(rows: pd.DataFrame) -> FloatArray:
    a, b, c, d, e = rows[list("abcde")].to_numpy(float).T
    return 10 * np.sin(np.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e


def _friedman(rng: np.random.Generator, n: int) -> pd.DataFrame:
    frame = pd.DataFrame(rng.random((n, 6)), columns=list("abcdef"))
    return _add(frame, _friedman_mean, rng.normal(size=n))


TUNING = {
    "sine": Shape("y = sin 2x + .05 e", _sine, _of(_sine_mean, 0.05)),
    "product": Shape("y = ab + .03 e", _product, _of(_product_mean, 0.03)),
    "step": Shape("y = 3 [(x > 5) xor (g = b)] + .2 e", _step, _of(_step_mean, 0.2), smooth=False),
    "spiral": Shape("u, v = y cos y, y sin y + .1 e", _spiral, _off_spiral),
}
"""Defaults of generators were chosen on these."""

JUDGING = {
    "ring": Shape(
        "u, v on a circle, radius 1 + .05 e; y = cos of 3 angles + .05 e", _ring, _off_ring
    ),
    "moons": Shape("u, v on two half circles + .1 e, a class each", _moons, _off_moons),
    "polynomial": Shape("y = x^3 - 2x + z^2 + .1 e", _polynomial, _of(_polynomial_mean, 0.1)),
    "flip": Shape("y = x, -x or 0 by a category, + .1 e", _flip, _of(_flip_mean, 0.1)),
    "fan": Shape("y = 2 cos(pi x) + (.05 + .5 x^2) e", _fan, _off_fan),
    "sum": Shape("y = a + b + c + .5 e, of 20 to 100", _parts, _of(_parts_mean, 0.5)),
    "friedman": Shape(
        "y = 10 sin(pi a b) + 20 (c - .5)^2 + 10 d + 5 e + noise; f has no part",
        _friedman,
        _of(_friedman_mean, 1.0),
    ),
}
"""Looked at only once the defaults stood."""
