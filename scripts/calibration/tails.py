"""What was tried against heavy tails of one difference, and what it costs where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from scipy.special import stdtr
from scipy.stats import kurtosis, norm
from tabsculpt.stats.paired import walsh_median

from calibration.choices import SHARED, Choice
from tabsculpt.table import FloatArray

RATIO = SHARED / (1 - SHARED)
SIGNS = 999
"""Patterns of signs that are drawn."""


def tails(draws: int) -> Iterator[dict[str, str | int | float]]:
    """How often a single difference is called one where there is none, by each remedy."""
    for (name, p_values), splits in product(REMEDIES.items(), (5, 10, 40)):
        record: dict[str, str | int | float] = {"remedy": name, "splits": splits, "draws": draws}
        for effects in ("normal", "t of 3", "outliers", "skewed"):
            law = Choice(effects=effects, real=0.0)
            rng = np.random.default_rng([splits, len(effects)])
            values = np.stack([law.draw(rng, 1, (splits, 1))[1][0, :, 0] for _ in range(draws)])
            record[effects] = round(100 * float((p_values(values) < 0.05).mean()), 1)
        yield record


def _corrected(values: FloatArray, centre: FloatArray | None = None,
               freedom: FloatArray | float | None = None) -> FloatArray:  # fmt: skip
    splits = values.shape[1]
    mean = values.mean(axis=1) if centre is None else centre
    error = np.sqrt(values.var(axis=1, ddof=1) * (1 / splits + RATIO))
    p: FloatArray = 2 * stdtr(splits - 1 if freedom is None else freedom, -np.abs(mean) / error)
    return p


def _by_kurtosis(values: FloatArray) -> FloatArray:
    splits = values.shape[1]
    excess = np.maximum(kurtosis(values, axis=1, bias=False), 0)
    return _corrected(values, freedom=2 / (excess / splits + 2 / (splits - 1)))


def _flipped(values: FloatArray) -> FloatArray:
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (SIGNS, values.shape[1]))
    beyond = np.abs(values @ signs.T) >= np.abs(values.sum(axis=1))[:, None]
    p: FloatArray = (1 + beyond.sum(axis=1)) / (1 + SIGNS)
    return p


def _known(values: FloatArray) -> FloatArray:
    error = np.sqrt((1 - SHARED) * (1 / values.shape[1] + RATIO))
    p: FloatArray = 2 * norm.sf(np.abs(values.mean(axis=1)) / error)
    return p


REMEDIES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none: corrected resampled t-test": _corrected,
    "Hodges-Lehmann in place of the mean": lambda x: _corrected(x, centre=walsh_median(x)),
    "degrees of freedom by its own kurtosis": _by_kurtosis,
    "no more than 4 degrees of freedom": lambda x: _corrected(x, freedom=min(x.shape[1] - 1, 4)),
    "signs of the splits turned at random": _flipped,
    "(were the variance known)": _known,
}
