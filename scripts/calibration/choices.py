"""Worlds in which the best of several pipelines is chosen: numbers by a law, all equal in mean."""

from __future__ import annotations

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
        heavy: whether what a split or fit adds has a t distribution of three degrees of freedom.
        by_split: part of the variance that comes of the split rather than of the fit.
    """

    wide: float = 0.0
    times: float = 9.0
    real: float = 1.0
    heavy: bool = False
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
        return rng.standard_t(3, size) / 3**0.5 if self.heavy else rng.normal(size=size)


CHOICES = {
    "alike": Choice(),
    "alike, split and fit": Choice(by_split=0.5),
    "alike, the fits decide": Choice(by_split=0.0),
    "one varies ninefold": Choice(wide=1e-9),
    "half vary ninefold": Choice(wide=0.5),
    "one varies a hundredfold": Choice(wide=1e-9, times=100.0),
    "heavy tails": Choice(heavy=True, real=0.0),
    "heavy tails, half vary ninefold": Choice(wide=0.5, heavy=True, real=0.0),
    "correlated (real rows vary ninefold)": Choice(real=3.0),
    "uncorrelated (real rows do not vary)": Choice(real=0.0),
}
"""By name; correlated through the real rows, except where those do not vary."""
