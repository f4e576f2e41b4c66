"""How near to 95 % an interval can come where the fits decide, whatever its rule."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import linprog
from scipy.special import stdtrit

from calibration.choices import SHARED
from tabsculpt.table import FloatArray

PARTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 0.85, 1.0)
MOST = 0.06
"""Intervals that may miss, whatever the part of the split."""
BINS, WIDTHS = 40, np.geomspace(1, 12, 40)


def bounds(draws: int) -> Iterator[dict[str, int | float]]:
    """The least coverage, where the fits decide wholly, of any interval that holds elsewhere.

    An interval takes its width from the variances between and within splits. Each ratio of the two
    may have any width (or a mixture of several), if it is no less than that of the interval that
    knows that the splits add nothing. What misses there is made as large as can be, while at most
    6 % miss whatever the splits add: a linear programme.
    """
    for splits, fits in ((3, 2), (5, 2), (10, 2), (3, 4), (5, 4), (10, 4)):
        found = [_drawn(splits, fits, part, draws) for part in PARTS]
        edges = np.quantile(np.concatenate([ratio for ratio, _ in found[:8]]),
                            np.linspace(0, 1, BINS + 1)[1:-1])  # fmt: skip
        missed = np.stack([_missed(*pair, edges) for pair in found])
        each = np.repeat(np.eye(BINS), len(WIDTHS), axis=1)
        limit = np.full(len(PARTS) - 1, MOST)
        best = linprog(-missed[0], missed[1:], limit, each, np.ones(BINS))
        yield {"splits": splits, "fits": fits, "draws": draws,
               "least coverage, %": round(100 * (1 + best.fun), 1)}  # fmt: skip


def _drawn(splits: int, fits: int, part: float, draws: int) -> tuple[FloatArray, FloatArray]:
    """Ratio of variances, and the width at which each interval would just hold the truth."""
    rng = np.random.default_rng([splits, fits, round(100 * part)])
    common = SHARED**0.5 * rng.normal(size=(draws, 1))
    own = (1 - SHARED) ** 0.5 * rng.normal(size=(draws, splits))
    fit = (1 - part) ** 0.5 * rng.normal(size=(draws, splits, fits))
    values = (part**0.5 * (common + own))[:, :, None] + fit
    means = values.mean(axis=2)
    between, within = means.var(axis=1, ddof=1), values.var(axis=2, ddof=1).mean(axis=1) / fits
    alone = splits * (fits - 1)
    pooled = (between * (splits - 1) + within * alone) / (splits - 1 + alone)
    reach = stdtrit(splits - 1 + alone, 0.975) * np.sqrt(pooled / splits)
    return between / np.maximum(within, 1e-12), np.abs(means.mean(axis=1)) / reach


def _missed(ratio: FloatArray, width: FloatArray, edges: FloatArray) -> FloatArray:
    """Of all draws, those of each bin of ratios that each width misses, in one row."""
    at = np.searchsorted(edges, ratio)
    missed = [(width[at == place, None] > WIDTHS).sum(axis=0) for place in range(BINS)]
    found: FloatArray = np.concatenate(missed) / len(ratio)
    return found
