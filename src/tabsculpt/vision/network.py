"""A small convolutional classifier; imported where it is used: it needs torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tabsculpt.table.pixels import Pixels

_GROUPS = 8
_LEAST_LINES = 4
"""Smaller images are not made smaller still."""


class ConvNet(nn.Module):
    """Convolutions at two or three levels, a layer of features, and the classes.

    Args:
        pixels: the layout of the images.
        classes: how many classes there are.
        width: channels at the first level, twice as many at each further one; a multiple of 8.
        features: of an image, read off before the classes.
    """

    def __init__(self, pixels: Pixels, classes: int, width: int, features: int) -> None:
        super().__init__()
        self.shape = pixels.shape
        lines, beside = pixels.height, pixels.width
        layers, inputs = [*_pair(pixels.channels, width)], width
        while min(lines, beside) >= 2 * _LEAST_LINES:
            layers += [nn.MaxPool2d(2), *_pair(inputs, 2 * inputs)]
            lines, beside, inputs = lines // 2, beside // 2, 2 * inputs
        flat = inputs * lines * beside
        self.look = nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, features), nn.ReLU())
        self.decide = nn.Linear(features, classes)

    def features(self, flat: Tensor) -> Tensor:
        """From n images, their pixels as in a table, from -1 to 1, to shape (n, features)."""
        found: Tensor = self.look(flat.view(-1, *self.shape).permute(0, 3, 1, 2))
        return found

    def forward(self, flat: Tensor) -> Tensor:
        """Logits of the classes, shape (n, classes)."""
        return self.decide(self.features(flat))


def cross_entropy(network: Any, rows: tuple[Any, ...], generator: Any) -> Any:
    """The loss of images, shape (n, pixels), of classes, (n,), with weights, (n,)."""
    images, classes, weights = rows
    losses = nn.functional.cross_entropy(network(images), classes, reduction="none")
    return (weights * losses).sum() / weights.sum()


def said_of(function: Any, images: Tensor, chunk: int = 512) -> Tensor:
    """What a function of images says of all of them, a chunk at a time."""
    with torch.no_grad():
        return torch.cat([function(some) for some in images.split(chunk)])


def _pair(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, 3, 1, 1), nn.GroupNorm(_GROUPS, outputs), nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, 1, 1), nn.GroupNorm(_GROUPS, outputs), nn.ReLU(),
    )  # fmt: skip
