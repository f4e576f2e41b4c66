"""A small U-Net that denoises images; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.generators.ddpm.denoising import WAVES, waves
from tabsculpt.table.pixels import Pixels

_GROUPS = 8
"""Channels are normalised in so many groups, or in fewer where these do not divide them."""


class Block(nn.Module):
    """Two convolutions, told the time and the class in between, added to their input."""

    def __init__(self, inputs: int, outputs: int, told: int) -> None:
        super().__init__()
        self.first = nn.Sequential(_norm(inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, 1, 1))
        self.told = nn.Linear(told, 2 * outputs)
        self.norm = _norm(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.around = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, image: Tensor, told: Tensor) -> Tensor:
        """From shape (n, inputs, h, w) to (n, outputs, h, w)."""
        scale, shift = self.told(told)[..., None, None].chunk(2, dim=1)
        hidden = self.norm(self.first(image)) * (1 + scale) + shift
        return self.around(image) + self.second(functional.silu(hidden))


class UNet(nn.Module):
    """What is to be denoised, at ever coarser levels and back, each level seeing the finer one.

    Args:
        pixels: the layout of the images.
        classes: how many classes there are; one more label stands for none of them.
        widths: channels at each level, the finest first; the next has half the lines.
    """

    def __init__(self, pixels: Pixels, classes: int, widths: Sequence[int]) -> None:
        super().__init__()
        told = 4 * widths[0]
        self.shape = pixels.shape
        self.coarsest = 2 ** (len(widths) - 1)
        self.time = nn.Sequential(nn.Linear(2 * WAVES, told), nn.SiLU(), nn.Linear(told, told))
        self.label = nn.Embedding(classes + 1, told)
        self.inward = nn.Conv2d(pixels.channels, widths[0], 3, 1, 1)
        pairs = list(pairwise(widths))
        self.down = nn.ModuleList(Block(w, w, told) for w in widths[:-1])
        self.coarsen = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in pairs)
        self.middle = Block(widths[-1], widths[-1], told)
        self.refine = nn.ModuleList(nn.Conv2d(b, a, 3, 1, 1) for a, b in reversed(pairs))
        self.up = nn.ModuleList(Block(2 * a, a, told) for a, _ in reversed(pairs))
        self.outward = nn.Sequential(
            _norm(widths[0]), nn.SiLU(), nn.Conv2d(widths[0], pixels.channels, 3, 1, 1)
        )

    def forward(self, flat: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """What the denoiser says of images.

        Args:
            flat: n images, their pixels as in a table, shape (n, pixels).
            times: in [0, 1], shape (n,).
            labels: codes of classes, shape (n,); the number of classes for none.

        Returns:
            Shape (n, pixels).
        """
        height, width, channels = self.shape
        image = flat.view(-1, height, width, channels).permute(0, 3, 1, 2)
        below, beside = -height % self.coarsest, -width % self.coarsest
        image = functional.pad(image, (0, beside, 0, below), mode="constant")
        told = functional.silu(self.time(waves(times)) + self.label(labels))
        image, finer = self.inward(image), []
        for block, coarsen in zip(self.down, self.coarsen, strict=True):
            finer.append(block(image, told))
            image = coarsen(finer[-1])
        image = self.middle(image, told)
        for refine, block in zip(self.refine, self.up, strict=True):
            image = refine(functional.interpolate(image, scale_factor=2.0))
            image = block(torch.cat([image, finer.pop()], dim=1), told)
        said = self.outward(image)[..., :height, :width]
        return said.permute(0, 2, 3, 1).reshape(flat.shape)


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(next(g for g in range(_GROUPS, 0, -1) if channels % g == 0), channels)
