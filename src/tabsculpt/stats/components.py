"""Variance components of crossed sources by restricted maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tabsculpt.table import FloatArray, IntArray

NOTHING = 1e-6
"""A component of a smaller share of the total is zero."""
STEPS, SETTLED = 5000, 1e-7
"""Steps at most, and the change of any share of the total below which they end."""


@dataclass(frozen=True)
class Components:
    """What the variance of some values is made of, in their unit squared.

    Attributes:
        sources: the variance that each source adds, at least zero.
        residual: what they leave, interactions included.
    """

    sources: tuple[float, ...]
    residual: float

    @property
    def total(self) -> float:
        """The variance of a value whose levels are all drawn anew."""
        return sum(self.sources) + self.residual


def variance_components(values: FloatArray, levels: Sequence[IntArray]) -> Components:
    """Components of y = mean + sum of random effects + residual, whatever levels meet.

    The restricted likelihood is that of the centred values, whose covariance is e I + Z D Z' with
    a component for the levels of each source on the diagonal of D. It is climbed by the steps of
    Zhou et al. (section 3), which never descend and need no derivative; the matrices are as large
    as there are levels, not values.

    Args:
        values: shape (n,), n at least 3, not all equal.
        levels: of each source, the level of each value, from 0, shape (n,).

    References:
        Recovery of Inter-block Information when Block Sizes are Unequal, Patterson and Thompson,
        Biometrika 58, 1971, https://doi.org/10.1093/biomet/58.3.545; MM Algorithms for Variance
        Components Models, Zhou, Hu, Zhou, Lange, Journal of Computational and Graphical Statistics
        28, 2019, https://doi.org/10.1080/10618600.2018.1529601
    """
    spread = float(values.var())
    y = (values - values.mean()) / np.sqrt(spread)
    counts = [int(codes.max()) + 1 for codes in levels]
    source = np.repeat(np.arange(len(levels)), counts)
    columns = [np.eye(count)[codes] for codes, count in zip(levels, counts, strict=True)]
    design = np.concatenate(columns, axis=1)
    design -= design.mean(axis=0)
    cross, right, whole = design.T @ design, design.T @ y, float(y @ y)
    parts = np.full(len(levels) + 1, 1 / (len(levels) + 1))
    for _ in range(STEPS):
        before, parts = parts, _step(parts, source, cross, right, whole, len(y) - 1)
        if np.abs(parts - before).max() < SETTLED * parts.sum():
            break
    parts = np.where(parts > NOTHING * parts.sum(), parts, 0) * spread
    return Components(tuple(map(float, parts[:-1])), float(parts[-1]))


def _step(
    parts: FloatArray, source: IntArray, cross: FloatArray, right: FloatArray, whole: float, n: int
) -> FloatArray:
    """Components, the residual's last, of a higher restricted likelihood.

    Args:
        parts: components, the residual's last.
        source: of each level.
        cross: Z'Z of the centred design, shape (levels, levels).
        right: Z'y.
        whole: y'y.
        n: degrees of freedom, the number of values less one.
    """
    residual, by_level = parts[-1], parts[:-1][source]
    inverse = np.linalg.inv(np.eye(len(source)) + cross * by_level / residual) / residual
    moved = inverse @ right  # Z' V^-1 y
    squares = np.bincount(source, moved**2)
    traces = np.bincount(source, np.einsum("ij,ji->i", inverse, cross))  # of Z' V^-1 Z
    explained = (whole - float(right @ (by_level * moved))) / residual  # y' V^-1 y
    squares = np.append(squares, (explained - parts[:-1] @ squares) / residual)
    traces = np.append(traces, (n - parts[:-1] @ traces) / residual)
    floor = 1e-12 * parts.sum()
    climbed: FloatArray = np.maximum(parts * np.sqrt(np.maximum(squares, 0) / traces), floor)
    return climbed
