"""Dropout by uniform draws: torch's own draws Bernoulli variables, which is slow on the CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def kept(like: Tensor, share: float, generator: torch.Generator | None = None) -> Tensor:
    """What units are multiplied by where a share is dropped: 0, or 1 / (1 - share).

    Args:
        like: the units, of any shape.
        share: in [0, 1).
        generator: of the draws, on the device of the units; None: torch's global one.
    """
    drawn = torch.rand(like.shape, generator=generator, device=like.device)
    return drawn.ge_(share).div_(1 - share)


class Dropout(nn.Module):
    """Drops units at random in training, and scales the others up; nothing otherwise.

    Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", 2014, https://jmlr.org/papers/v15/srivastava14a
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, units: Tensor) -> Tensor:
        return units * kept(units, self.share) if self.training else units
