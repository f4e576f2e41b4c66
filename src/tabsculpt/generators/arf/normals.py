"""Normal distributions within leaves, cut at the leaves' bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray

SingleArray = npt.NDArray[np.float32]

_TAIL = 1e-12
"""How near to 0 and 1 quantiles are taken."""


def root_of(correlations: FloatArray) -> FloatArray:
    """A matrix whose product with its transpose they are, also where columns are one another."""
    values, vectors = np.linalg.eigh(correlations)
    root: FloatArray = vectors * np.sqrt(values.clip(0))
    return root


def quantiles(normals: SingleArray, ranks: FloatArray) -> FloatArray:
    """The quantile of each normal distribution at its rank, shape (n,).

    Args:
        normals: means, deviations and bounds, shape (4, n).
        ranks: uniform in (0, 1), shape (n,).
    """
    from scipy.special import ndtr, ndtri

    mean, deviation, low, high = normals.astype(np.float64)
    ends = ndtr((low - mean) / deviation), ndtr((high - mean) / deviation)
    drawn: FloatArray = mean + deviation * ndtri(
        (ends[0] + (ends[1] - ends[0]) * ranks).clip(_TAIL, 1 - _TAIL)
    )
    return drawn.clip(low, high)


def ranks_in(value: float, normals: SingleArray) -> FloatArray:
    """The rank of a value in each normal distribution, shape (n,): the inverse of `quantiles`."""
    from scipy.special import ndtr

    mean, deviation, low, high = normals.astype(np.float64)
    below, rank, above = (ndtr((end - mean) / deviation) for end in (low, value, high))
    share: FloatArray = (rank - below) / np.maximum(above - below, _TAIL)
    return share.clip(_TAIL, 1 - _TAIL)


def densities(value: float, normals: SingleArray) -> FloatArray:
    """The density of each of those distributions at a value, shape (n,)."""
    from scipy.special import ndtr

    mean, deviation, low, high = normals.astype(np.float64)
    mass = ndtr((high - mean) / deviation) - ndtr((low - mean) / deviation)
    height = np.exp(-0.5 * ((value - mean) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))
    inside = (low <= value) & (value <= high)
    density: FloatArray = np.where(inside, height / np.maximum(mass, _TAIL), 0.0)
    return density
