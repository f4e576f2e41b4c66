"""The network, and the clipped gradient of its rows; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.table import FloatArray

_START = 0.3
"""Standard deviation of the first weights."""

_BARELY = 1e-6
"""Added to a norm, so that rounding leaves no gradient longer than it may be."""


class Pass(NamedTuple):
    """What a row's gradient can be read from.

    Attributes:
        before: what the hidden units of each column are told, shape (n, d, width).
        hidden: these units and a one, shape (n, d, width + 1).
        scores: of the features of all columns, shape (n, features).
        losses: minus the log-likelihood of each row, shape (n,).
    """

    before: Tensor
    hidden: Tensor
    scores: Tensor
    losses: Tensor


class NADE(nn.Module):
    """The distribution of each column's code given those of the columns before it.

    A code has a vector; the hidden units of a column are the hyperbolic tangent of the sum of the
    vectors before it, and score the features of its codes on top of the logarithm of their shares.

    Args:
        features: of the codes of each column, shape (codes, features); None: each code is one.
        shares: of the codes of each column, shape (codes,); above 0.
        width: hidden units of a column.
    """

    def __init__(
        self, features: Sequence[FloatArray | None], shares: Sequence[FloatArray], width: int
    ) -> None:
        super().__init__()
        pairs = list(zip(features, shares, strict=True))
        self.sizes = [len(share) if f is None else f.shape[1] for f, share in pairs]
        self.starts = list(accumulate(self.sizes, initial=0))
        self.known = [feature is not None for feature in features]
        for k, (feature, share) in enumerate(pairs):
            if feature is not None:
                self.register_buffer(f"features_{k}", torch.from_numpy(feature).float())
            self.register_buffer(f"bias_{k}", torch.from_numpy(np.log(share)).float())
        total = self.starts[-1]
        self.vectors = nn.Parameter(torch.randn(total, width) * _START)
        self.start = nn.Parameter(torch.randn(len(pairs), width) * _START)
        self.scoring = nn.Parameter(torch.zeros(total, width + 1))

    def forward(self, codes: Tensor) -> Pass:
        """The losses of rows of codes, shape (n, d), and what led to them."""
        columns = range(len(self.sizes))
        read = torch.stack([self._read(k, codes[:, k]) for k in columns], dim=1)
        before = read.cumsum(dim=1) - read + self.start
        hidden = self._hidden(before)
        scores = torch.cat([self._scores(k, hidden[:, k]) for k in columns], dim=1)
        logits = [self._logits(k, s) for k, s in enumerate(scores.split(self.sizes, dim=1))]
        losses = [
            functional.cross_entropy(one, codes[:, k], reduction="none")
            for k, one in enumerate(logits)
        ]
        return Pass(before, hidden, scores, torch.stack(losses).sum(dim=0))

    def lengths(self, codes: Tensor) -> Tensor:
        """The squared length of the features of codes, shape (n, d)."""
        ones = torch.ones(len(codes))
        columns = enumerate(self.known)
        lengths = [self._features(k)[codes[:, k]].square().sum(dim=1) if f else ones
                   for k, f in columns]  # fmt: skip
        return torch.stack(lengths, dim=1)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Codes, shape (n, d), column by column."""
        told, codes = torch.zeros(n, self.start.shape[1]), []
        for k in range(len(self.sizes)):
            scores = self._scores(k, self._hidden(told + self.start[k]))
            chances = self._logits(k, scores).softmax(dim=1)
            codes.append(torch.multinomial(chances, 1, generator=generator)[:, 0])
            told = told + self._read(k, codes[-1])
        return torch.stack(codes, dim=1)

    def _part(self, k: int) -> slice:
        return slice(self.starts[k], self.starts[k + 1])

    def _features(self, k: int) -> Tensor:
        features: Tensor = getattr(self, f"features_{k}")
        return features

    def _read(self, k: int, codes: Tensor) -> Tensor:
        vectors = self.vectors[self._part(k)]
        return self._features(k)[codes] @ vectors if self.known[k] else vectors[codes]

    def _hidden(self, before: Tensor) -> Tensor:
        return functional.pad(before.tanh(), (0, 1), value=1.0)

    def _scores(self, k: int, hidden: Tensor) -> Tensor:
        return hidden @ self.scoring[self._part(k)].T

    def _logits(self, k: int, scores: Tensor) -> Tensor:
        logits = scores @ self._features(k).T if self.known[k] else scores
        bias: Tensor = getattr(self, f"bias_{k}")
        return logits + bias


def clipped_loss(network: NADE, codes: Tensor, max_norm: float) -> Tensor:
    """A number whose gradient is the sum of the gradients of rows, each made no longer than asked.

    The gradient of each matrix is an outer product in every row, so that its norm is known without
    the gradient itself: that of what comes out of the matrix times that of what goes in.

    Source: I. Goodfellow, "Efficient per-example gradient computations", 2015,
    https://arxiv.org/abs/1510.01799.

    Args:
        network: which it is the gradient of.
        codes: rows, shape (n, d).
        max_norm: the most that one row may move the sum.
    """
    told = network(codes)
    of_hidden, of_scores = torch.autograd.grad(
        told.losses.sum(), [told.before, told.scores], retain_graph=True
    )
    of_read = of_hidden.flip(1).cumsum(1).flip(1) - of_hidden  # a vector is told to later columns
    by_column = [part.square().sum(dim=1) for part in of_scores.split(network.sizes, dim=1)]
    squares = (
        of_hidden.square().sum(dim=(1, 2))
        + (of_read.square().sum(dim=2) * network.lengths(codes)).sum(dim=1)
        + (torch.stack(by_column, 1) * told.hidden.detach().square().sum(dim=2)).sum(dim=1)
    )
    weights = (max_norm / (squares.sqrt() + _BARELY)).clamp(max=1.0)
    return (weights * told.losses).sum()
