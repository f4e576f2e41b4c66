"""The network of `par`: a recurrent net that gives the distribution of the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.table import FloatArray

_LEAST_DEVIATION = 1e-3
_BATCH = 500


@dataclass(frozen=True)
class Shape:
    """What a step is made of: numbers, then categories, each with its number of levels."""

    numbers: int
    levels: tuple[int, ...]
    context: int

    @property
    def width(self) -> int:
        """Of an encoded step: the numbers, then a block of zeros and a one for each category."""
        return self.numbers + sum(self.levels)


class SequenceNetwork(nn.Module):
    """Linear, GRU, linear, as PAR has it; a flag in the input says that nothing came before."""

    def __init__(self, shape: Shape, hidden: int) -> None:
        super().__init__()
        self.shape = shape
        self.down = nn.Linear(1 + shape.width + shape.context, hidden)
        self.recurrent = nn.GRU(hidden, hidden, batch_first=True)
        self.up = nn.Linear(hidden, 2 * shape.numbers + sum(shape.levels))

    def forward(
        self, steps: Tensor, context: Tensor, state: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """From steps (batch, time, 1 + width) and context (batch, context) to parameters."""
        spread = context[:, None, :].expand(-1, steps.shape[1], -1)
        hidden, state = self.recurrent(self.down(torch.cat([steps, spread], dim=2)), state)
        return self.up(hidden), state

    def parts(self, output: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Means, standard deviations, and the logits of each category."""
        n = self.shape.numbers
        mean, raw, logits = output.split([n, n, sum(self.shape.levels)], dim=-1)
        deviation = functional.softplus(raw) + _LEAST_DEVIATION
        return mean, deviation, list(logits.split(list(self.shape.levels), dim=-1))


def train(
    sequences: Sequence[FloatArray],
    context: FloatArray,
    shape: Shape,
    hidden: int,
    steps: int,
    learning_rate: float,
) -> SequenceNetwork:
    """Fit a network by maximum likelihood; draws from torch's global generator.

    Args:
        sequences: encoded steps of each, shape (length, width), the lengths may differ.
        context: shape (sequences, context).
        shape: of the steps.
        hidden: width of the recurrent state.
        steps: of the optimiser (Adam), each on all sequences or on 500 drawn ones.
        learning_rate: its step size.
    """
    target, mask = _padded(sequences)
    given = torch.from_numpy(context).float()
    network = SequenceNetwork(shape, hidden)
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        rows = torch.randperm(len(target))[:_BATCH] if len(target) > _BATCH else slice(None)
        output, _ = network(_shifted(target[rows]), given[rows])
        loss = (_surprise(network, output, target[rows]) * mask[rows]).sum() / mask[rows].sum()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def draw(network: SequenceNetwork, context: FloatArray, length: int, seed: int) -> FloatArray:
    """Draw sequences of one length, all at once, shape (sequences, length, width)."""
    random = torch.Generator().manual_seed(seed)
    given = torch.from_numpy(context).float()
    last = torch.zeros(len(context), 1, 1 + network.shape.width)
    last[:, :, 0] = 1.0
    state, found = None, []
    for _ in range(length):
        output, state = network(last, given, state)
        mean, deviation, logits = network.parts(output[:, 0])
        noise = torch.randn(mean.shape, generator=random)
        blocks = [mean + deviation * noise]
        for part in logits:
            code = torch.multinomial(part.softmax(dim=-1), 1, generator=random)
            blocks.append(torch.zeros_like(part).scatter_(1, code, 1.0))
        step = torch.cat(blocks, dim=1)
        found.append(step)
        last = functional.pad(step, (1, 0))[:, None, :]
    values: Any = torch.stack(found, dim=1).numpy()
    return np.asarray(values, dtype=np.float64)


def _padded(sequences: Sequence[FloatArray]) -> tuple[Tensor, Tensor]:
    """All sequences in one tensor, zeros after the end of each, and where there is something."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    tensors = [torch.from_numpy(sequence).float() for sequence in sequences]
    target = nn.utils.rnn.pad_sequence(tensors, batch_first=True)
    return target, (torch.arange(target.shape[1]) < lengths[:, None]).float()


def _shifted(target: Tensor) -> Tensor:
    """What the network sees before each step: the start flag, then the steps before."""
    before = functional.pad(target[:, :-1], (1, 0))
    start = torch.zeros(len(target), 1, 1 + target.shape[2])
    start[:, :, 0] = 1.0
    return torch.cat([start, before], dim=1)


def _surprise(network: SequenceNetwork, output: Tensor, target: Tensor) -> Tensor:
    """The negative log likelihood of each step, shape (batch, time)."""
    mean, deviation, logits = network.parts(output)
    numbers = target[..., : network.shape.numbers]
    normal = torch.distributions.Normal(mean, deviation, validate_args=False)
    loss = -normal.log_prob(numbers).sum(dim=-1)
    codes = target[..., network.shape.numbers :].split(list(network.shape.levels), dim=-1)
    for part, code in zip(logits, codes, strict=True):
        loss = loss - (functional.log_softmax(part, dim=-1) * code).sum(dim=-1)
    return loss
