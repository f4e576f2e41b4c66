"""Which cells are one code, and what the network knows of it: where on a number's scale it lies."""

from __future__ import annotations

import numpy as np

from tabsculpt.generators.mst.domain import Cells
from tabsculpt.generators.mst.measuring import SUPPORT, Merged
from tabsculpt.table import FloatArray

_FURTHEST = 3.0
"""No feature is further from zero, so that no code of few rows stands out."""

_RAREST = 1e-3
"""The least share that a code counts with."""


def join(cells: Cells, noisy: FloatArray, deviation: float) -> Merged:
    """What becomes of the cells of a column: bins with few rows are joined with those beside them.

    `Merged.of` makes one of all cells with few rows, which for a number would be both of its tails;
    that is for categories.

    Args:
        cells: of the column.
        noisy: the count of each.
        deviation: of the noise on each count.
    """
    bins = len(cells.edges) - 1
    if bins < 1:
        return Merged.of(noisy, deviation)
    groups: list[list[int]] = []
    may_grow = False
    for place in range(bins):
        rare = bool(noisy[place] < SUPPORT * deviation)
        if may_grow and rare:
            groups[-1].append(place)
        else:
            groups.append([place])
        enough = SUPPORT * deviation * np.sqrt(len(groups[-1]))
        may_grow = rare and noisy[groups[-1]].sum() < enough
    if cells.has_missing:
        groups.append([bins])
    code = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    weights = 1 / np.sqrt(np.bincount(code))
    return Merged(code, weights, np.bincount(code, weights=noisy) * weights)


def code_features(cells: Cells, merged: Merged, degree: int) -> FloatArray | None:
    """Polynomials of where the bins of a number lie, uncorrelated and of variance one.

    Few features for many bins mean that less noise is added, and that rows teach something about
    the bins beside theirs. What is missing has a feature of its own. They are made from the noisy
    counts alone, and so cost no privacy.

    Args:
        cells: of the column.
        merged: what became of them.
        degree: of the polynomials, at least 1.

    Returns:
        Shape (codes, features); None for categories, and where that are no fewer than codes: each
        code is one of its own then.
    """
    bins = len(cells.edges) - 1
    found = degree + cells.has_missing
    if bins < 1 or len(merged.weights) <= found + 1:
        return None
    of_cells = np.zeros((len(cells), found + 1))
    of_cells[:bins, : degree + 1] = np.polynomial.legendre.legvander(
        np.linspace(-1, 1, bins), degree
    )
    if cells.has_missing:
        of_cells[bins] = np.eye(found + 1)[-1] + np.eye(found + 1)[0]
    inside = np.eye(len(merged.weights))[merged.code]
    of_codes = inside.T @ of_cells / inside.sum(axis=0)[:, None]
    weights = np.maximum(merged.shares, _RAREST)
    root = np.sqrt(weights / weights.sum())[:, None]
    basis = np.linalg.qr(root * of_codes)[0] / root
    features: FloatArray = np.clip(basis[:, 1:], -_FURTHEST, _FURTHEST)
    return features
