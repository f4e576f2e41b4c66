"""Worlds in which the best of several pipelines is chosen: numbers by a law, all equal in mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tabsculpt.table import FloatArray

SHARED = 1 / 3
"""Test rows by all rows: how much of their noise two splits have in common."""


@dataclass(frozen=True)
class Choice:
    """How the scores of real rows and of several pipelines vary.

    Attributes:
        wide: how many of the pipelines vary widely, as a share; one at least, where not 0.
        times: variance of those, by that of the others.
        real: standard deviation of the real rows, which all differences have in common.
        effects: what a split or fit adds, one of `EFFECTS`.
        by_split: part of the variance that comes of the split rather than of the fit.
    """

    wide: float = 0.0
    times: float = 9.0
    real: float = 1.0
    effects: str = "normal"
    by_split: float = 1.0

    def deviation(self, arms: int) -> FloatArray:
        """Standard deviation of each pipeline, shape (arms,)."""
        wide = max(1, round(self.wide * arms)) if self.wide else 0
        return np.where(np.arange(arms) < wide, self.times**0.5, 1.0)

    def draw(
        self, rng: np.random.Generator, arms: int, shape: tuple[int, int]
    ) -> tuple[FloatArray, FloatArray]:
        """Scores of real rows, shape (splits, fits), and of pipelines, (arms, splits, fits)."""
        deviation = np.append(self.deviation(arms), self.real)[:, None, None]
        table = SHARED**0.5 * rng.normal(size=(arms + 1, 1, 1))
        split = table + (1 - SHARED) ** 0.5 * self._drawn(rng, (arms + 1, shape[0], 1))
        fit = self._drawn(rng, (arms + 1, *shape))
        made = self.by_split**0.5 * split + (1 - self.by_split) ** 0.5 * fit
        scores = deviation * made
        return scores[-1], scores[:-1]

    def _drawn(self, rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
        return EFFECTS[self.effects](rng, size)


def _outliers(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """One in ten from a normal distribution five times as wide."""
    wide = np.where(rng.random(size) < 0.1, 5.0, 1.0)
    found: FloatArray = wide * rng.normal(size=size) / (0.9 + 0.1 * 25) ** 0.5
    return found


EFFECTS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], FloatArray]] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "t of 3": lambda rng, size: rng.standard_t(3, size) / 3**0.5,
    "outliers": _outliers,
    "skewed": lambda rng, size: rng.exponential(size=size) - 1,
}
"""Of mean 0 and standard deviation 1."""


CHOICES = {
    "alike": Choice(),
    "alike, split and fit": Choice(by_split=0.5),
    "alike, the fits decide": Choice(by_split=0.0),
    "one varies ninefold": Choice(wide=1e-9),
    "half vary ninefold": Choice(wide=0.5),
    "one varies a hundredfold": Choice(wide=1e-9, times=100.0),
    "heavy tails": Choice(effects="t of 3", real=0.0),
    "heavy tails, half vary ninefold": Choice(wide=0.5, effects="t of 3", real=0.0),
    "heavy tails, outliers": Choice(effects="outliers", real=0.0),
    "heavy tails, skewed": Choice(effects="skewed", real=0.0),
    "correlated (real rows vary ninefold)": Choice(real=3.0),
    "uncorrelated (real rows do not vary)": Choice(real=0.0),
}
"""By name; correlated through the real rows, except where those do not vary."""
