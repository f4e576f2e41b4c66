"""The autoencoder; imported where it is used: it needs torch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.generators.encoding.periodic import Periodic
from tabsculpt.generators.training.mixture import LEAST, perceptron, pick

Rows = tuple[Tensor, Tensor, Tensor]
"""Numbers, shape (n, c), the same row as the encoder sees it, shape (n, w), and codes, (n, k)."""

_FIRST = 0.3
"""Deviation at the start of the training."""


class Autoencoder(nn.Module):
    """From a row to a normal distribution of codes, and from a code to distributions of columns.

    Numbers are normal around what the decoder says, with a deviation that is learnt for each
    column; columns of codes have their chances. The condition goes to both networks.

    Attributes:
        sizes: the number of codes of each column of codes.
        width: of the code between the networks.
        spreads: logarithms of the numbers' deviations, shape (c,).
    """

    def __init__(
        self,
        numbers: int,
        sizes: Sequence[int],
        condition: int,
        width: int,
        layers: tuple[Sequence[int], Sequence[int]],
        frequencies: int,
    ) -> None:
        super().__init__()
        self.sizes, self.width = list(sizes), width
        row = numbers + sum(sizes)
        row_embedding, code_embedding = Periodic(numbers, frequencies), Periodic(width, frequencies)
        self.encoder = perceptron(row_embedding, row + condition, layers[0], 2 * width)
        self.decoder = perceptron(code_embedding, width + condition, layers[1], row)
        self.spreads = nn.Parameter(torch.full((numbers,), math.log(_FIRST)))

    def loss(self, batch: tuple[Tensor, ...], factor: float, generator: torch.Generator) -> Tensor:
        """The weighted reconstruction and the divergence from the prior, in nats, mean of rows.

        Args:
            batch: numbers, shape (n, c), codes, (n, k), rows side by side, and the condition.
            factor: weight of the reconstruction.
            generator: of the codes' noise, on the device of the rows.
        """
        numbers, codes, rows, condition = batch
        mean, spread = self.encoder(torch.cat([rows, condition], dim=1)).chunk(2, dim=1)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        found, logits = self.decode(mean + (spread / 2).exp() * noise, condition)
        spreads = self.spreads.clamp(min=math.log(LEAST))
        lost = (((numbers - found) / spreads.exp()).square() / 2 + spreads).sum(dim=1)
        for column, chances in zip(codes.T, logits, strict=True):
            lost = lost + functional.cross_entropy(chances, column, reduction="none")
        prior = (mean.square() + spread.exp() - 1 - spread).sum(dim=1) / 2
        return (factor * lost + prior).mean()

    def decode(self, code: Tensor, condition: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Means of the numbers, shape (n, c), and logits of each column of codes."""
        output = self.decoder(torch.cat([code, condition], dim=1))
        numbers = output.shape[1] - sum(self.sizes)
        return output[:, :numbers], output[:, numbers:].split(self.sizes, dim=1)

    def draw(self, condition: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Numbers, shape (n, c), and codes, shape (n, k), for the condition."""
        code = torch.randn((len(condition), self.width), generator=generator)
        means, logits = self.decode(code, condition)
        noise = torch.randn(means.shape, generator=generator)
        numbers = means + self.spreads.exp().clamp(min=LEAST) * noise
        codes = [pick(one, generator) for one in logits]
        return numbers, torch.stack(codes, dim=1) if codes else condition.new_zeros(
            (len(condition), 0)
        ).long()
