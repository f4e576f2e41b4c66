"""Where to look next: which candidate (UCB1), and with which settings (expected improvement)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray

PROPOSALS = 2000
"""Random points among which the expected improvement is compared."""


class Method(StrEnum):
    """How trials are proposed. random: candidate and settings at random, the control of bayes."""

    BAYES = "bayes"
    RANDOM = "random"


@dataclass(frozen=True)
class SearchDimension:
    """A number that is searched: a setting, or one place of a setting that is a list."""

    setting: str
    place: int | None
    low: float
    high: float

    def value(self, share: float) -> float:
        """From [0, 1] to the setting; a whole number between whole bounds."""
        value = self.low + share * (self.high - self.low)
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        return round(value) if whole else value


@dataclass(frozen=True)
class Tried:
    """A trial.

    Attributes:
        candidate: its name.
        point: its settings, in the unit cube of its axes.
        as_given: whether it was tried with its own settings, which may lie outside the bounds;
            the point is then the nearest one inside.
        gains: of the predictors, by its rows.
    """

    candidate: str
    point: tuple[float, ...]
    as_given: bool
    gains: tuple[float, ...] = ()

    @property
    def score(self) -> float:
        """The mean gain."""
        return float(np.mean(self.gains))


def axes(space: Mapping[str, Any]) -> list[SearchDimension]:
    """The axes of a candidate's space: ``name: [low, high]``, or a list of such pairs."""
    found = []
    for setting, bounds in space.items():
        if bounds and isinstance(bounds[0], (list, tuple)):
            found += [
                SearchDimension(setting, i, low, high) for i, (low, high) in enumerate(bounds)
            ]
        else:
            low, high = bounds
            found.append(SearchDimension(setting, None, low, high))
    return found


def at_point(candidate: Any, along: Sequence[SearchDimension], point: Sequence[float]) -> Any:
    """The candidate with the settings of a point."""
    settings: dict[str, Any] = {}
    for axis, share in zip(along, point, strict=True):
        if axis.place is None:
            settings[axis.setting] = axis.value(share)
        else:
            settings.setdefault(axis.setting, []).append(axis.value(share))
    return replace(candidate, **settings)


def own_point(candidate: Any, along: Sequence[SearchDimension]) -> tuple[float, ...]:
    """The point of a candidate's own settings, moved inside the bounds where they are outside."""
    found = []
    for axis in along:
        value = getattr(candidate, axis.setting)
        number = value if axis.place is None else value[axis.place]
        share = (number - axis.low) / (axis.high - axis.low)
        found.append(min(max(float(share), 0.0), 1.0))
    return tuple(found)


def next_candidate(
    names: Sequence[str], tried: Sequence[Tried], method: Method, rng: np.random.Generator
) -> str:
    r"""Which candidate to try: each once, then the one of the highest upper confidence bound.

    UCB1 of candidate j is its mean score + sqrt(2 ln N / n_j), N trials, n_j of them its own.
    The bound presumes scores in [0, 1], so they are put there by the lowest and highest so far;
    gains of a thousandth would otherwise never weigh against the second term.

    Source: P. Auer, N. Cesa-Bianchi, P. Fischer, "Finite-time analysis of the multiarmed bandit
    problem", 2002, https://doi.org/10.1023/A:1013689704352

    Args:
        names: of the candidates, in the order of their first trials.
        tried: so far.
        method: how.
        rng: for the random choice.
    """
    counts = {name: sum(trial.candidate == name for trial in tried) for name in names}
    untried = [name for name in names if not counts[name]]
    if untried:
        return untried[0]
    if method is Method.RANDOM:
        return str(rng.choice(list(names)))
    scores = np.array([trial.score for trial in tried])
    scaled = (scores - scores.min()) / (np.ptp(scores) or 1.0)

    def bound(name: str) -> float:
        own = scaled[[trial.candidate == name for trial in tried]]
        return float(own.mean()) + math.sqrt(2 * math.log(len(tried)) / counts[name])

    return max(names, key=bound)


def next_point(
    dimensions: int, tried: Sequence[Tried], method: Method, rng: np.random.Generator
) -> tuple[float, ...]:
    """With which settings to try a candidate: at random, or where most improvement is expected.

    A Gaussian process (Matern 5/2, a length for each axis, noise) is fitted to the scores of the
    candidate so far; of 2,000 random points, the one of the highest expected improvement over the
    best mean at a tried point is taken. (The best score itself is part luck, as scores are noisy.)

    Source: D. Jones, M. Schonlau, W. Welch, "Efficient global optimization of expensive black-box
    functions", 1998, https://doi.org/10.1023/A:1008306431147

    Args:
        dimensions: number of axes.
        tried: trials of this candidate, at least one.
        method: how.
        rng: of every draw.
    """
    if method is Method.RANDOM or not dimensions:
        return tuple(rng.random(dimensions).tolist())
    proposals = rng.random((PROPOSALS, dimensions))
    points = np.array([trial.point for trial in tried])
    scores = np.array([trial.score for trial in tried])
    gain = expected_improvement(points, scores, proposals, int(rng.integers(2**31)))
    return tuple(proposals[int(np.argmax(gain))].tolist())


def expected_improvement(
    points: FloatArray, scores: FloatArray, proposals: FloatArray, seed: int
) -> FloatArray:
    """The expected improvement at each proposal, in standard deviations of the scores.

    Args:
        points: shape (n, d), tried, in the unit cube.
        scores: shape (n,), high is good.
        proposals: shape (m, d).
        seed: of the restarts of the fit.

    Returns:
        Shape (m,), at least 0.
    """
    from scipy.stats import norm
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    spread = scores.std() or 1.0
    smooth = Matern(np.full(points.shape[1], 0.5), (0.05, 10.0), nu=2.5)
    noise = WhiteKernel(0.1, (1e-4, 1.0))
    process = GaussianProcessRegressor(smooth + noise, n_restarts_optimizer=2, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is no harm
        process.fit(points, (scores - scores.mean()) / spread)
    mean, deviation = process.predict(proposals, return_std=True)
    better = mean - process.predict(points).max()
    z = better / np.maximum(deviation, 1e-12)
    gain: FloatArray = np.maximum(better * norm.cdf(z) + deviation * norm.pdf(z), 0.0)
    return gain
