"""A critic that scores rows, and the gradient of its score, without a second differentiation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

_LEAK = 0.2
"""The slope of the critic's units below 0."""


def build_critic(inputs: int, widths: list[int]) -> Any:
    """The layers of an untrained critic; `critic_outputs` puts the units between them."""
    from torch import nn

    return nn.ModuleList(nn.Linear(a, b) for a, b in pairwise([inputs, *widths, 1]))


def critic_outputs(
    critic: Any, rows: Any, generator: Any = None, dropout: float = 0.0
) -> tuple[Any, Any]:
    """The critic's verdict on each row, shape (n,), and the slopes that `gradient` reads.

    Args:
        critic: of `build_critic`.
        rows: shape (n, width).
        generator: of what is dropped.
        dropout: share of the units that a row is scored without.

    Returns:
        The verdicts, and for each inner layer its slope at each row, shape (n, units): between two
        layers the critic is linear on either side of 0.
    """
    from tabsculpt.generators.training.dropout import kept

    *inner, last = critic
    slopes, hidden = [], rows
    for layer in inner:
        hidden = layer(hidden)
        slope = hidden.detach().sign().clamp_(min=_LEAK)  # torch.where is slow on the CPU
        if dropout:
            slope *= kept(slope, dropout, generator)
        slopes.append(slope)
        hidden = hidden * slope
    return last(hidden)[:, 0], slopes


def gradient(critic: Any, slopes: list[Any]) -> Any:
    """The gradient of each verdict by its row, shape (n, width): a product of matrices.

    It costs as much as the verdict; no second differentiation is needed.
    """
    *inner, last = critic
    found = last.weight.expand(len(slopes[0]) if slopes else 1, -1)
    for layer, slope in zip(reversed(inner), reversed(slopes), strict=True):
        found = (found * slope) @ layer.weight
    return found
