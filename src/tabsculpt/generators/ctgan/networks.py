"""The networks of CTGAN and TVAE; imported where they are used: they need torch."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """A layer whose output goes on beside its input."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, rows: Tensor) -> Tensor:
        """From shape (n, inputs) to (n, outputs + inputs)."""
        return torch.cat([torch.relu(self.norm(self.linear(rows))), rows], dim=1)


def build_generator(inputs: int, widths: list[int], outputs: int) -> nn.Sequential:
    """An untrained generator: residual layers, then a linear one."""
    layers: list[nn.Module] = []
    for width in widths:
        layers.append(Residual(inputs, width))
        inputs += width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def build_decoder(inputs: int, widths: list[int], outputs: int) -> nn.Sequential:
    """An untrained multilayer perceptron."""
    layers: list[nn.Module] = []
    for before, after in pairwise([inputs, *widths]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear([inputs, *widths][-1], outputs))


class Autoencoder(nn.Module):
    """From a row to a normal distribution of codes, and from a code to a row.

    Attributes:
        deviations: of the normalised values around what the decoder says, shape (width,); learnt.
    """

    def __init__(self, width: int, compress: list[int], code: int, decompress: list[int]) -> None:
        super().__init__()
        self.encoder = build_decoder(width, compress, 2 * code)
        self.decoder = build_decoder(code, decompress, width)
        self.deviations = nn.Parameter(torch.full((width,), 0.1))
