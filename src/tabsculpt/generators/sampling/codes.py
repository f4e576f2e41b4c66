"""Codes drawn from a table of probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tabsculpt.table import IntArray


def pick(table: npt.NDArray[np.floating], rows: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw a code for each of some rows of a table.

    Args:
        table: in each row the probabilities of the codes, shape (k, codes).
        rows: which row each draw is from, shape (n,).
        rng: gives one number for each draw.

    Returns:
        Shape (n,).
    """
    count, size = table.shape
    # The k-th row's distribution function is put between k and k + 1: one search serves all.
    ends = (table.cumsum(axis=1, dtype=np.float64) + np.arange(count)[:, None]).ravel()
    places = np.searchsorted(ends, rows + rng.random(len(rows)), side="right")
    codes: IntArray = (places - rows * size).clip(0, size - 1)
    return codes
