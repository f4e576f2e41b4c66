"""The network of `rgan`: a recurrent net from noise to the steps of a sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tabsculpt.generators.training.contest import hard_codes, soft_codes
from tabsculpt.table import FloatArray


class SequenceMaker(nn.Module):
    """A GRU that gets noise and the condition at each step, and noise before the first one.

    The state before the first step is made of noise too: from zeros, the first steps of all
    sequences would be near each other.
    """

    def __init__(self, noise: int, context: int, hidden: int, width: int) -> None:
        super().__init__()
        self.noise = noise
        self.start = nn.Linear(noise + context, hidden)
        self.recurrent = nn.GRU(noise + context, hidden, batch_first=True)
        self.up = nn.Sequential(nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, width))

    def forward(self, context: Tensor, length: int, generator: torch.Generator) -> Tensor:
        """From the condition (batch, context) to steps (batch, length, width)."""
        shape = (len(context), length + 1, self.noise)
        noise = torch.randn(shape, generator=generator, device=context.device)
        given = torch.cat([noise, context[:, None, :].expand(-1, length + 1, -1)], dim=2)
        state = torch.tanh(self.start(given[:, 0]))
        hidden, _ = self.recurrent(given[:, 1:], state[None])
        steps: Tensor = self.up(hidden)
        return steps


@dataclass(frozen=True, eq=False)
class PieceMaker:
    """Makes the rows that the critic sees: pieces of sequences, one step after the other.

    Attributes:
        network: makes sequences.
        sizes: the width of the numbers of a step, then the levels of each category.
        piece: steps in a row.
        longest: steps of the longest sequence; a piece may be any of it.
    """

    network: SequenceMaker
    sizes: tuple[int, ...]
    piece: int
    longest: int

    def rows(self, condition: Tensor, generator: torch.Generator) -> Tensor:
        """A piece for each condition, shape (n, piece * width), with soft codes.

        All pieces of a batch begin at the same step, so that no step is made in vain.
        """
        late = int(torch.randint(self.longest - self.piece + 1, (1,), generator=generator))
        steps = self.network(condition, late + self.piece, generator)[:, late:]
        numbers, *logits = steps.flatten(0, 1).split(list(self.sizes), dim=1)
        codes = [soft_codes(block, generator) for block in logits]
        return torch.cat([numbers, *codes], dim=1).reshape(len(condition), -1)

    @torch.no_grad()
    def sequences(self, context: FloatArray, length: int, seed: int) -> FloatArray:
        """Draw sequences of one length, shape (sequences, length, width)."""
        generator = torch.Generator().manual_seed(seed)
        steps = self.network(torch.from_numpy(context).float(), length, generator)
        numbers, *logits = steps.flatten(0, 1).split(list(self.sizes), dim=1)
        blocks = [numbers]
        for block in logits:
            code = hard_codes(block, generator)
            blocks.append(torch.zeros_like(block).scatter_(1, code, 1.0))
        values = torch.cat(blocks, dim=1).reshape(len(context), length, -1)
        return np.asarray(values.numpy(), dtype=np.float64)


def pieces(sequences: list[FloatArray], context: FloatArray, piece: int) -> tuple[Tensor, Tensor]:
    """Every piece of real sequences, shape (n, piece * width), and the condition of each.

    Args:
        sequences: encoded steps of each, shape (length, width), none shorter than a piece.
        context: shape (sequences, context).
        piece: steps in each.
    """
    rows, given = [], []
    for steps, about in zip(sequences, context, strict=True):
        found = np.lib.stride_tricks.sliding_window_view(steps, piece, axis=0)
        flat = found.transpose(0, 2, 1).reshape(len(found), -1)
        rows.append(flat)
        given.append(np.repeat(about[None], len(flat), axis=0))
    return _tensor(rows), _tensor(given)


def _tensor(parts: list[FloatArray]) -> Tensor:
    return torch.from_numpy(np.vstack(parts)).float()
