"""The denoiser of numbers and codes, and its loss; imported where it is used: it needs torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from tabsculpt.generators.cdtd.schedule import NoiseSchedule
from tabsculpt.generators.ddpm.denoising import WAVES, waves
from tabsculpt.generators.encoding.periodic import Periodic

_ABSENT = -1e4
"""The logit of a code that pads a column to the width of the widest."""

_LEAST_ENTROPY = 0.01
"""In nats; the loss of a column of codes is divided by its entropy."""


class RowDenoiser(nn.Module):
    """Tells numbers, and the chances of codes, from both with noise.

    A code is a point of the sphere of radius sqrt(dim): its coordinates have the mean square of
    the numbers, 1, and take noise as these do. Where on the sphere it lies is learnt. A row is its
    c numbers and the points of its k codes side by side, shape (w,), w = c + k dim.

    Args:
        numbers: columns of numbers, c.
        sizes: the number of codes of each of k columns, at most m.
        condition: how many numbers describe the condition, p.
        widths: of the hidden layers.
        frequencies: of the sines and cosines that encode the numbers besides.
        dim: coordinates of a code.
    """

    places: Tensor
    columns: Tensor
    kinds: Tensor
    entropies: Tensor

    def __init__(
        self,
        numbers: int,
        sizes: Sequence[int],
        condition: int,
        widths: Sequence[int],
        frequencies: int,
        dim: int,
    ) -> None:
        super().__init__()
        self.numbers, self.sizes, self.dim = numbers, tuple(sizes), dim
        columns = [*range(numbers), *(numbers + k for k in range(len(sizes)) for _ in range(dim))]
        kinds = [0] * numbers + [int(numbers > 0)] * len(sizes)
        buffers = {
            "places": _places(self.sizes),
            "columns": torch.tensor(columns),
            "kinds": torch.tensor(kinds),
            "entropies": torch.ones(len(sizes)),
        }
        for name, values in buffers.items():
            self.register_buffer(name, values, persistent=False)
        centres = [1.0] * (numbers > 0) + [math.sqrt(dim)] * (len(sizes) > 0)
        self.schedule = NoiseSchedule(centres)
        self.points = nn.Parameter(torch.randn(sum(sizes), dim))
        periodic = Periodic(numbers, frequencies)
        ends = [periodic.width(len(columns) + condition + 2 * WAVES), *widths]
        layers: list[nn.Module] = [periodic]
        for inputs, outputs in pairwise(ends):
            layers += [nn.Linear(inputs, outputs), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(ends[-1], numbers + sum(sizes))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def calibrate(self, codes: Tensor) -> None:
        """Start from the shares of the codes, shape (n, k), so that every column's loss is 1."""
        with torch.no_grad():
            starts = accumulate(self.sizes, initial=self.numbers)
            for column, (start, size) in enumerate(zip(starts, self.sizes, strict=False)):
                counts = torch.bincount(codes[:, column], minlength=size) + 0.5
                shares = counts / counts.sum()
                self.head.bias[start : start + size] = shares.log()
                entropy = -(shares * shares.log()).sum()
                self.entropies[column] = entropy.clamp(min=_LEAST_ENTROPY)

    def spread(self, noise: Tensor) -> Tensor:
        """Noise by kind of column, shape (n, g), as that of each place of a row, shape (n, w)."""
        return noise[:, self.kinds[self.columns]]

    def table(self) -> Tensor:
        """The point of every code, shape (k, m, dim)."""
        points = functional.normalize(self.points, dim=1) * math.sqrt(self.dim)
        return functional.pad(points, (0, 0, 0, 1))[self.places]

    def forward(
        self, rows: Tensor, times: Tensor, noise: Tensor, condition: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Numbers without noise, shape (n, c), and the logits of codes, shape (n, k, m).

        Args:
            rows: with noise, shape (n, w).
            times: in [0, 1], shape (n,).
            noise: the standard deviation at each place, shape (n, w).
            condition: shape (n, p).
        """
        scale = (1 + noise.square()).rsqrt()
        scaled, c = scale * rows, self.numbers
        output = self.head(self.body(torch.cat([scaled, condition, waves(times)], dim=1)))
        # what the network adds has variance 1 at every noise
        found = scale[:, :c] * (scaled[:, :c] + noise[:, :c] * output[:, :c])
        logits = functional.pad(output[:, c:], (0, 1), value=_ABSENT)
        return found, logits[:, self.places.flatten()].view(len(rows), *self.places.shape)

    def loss(self, batch: tuple[Tensor, ...], generator: torch.Generator) -> Tensor:
        """The loss of rows, each with the noise of a time of its own, and that of the schedule.

        Args:
            batch: numbers, shape (n, c), codes, shape (n, k), and the condition, shape (n, p).
            generator: on the device of the batch.
        """
        device, n = batch[0].device, len(batch[0])
        first = torch.rand(1, generator=generator, device=device)
        times = (first + torch.arange(n, device=device) / n) % 1
        with torch.no_grad():
            noise = self.schedule.noise(times)
        losses, errors = self.losses(batch, times, noise, generator)
        return losses.mean() + self.schedule.loss(noise, errors.detach())

    def losses(
        self, batch: tuple[Tensor, ...], times: Tensor, noise: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """The loss of each column, shape (n, c + k), and the mean error of each kind, shape (n, g).

        The squared error of numbers over that of the best guess for normal and independent ones,
        and the cross-entropy of codes over that of their shares: both are 1 for a network that
        knows nothing. Errors are the absolute ones of numbers, and again those of codes.

        Args:
            batch: as of `loss`.
            times: of the rows, shape (n,).
            noise: standard deviations for each kind of column at these times, shape (n, g).
            generator: of the noise.
        """
        numbers, codes, condition = batch
        points = self.table()[torch.arange(len(self.sizes), device=codes.device), codes]
        rows, spread = torch.cat([numbers, points.flatten(1)], dim=1), self.spread(noise)
        drawn = torch.randn(rows.shape, generator=generator, device=rows.device)
        found, logits = self(rows + spread * drawn, times, spread, condition)
        off, crossed = found - numbers, self._cross_entropy(logits, codes)
        squared = (1 + spread[:, : self.numbers].pow(-2)) * off.square()
        errors = [part.mean(dim=1) for part in (off.abs(), crossed) if part.shape[1]]
        return torch.cat([squared, crossed], dim=1), torch.stack(errors, dim=1)

    def _cross_entropy(self, logits: Tensor, codes: Tensor) -> Tensor:
        """Of each column over its entropy, shape (n, k)."""
        if not codes.shape[1]:
            return logits.new_zeros(codes.shape)
        nats = functional.cross_entropy(logits.transpose(1, 2), codes, reduction="none")
        share: Tensor = nats / self.entropies
        return share


def _places(sizes: tuple[int, ...]) -> Tensor:
    """Which of all codes is the m-th of each column, shape (k, m); their number where none is."""
    at = torch.arange(max(sizes, default=0)).expand(len(sizes), -1)
    starts = torch.tensor([*accumulate(sizes, initial=0)][: len(sizes)], dtype=torch.int64)
    return torch.where(at < torch.tensor(sizes)[:, None], starts[:, None] + at, sum(sizes))
