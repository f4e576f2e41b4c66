"""The autoencoder and the target's mixture; imported where they are used: they need torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.generators.encoding.periodic import Periodic

Rows = tuple[Tensor, Tensor, Tensor]
"""Numbers, shape (n, c), the same row as the encoder sees it, shape (n, w), and codes, (n, k)."""

_LEAST = 0.01
"""Deviation, in standard deviations of the column, below which none is learnt."""

_FIRST = 0.3
"""Deviation at the start of the training."""

_KINDS = 4
"""Normal distributions in the mixture of the target."""

_OPEN = 1e-7
"""Uniform numbers stay this far from 0 and 1 where the logarithm of a logarithm is taken."""


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
        spreads = self.spreads.clamp(min=math.log(_LEAST))
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
        numbers = means + self.spreads.exp().clamp(min=_LEAST) * noise
        codes = [pick(one, generator) for one in logits]
        return numbers, torch.stack(codes, dim=1) if codes else condition.new_zeros(
            (len(condition), 0)
        ).long()


class Mixture(nn.Module):
    """A number, given the columns of the row: a mixture of normal distributions.

    The sines and cosines of c numbers have the amplitude 1 / c^2: with more of them, a regression
    on 13 columns of 168 rows erred 1.7 times as much on fresh rows.

    Source: C. M. Bishop, "Mixture density networks", 1994,
    https://publications.aston.ac.uk/id/eprint/373/
    """

    def __init__(self, row: int, numbers: int, layers: Sequence[int], frequencies: int) -> None:
        super().__init__()
        periodic = Periodic(numbers, frequencies, 1 / max(numbers, 1) ** 2)
        self.network = perceptron(periodic, row, layers, 3 * _KINDS)

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The mean negative log-likelihood of targets, shape (n, 1), given rows, shape (n, w)."""
        target, rows = batch
        shares, means, spreads = self._parts(rows)
        heights = shares - ((target - means) / spreads.exp()).square() / 2 - spreads
        return -torch.logsumexp(heights, dim=1).mean()

    def draw(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        """A number for each row, shape (n, 1)."""
        shares, means, spreads = self._parts(rows)
        kind = pick(shares, generator)[:, None]
        noise = torch.randn(kind.shape, generator=generator)
        return means.gather(1, kind) + spreads.gather(1, kind).exp() * noise

    def _parts(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log-shares, means and log-deviations, shape (n, kinds) each."""
        shares, means, spreads = self.network(rows).chunk(3, dim=1)
        return torch.log_softmax(shares, dim=1), means, (spreads - 1).clamp(min=math.log(_LEAST))


def perceptron(first: Periodic, inputs: int, layers: Sequence[int], outputs: int) -> nn.Sequential:
    """A multilayer perceptron that reads some of its inputs as sines and cosines too."""
    ends = [first.width(inputs), *layers]
    parts: list[nn.Module] = [first]
    for before, after in pairwise(ends):
        parts += [nn.Linear(before, after), nn.SiLU()]
    return nn.Sequential(*parts, nn.Linear(ends[-1], outputs))


def pick(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One code for each row of logits, by the Gumbel-max trick, shape (n,)."""
    uniform = torch.rand(logits.shape, generator=generator).clamp(_OPEN, 1 - _OPEN)
    return (logits - (-uniform.log()).log()).argmax(dim=1)
