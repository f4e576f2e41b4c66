"""A network that makes rows out of noise and a condition."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tabsculpt.generators.training.contest import hard_codes, soft_codes


@dataclass(frozen=True, eq=False)
class Maker:
    """A network from noise and condition to rows.

    Attributes:
        network: its outputs are numbers, then one logit for each code of each column of codes.
        numbers: how many of the outputs are numbers.
        sizes: the number of codes of each column of codes.
        noise: how many of the inputs are random numbers.
    """

    network: Any
    numbers: int
    sizes: tuple[int, ...]
    noise: int

    def rows(self, condition: Any, generator: Any) -> Any:
        """One row for each condition, shape (n, width), with soft codes."""
        import torch

        numbers, *logits = self.outputs(condition, generator)
        return torch.cat([numbers, *(soft_codes(block, generator) for block in logits)], dim=1)

    def drawn(self, condition: Any, generator: Any) -> tuple[Any, Any]:
        """One row for each condition: numbers, shape (n, c), and codes, shape (n, k)."""
        import torch

        numbers, *logits = self.outputs(condition, generator)
        none = torch.zeros((len(condition), 0), dtype=torch.int64)
        return numbers, torch.cat([none, *(hard_codes(b, generator) for b in logits)], dim=1)

    def outputs(self, condition: Any, generator: Any) -> tuple[Any, ...]:
        """Numbers, shape (n, c), then the logits of each column of codes."""
        import torch

        shape, device = (len(condition), self.noise), condition.device
        noise = torch.randn(shape, generator=generator, device=device)
        output = self.network(torch.cat([noise, condition], dim=1))
        return tuple(output.split([self.numbers, *self.sizes], dim=1))


def build_maker(inputs: int, widths: list[int], outputs: int) -> Any:
    """An untrained multilayer perceptron."""
    from torch import nn

    ends = [inputs, *widths]
    layers: list[Any] = []
    for before, after in pairwise(ends):
        layers += [nn.Linear(before, after), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(ends[-1], outputs))
