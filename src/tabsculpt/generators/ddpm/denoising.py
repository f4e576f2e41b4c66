"""The denoiser of rows of numbers and codes: its loss, and drawing rows with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tabsculpt.generators.ddpm.diffusion import (
    GaussianDiffusion,
    MultinomialDiffusion,
    cosine_schedule,
)
from tabsculpt.generators.training.denoiser import ROUNDS

WAVES = 16
"""How many sines, and as many cosines, tell the denoiser the time."""

_FASTEST = 200.0
"""How much faster the fastest of them is than the slowest."""


@dataclass(frozen=True, eq=False)
class RowDiffusion:
    """Numbers and codes of a row, noised independently and denoised by one network.

    Attributes:
        steps: of noise.
        numbers: how numbers become noise.
        codes: how codes become noise.
    """

    steps: int
    numbers: GaussianDiffusion
    codes: MultinomialDiffusion

    @classmethod
    def over(cls, steps: int, sizes: tuple[int, ...], device: str) -> RowDiffusion:
        """For rows whose columns of codes have ``sizes`` codes."""
        kept = cosine_schedule(steps).to(device)
        return cls(steps, GaussianDiffusion(kept), MultinomialDiffusion.over(kept, sizes))

    def loss(self, network: Any, rows: tuple[Any, ...], generator: Any) -> Any:
        """The loss of rows, each noised to a time of its own, drawn uniformly.

        The mean squared error of the velocities, and the variational bound in nats of the codes,
        each averaged over its columns.

        Args:
            network: as `build_denoiser` makes it.
            rows: numbers, shape (n, c), codes, shape (n, k), and the condition, shape (n, p).
            generator: a ``torch.Generator`` on the device of the rows.
        """
        import torch

        numbers, codes, condition = rows
        shape, device = (len(codes),), codes.device
        times = torch.randint(1, self.steps + 1, shape, generator=generator, device=device)
        noise = torch.randn(numbers.shape, generator=generator, device=device)
        kept, start = self.numbers.kept[times], self.codes.certain(codes)
        noised = self.numbers.noised(numbers, kept, noise)
        drawn = self.codes.draw(self.codes.noised(start, kept), generator)
        velocity, found = self.denoise(network, noised, drawn, times, condition)
        total = noised.new_zeros(())
        if numbers.shape[1]:
            total = (velocity - self.numbers.velocity(numbers, times, noise)).square().mean()
        if codes.shape[1]:
            bound = self.codes.divergence(self.codes.certain(drawn), start, found, times)
            total = total + self.steps * bound.mean()
        return total

    def denoise(
        self, network: Any, numbers: Any, codes: Any, times: Any, condition: Any
    ) -> tuple[Any, Any]:
        """The velocities, shape (n, c), and the log-chances without noise, shape (n, k, m)."""
        import torch

        hot = self.codes.hot(codes).flatten(1)
        inputs = torch.cat([numbers, hot, condition, waves(times / self.steps)], dim=1)
        output, split = network(inputs), numbers.shape[1]
        logits = output[:, split:].reshape(len(codes), *self.codes.pads.shape) + self.codes.pads
        return output[:, :split], torch.log_softmax(logits, dim=-1)

    def draw(
        self, network: Any, condition: Any, width: int, given: Mapping[int, float], generator: Any
    ) -> tuple[Any, Any]:
        """Make rows of noise and take the noise away, on the CPU.

        Numbers that are given are put, with the noise of the time, in the place of those made.
        Each step is then taken `ROUNDS` times, noise being added in between, so that what is made
        comes to agree with what is given. Source: A. Lugmayr et al., "RePaint: inpainting using
        denoising diffusion probabilistic models", 2022, section 4,
        https://arxiv.org/abs/2201.09865

        Args:
            network: trained.
            condition: of n rows, shape (n, p).
            width: the number of columns of numbers c.
            given: numbers that every row is to have, by position.
            generator: a ``torch.Generator``.

        Returns:
            Numbers, shape (n, c), and codes, shape (n, k).
        """
        import torch

        n = len(condition)
        numbers = torch.randn((n, width), generator=generator)
        codes = self.codes.draw((self.codes.pads + self.codes.uniform).expand(n, -1, -1), generator)
        for time in range(self.steps, 0, -1):
            at = torch.full((n,), time)
            for left in reversed(range(ROUNDS if given and time > 1 else 1)):
                numbers, codes = self._earlier(network, numbers, codes, at, condition, generator)
                self._put(given, numbers, at - 1, generator)
                if left:
                    numbers, codes = self._later(numbers, codes, at, generator)
        return numbers, codes

    def _earlier(
        self, network: Any, numbers: Any, codes: Any, at: Any, condition: Any, generator: Any
    ) -> tuple[Any, Any]:
        """Rows one step earlier."""
        import torch

        with torch.no_grad():
            velocity, found = self.denoise(network, numbers, codes, at, condition)
        start = self.numbers.start(numbers, velocity, at)
        noise = torch.randn(numbers.shape, generator=generator)
        chances = self.codes.earlier(self.codes.certain(codes), found, at)
        return self.numbers.earlier(numbers, start, at, noise), self.codes.draw(chances, generator)

    def _later(self, numbers: Any, codes: Any, at: Any, generator: Any) -> tuple[Any, Any]:
        """Rows with the noise of one step more."""
        import torch

        step = self.numbers.kept[at] / self.numbers.kept[at - 1]
        noise = torch.randn(numbers.shape, generator=generator)
        chances = self.codes.noised(self.codes.certain(codes), step)
        return self.numbers.noised(numbers, step, noise), self.codes.draw(chances, generator)

    def _put(self, given: Mapping[int, float], numbers: Any, at: Any, generator: Any) -> None:
        """Put the given numbers in their places, with the noise of a time."""
        import torch

        for place, number in given.items():
            known = torch.full((len(numbers), 1), number)
            noise = torch.randn(known.shape, generator=generator)
            numbers[:, [place]] = self.numbers.noised(known, self.numbers.kept[at], noise)


def build_denoiser(
    numbers: int, sizes: tuple[int, ...], condition: int, widths: list[int], frequencies: int
) -> Any:
    """An untrained multilayer perceptron with the inputs and outputs of `RowDiffusion.denoise`.

    Args:
        numbers: columns of numbers.
        sizes: the number of codes of each column of codes.
        condition: how many numbers describe the condition.
        widths: of the hidden layers.
        frequencies: of the sines and cosines that encode the numbers besides.
    """
    from torch import nn

    from tabsculpt.generators.encoding.periodic import Periodic

    columns = numbers + len(sizes) * max(sizes, default=0)
    embedding = Periodic(numbers, frequencies)
    ends = [embedding.width(columns + condition + 2 * WAVES), *widths]
    layers: list[Any] = []
    for inputs, outputs in pairwise(ends):
        layers += [nn.Linear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(embedding, *layers, nn.Linear(ends[-1], columns))


def waves(times: Any) -> Any:
    """Sines and cosines, from slow to fast, of times in [0, 1], shape (n, 2 `WAVES`)."""
    import torch

    rates = torch.logspace(0, math.log10(_FASTEST), WAVES, device=times.device)
    angles = times[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)
