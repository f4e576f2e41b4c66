"""A causal transformer over the tokens of a text; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.generators.tabformer.transformer import TransformerBlock
from tabsculpt.generators.text_lm.tokens import PAD

Past = list[tuple[Tensor, Tensor]]
"""Keys and values of the tokens so far, by layer."""

_START = 0.05
"""Standard deviation of the first embeddings."""


class TextTransformer(nn.Module):
    """The distribution of each token, given those before it and what is known of the row.

    The vectors of the row's codes are added to that of every token, so that what a text is about
    does not have to be carried from its beginning.

    Args:
        sizes: the number of codes of each column that is known.
        tokens: of the vocabulary.
        longest: tokens of a text.
        width: of a token.
        layers: of attention.
        heads: of each layer.
        dropout: share of what a layer adds that is dropped in training.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        tokens: int,
        longest: int,
        width: int,
        layers: int,
        heads: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.tokens = nn.Parameter(torch.randn(tokens, width) * _START)
        self.bias = nn.Parameter(torch.zeros(tokens))
        self.places = nn.Parameter(torch.randn(longest, width) * _START)
        self.known = nn.ParameterList(torch.randn(size, width) * _START for size in sizes)
        self.blocks = nn.ModuleList(TransformerBlock(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, codes: Tensor, tokens: Tensor) -> Tensor:
        """Logits of each token, shape (n, length, vocabulary).

        Args:
            codes: of the row, shape (n, columns).
            tokens: shape (n, length), the first of which is predicted from the row alone.
        """
        before = functional.pad(self.tokens[tokens[:, :-1]], (0, 0, 1, 0))
        hidden = before + self.places[: tokens.shape[1]] + self.row(codes)[:, None]
        for block in self.blocks:
            hidden = block(hidden)
        return self.logits(hidden)

    def row(self, codes: Tensor) -> Tensor:
        """What is known of each row, shape (n, width)."""
        parts = [vectors[codes[:, place]] for place, vectors in enumerate(self.known)]
        return torch.stack(parts).sum(dim=0)

    def logits(self, hidden: Tensor) -> Tensor:
        """Of the next token, the vectors of the vocabulary being those of its input."""
        found: Tensor = self.norm(hidden) @ self.tokens.T + self.bias
        return found

    def next_logits(self, row: Tensor, last: Tensor | None, place: int, past: Past) -> Tensor:
        """Logits of the token at a place, shape (n, vocabulary); ``past`` grows by one.

        Args:
            row: as `row` gives it.
            last: the token before, shape (n,), None at place 0.
            place: of the token.
            past: what was computed for the places before; empty at place 0.
        """
        before = self.tokens[last] if last is not None else torch.zeros_like(row)
        hidden = (before + self.places[place] + row)[:, None]
        for layer, block in enumerate(self.blocks):
            hidden = _advance(block, hidden, past, layer)
        return self.logits(hidden)[:, 0]


def _advance(block: nn.Module, token: Tensor, past: Past, layer: int) -> Tensor:
    """`TransformerBlock.forward` of one more token, in evaluation, by what others left."""
    assert isinstance(block, TransformerBlock)
    parts = block.to_attention(block.before_attention(token)).chunk(3, dim=-1)
    query, key, value = (p.unflatten(-1, (block.heads, -1)).transpose(1, 2) for p in parts)
    if layer < len(past):
        key = torch.cat([past[layer][0], key], dim=2)
        value = torch.cat([past[layer][1], value], dim=2)
        past[layer] = (key, value)
    else:
        past.append((key, value))
    seen = functional.scaled_dot_product_attention(query, key, value)
    token = token + block.from_attention(seen.transpose(1, 2).flatten(2))
    return token + block.hidden(token)


def loss(network: nn.Module, batch: tuple[Tensor, ...], generator: torch.Generator) -> Tensor:
    """The cross-entropy per token; nothing is drawn."""
    codes, tokens = batch
    tokens = tokens[:, : int((tokens != PAD).any(dim=0).sum())]
    logits = network(codes, tokens).flatten(0, 1)
    return functional.cross_entropy(logits, tokens.flatten(), ignore_index=PAD)
