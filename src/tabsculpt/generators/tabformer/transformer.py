"""A causal transformer over the codes of one row; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.table import FloatArray

_START = 0.05
"""Standard deviation of the first embeddings."""

_ENOUGH = 200
"""So many rows for a bin teach it a vector of its own."""

_NEVER = -1e9
"""The logit of a code that pads a column to the width of the widest."""


class TransformerBlock(nn.Module):
    """Attention to this and the earlier columns, then a hidden layer, each added to its input."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.rate = dropout
        self.before_attention = nn.LayerNorm(width)
        self.to_attention = nn.Linear(width, 3 * width)
        self.from_attention = nn.Linear(width, width)
        self.hidden = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens and result of shape (n, columns, width)."""
        parts = self.to_attention(self.before_attention(tokens)).chunk(3, dim=-1)
        query, key, value = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in parts)
        rate = self.rate if self.training else 0.0
        seen = functional.scaled_dot_product_attention(
            query, key, value, dropout_p=rate, is_causal=True
        )
        tokens = tokens + self.dropout(self.from_attention(seen.transpose(1, 2).flatten(2)))
        return tokens + self.dropout(self.hidden(tokens))


class Codes(nn.Module):
    """A vector for each code of each column: on a curve through those of a number, or of its own.

    The curve is a parabola in the normal score of the middle of the bin, so that few rows teach
    something about all bins: as outputs, they are a discretised normal distribution. The more rows
    there are for a bin, the more its own vector counts beside that, until it counts in full.
    """

    curves: Tensor
    columns: Tensor
    share: Tensor

    def __init__(
        self, sizes: Sequence[int], scores: Sequence[FloatArray | None], width: int, rows: int
    ) -> None:
        super().__init__()
        pairs = list(zip(sizes, scores, strict=True))
        curves = [np.zeros((k, 2)) if score is None else _parabola(score) for k, score in pairs]
        share = [np.full(k, 1.0 if s is None else min(1.0, rows / k / _ENOUGH)) for k, s in pairs]
        columns = np.repeat(np.arange(len(sizes)), sizes)
        self.register_buffer("curves", torch.from_numpy(np.vstack(curves)).float()[..., None])
        self.register_buffer("share", torch.from_numpy(np.concatenate(share)).float()[:, None])
        self.register_buffer("columns", torch.from_numpy(columns))
        self.own = nn.Parameter(torch.randn(sum(sizes), width) * _START)
        self.curve = nn.Parameter(torch.randn(len(sizes), 2, width) * _START)

    def forward(self) -> Tensor:
        """The vectors of all codes, shape (codes of all columns, width)."""
        return self.share * self.own + (self.curves * self.curve[self.columns]).sum(dim=1)


class RowTransformer(nn.Module):
    """The distribution of each column's code given those of the columns before it.

    Args:
        sizes: the number of codes of each column, in the order in which the columns are drawn.
        scores: of the codes of each column, where they are bins of a number.
        width: of a token.
        layers: of attention.
        heads: of each layer.
        dropout: share of what a layer adds that is dropped in training.
        rows: how many there are to learn from.
    """

    places: Tensor
    starts: Tensor

    def __init__(
        self,
        sizes: Sequence[int],
        scores: Sequence[FloatArray | None],
        width: int,
        layers: int,
        heads: int,
        dropout: float,
        rows: int,
    ) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        starts = np.cumsum([0, *sizes[:-1]])
        places = np.full((len(sizes), max(sizes)), -1)
        for column, (start, size) in enumerate(zip(starts, sizes, strict=True)):
            places[column, :size] = start + np.arange(size)
        self.register_buffer("places", torch.from_numpy(places))
        self.register_buffer("starts", torch.from_numpy(starts))
        self.inputs = Codes(sizes, scores, width, rows)
        self.outputs = Codes(sizes, scores, width, rows)
        self.bias = nn.Parameter(torch.zeros(sum(sizes)))
        self.columns = nn.Parameter(torch.randn(len(sizes), width) * _START)
        self.blocks = nn.Sequential(
            *(TransformerBlock(width, heads, dropout) for _ in range(layers))
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, codes: Tensor) -> Tensor:
        """Logits of every column, shape (n, columns, most codes), for codes, shape (n, columns)."""
        hidden = self._hidden(codes[:, :-1])
        places = self.places.clamp(min=0)
        logits = torch.einsum("ncw,csw->ncs", hidden, self.outputs()[places]) + self.bias[places]
        return logits.masked_fill(self.places < 0, _NEVER)

    def next_logits(self, codes: Tensor) -> Tensor:
        """Logits of the column after those of ``codes``, shape (n, its size)."""
        column = codes.shape[1]
        places = self.places[column, : self.sizes[column]]
        return self._hidden(codes)[:, -1] @ self.outputs()[places].T + self.bias[places]

    def _hidden(self, codes: Tensor) -> Tensor:
        """What is known before each column and the next, shape (n, columns of codes + 1, width)."""
        n, before = codes.shape
        values = self.inputs()[codes + self.starts[:before]]
        nothing = values.new_zeros(n, 1, values.shape[-1])
        tokens = torch.cat([nothing, values], dim=1) + self.columns[: before + 1]
        hidden: Tensor = self.norm(self.blocks(tokens))
        return hidden


def _parabola(scores: FloatArray) -> FloatArray:
    """The first two normalised Hermite polynomials at some points, shape (n, 2)."""
    return np.column_stack([scores, (scores**2 - 1) / np.sqrt(2)])
