"""Numbers beside their sines and cosines; imported where it is used: it needs torch."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_FASTEST = 8.0
"""The fastest rate in radians for each standard deviation: periods of 0.8 of these are seen."""


class Periodic(nn.Module):
    """Puts sines and cosines of the first columns after the columns of its input.

    A network that is given a number alone learns slow functions of it first, and within a short
    training next to nothing of a curve that turns twice within the rows. The rates go from 1 to 8
    in equal ratios. By default all sines and cosines of one rate together have the same power
    however many columns there are, so that in a wide table, where they would serve to learn rows
    by heart, each is weak.

    Source: Y. Gorishniy, I. Rubachev, A. Babenko, "On embeddings for numerical features in tabular
    deep learning", 2022, https://arxiv.org/abs/2203.05556. Deviation: rates are fixed, not
    learnt, and there is no layer for each number.

    Attributes:
        columns: how many columns, from the first on, are numbers of mean 0 and variance 1.
        amplitude: of the sines and cosines; one over the root of ``columns`` by default.
        rates: shape (frequencies,).
    """

    rates: Tensor

    def __init__(self, columns: int, frequencies: int, amplitude: float | None = None) -> None:
        super().__init__()
        self.columns = columns
        self.amplitude = amplitude or 1 / math.sqrt(max(columns, 1))
        rates = torch.logspace(0, math.log10(_FASTEST), frequencies)
        self.register_buffer("rates", rates, persistent=False)

    def width(self, columns: int) -> int:
        """Columns of the output for so many columns of the input."""
        return columns + 2 * len(self.rates) * self.columns

    def forward(self, rows: Tensor) -> Tensor:
        """From shape (n, k) to shape (n, width)."""
        angles = (rows[:, : self.columns, None] * self.rates).flatten(1)
        waves = torch.cat([angles.sin(), angles.cos()], dim=1)
        return torch.cat([rows, self.amplitude * waves], dim=1)
