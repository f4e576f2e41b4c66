"""A number, or a class, given the rest of its row; imported where it is used: it needs torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.encoding.periodic import Periodic
from tabsculpt.generators.training.dropout import Dropout
from tabsculpt.generators.training.loop import Training, share_held, train_module
from tabsculpt.table import FloatArray, IntArray

LEAST = 0.01
"""Deviation, in standard deviations of the column, below which none is learnt."""

DROPPED = 0.1
"""Share of the units that are dropped in training."""

_KINDS = 4
"""Normal distributions in the mixture of the target."""

_OPEN = 1e-7
"""Uniform numbers stay this far from 0 and 1 where the logarithm of a logarithm is taken."""


class Mixture(nn.Module):
    """A number, given the columns of the row: a mixture of normal distributions.

    The sines and cosines of c numbers have the amplitude 1 / c^2: with more of them, a regression
    on 13 columns of 168 rows erred 1.7 times as much on fresh rows. A tenth of the units is dropped
    in training: the likelihood of fresh rows was then greater on all six tables that were looked at
    (a step, a sine, a product, plasma, diabetes and bodyfat), by up to 0.4 nats.

    Source: C. M. Bishop, "Mixture density networks", 1994,
    https://publications.aston.ac.uk/id/eprint/373/; N. Srivastava et al., "Dropout: a simple way
    to prevent neural networks from overfitting", 2014, https://jmlr.org/papers/v15/srivastava14a
    """

    def __init__(self, row: int, numbers: int, layers: Sequence[int], frequencies: int) -> None:
        super().__init__()
        periodic = Periodic(numbers, frequencies, 1 / max(numbers, 1) ** 2)
        self.network = perceptron(periodic, row, layers, 3 * _KINDS, DROPPED)

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The mean negative log-likelihood of targets, shape (n, 1), given rows, shape (n, w)."""
        target, rows = batch
        shares, means, spreads = self._parts(rows)
        heights = shares - ((target - means) / spreads.exp()).square() / 2 - spreads
        return -torch.logsumexp(heights, dim=1).mean()

    def targets(self, values: FloatArray | IntArray) -> Tensor:
        """Numbers, shape (n,), as `loss` reads them, shape (n, 1)."""
        return torch.tensor(values[:, None], dtype=torch.float32)

    def errors(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The continuous ranked probability score of each row, shape (n,); lower is better.

        Source: E. P. Grimit, T. Gneiting, V. J. Berrocal, N. A. Johnson, "The continuous ranked
        probability score for circular variables and its application to mesoscale forecast
        ensemble verification", 2006, equation 5, https://doi.org/10.1256/qj.05.235
        """
        target, rows = batch
        shares, means, spreads = self._parts(rows)
        weights, variances = shares.exp(), (2 * spreads).exp()
        off = (weights * _mean_absolute(target - means, variances)).sum(dim=1)
        apart = means[:, :, None] - means[:, None, :]
        both = variances[:, :, None] + variances[:, None, :]
        pairs = weights[:, :, None] * weights[:, None, :] * _mean_absolute(apart, both)
        return off - pairs.sum(dim=(1, 2)) / 2

    def draw(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        """A number for each row, shape (n, 1)."""
        shares, means, spreads = self._parts(rows)
        kind = pick(shares, generator)[:, None]
        noise = torch.randn(kind.shape, generator=generator)
        return means.gather(1, kind) + spreads.gather(1, kind).exp() * noise

    def _parts(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log-shares, means and log-deviations, shape (n, kinds) each."""
        shares, means, spreads = self.network(rows).chunk(3, dim=1)
        return torch.log_softmax(shares, dim=1), means, (spreads - 1).clamp(min=math.log(LEAST))


class Chances(nn.Module):
    """A class, given the columns of the row; inputs and layers are those of `Mixture`."""

    def __init__(
        self, row: int, numbers: int, layers: Sequence[int], frequencies: int, classes: int
    ) -> None:
        super().__init__()
        periodic = Periodic(numbers, frequencies, 1 / max(numbers, 1) ** 2)
        self.network = perceptron(periodic, row, layers, classes, DROPPED)

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The mean negative log-likelihood of codes, shape (n,), given rows, shape (n, w)."""
        target, rows = batch
        return functional.cross_entropy(self.network(rows), target)

    def targets(self, values: FloatArray | IntArray) -> Tensor:
        """Codes, shape (n,), as `loss` reads them."""
        return torch.tensor(values, dtype=torch.int64)

    def errors(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The Brier score of each row, shape (n,); lower is better."""
        target, rows = batch
        chances = torch.softmax(self.network(rows), dim=1)
        hit = functional.one_hot(target, chances.shape[1])
        return (chances - hit).square().sum(dim=1)

    def draw(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        """A code for each row, shape (n, 1)."""
        return pick(self.network(rows), generator)[:, None]


Network = TypeVar("Network", Mixture, Chances)


def train_target(
    network: Network,
    target: FloatArray | IntArray,
    rows: Tensor,
    training: Training,
    seed: int,
    device: str,
    apart: IntArray | None = None,
) -> Network:
    """Train on encoded rows; stopped by the likelihood of those held out.

    Args:
        network: with its first weights.
        target: shape (n,).
        rows: the other columns, shape (n, w), on the CPU.
        training: how; of few rows a larger share is held out.
        seed: of the batches, and of what is dropped.
        device: "cpu" or "cuda".
        apart: positions of the rows that are held out, in the place of a share that is drawn.

    Raises:
        ValueError: the training diverged.
    """
    values = network.targets(target), rows
    held = replace(training, holdout=share_held(training.holdout, len(rows)))
    with seeded_globals(derive_seed("dropped", seed), uses_torch=True):
        trained: Network = train_module(
            network, lambda net, batch, _: net.loss(batch), values, held, seed, device, apart
        )
    return trained


def perceptron(
    first: Periodic, inputs: int, layers: Sequence[int], outputs: int, dropped: float = 0.0
) -> nn.Sequential:
    """A multilayer perceptron that reads some of its inputs as sines and cosines too.

    Args:
        first: puts these beside the inputs.
        inputs: how many there are.
        layers: widths of the hidden layers.
        outputs: how many there are.
        dropped: share of the hidden units that are dropped in training.
    """
    ends = [first.width(inputs), *layers]
    parts: list[nn.Module] = [first]
    for before, after in pairwise(ends):
        units = nn.Sequential(nn.SiLU(), Dropout(dropped)) if dropped else nn.SiLU()
        parts += [nn.Linear(before, after), units]
    return nn.Sequential(*parts, nn.Linear(ends[-1], outputs))


def pick(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One code for each row of logits, by the Gumbel-max trick, shape (n,)."""
    uniform = torch.rand(logits.shape, generator=generator).clamp(_OPEN, 1 - _OPEN)
    return (logits - (-uniform.log()).log()).argmax(dim=1)


def _mean_absolute(mean: Tensor, variance: Tensor) -> Tensor:
    """The mean of the absolute value of a normal variable."""
    deviation = variance.sqrt()
    z = mean / deviation
    density = (-z.square() / 2).exp() / math.sqrt(2 * math.pi)
    return 2 * deviation * density + mean * torch.erf(z / math.sqrt(2))
