"""How images become noise, and the way back, told their class."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tabsculpt.generators.ddpm.diffusion import GaussianDiffusion, cosine_schedule

_CHUNK = 512


@dataclass(frozen=True, eq=False)
class ImageDiffusion:
    """Images of intensities from -1 to 1 become noise and are denoised by one network.

    Sources: J. Ho, A. Jain, P. Abbeel, "Denoising diffusion probabilistic models", 2020,
    https://arxiv.org/abs/2006.11239; J. Ho, T. Salimans, "Classifier-free diffusion guidance",
    2022, section 3, https://arxiv.org/abs/2207.12598; J. Song, C. Meng, S. Ermon, "Denoising
    diffusion implicit models", 2021, sections 4.1 and 4.2, https://arxiv.org/abs/2010.02502

    Attributes:
        steps: of noise.
        classes: how many there are; the network takes this number for none of them.
        pixels: how they become noise.
    """

    steps: int
    classes: int
    pixels: GaussianDiffusion

    @classmethod
    def over(cls, steps: int, classes: int, device: str) -> ImageDiffusion:
        """On a device, with the cosine schedule."""
        return cls(steps, classes, GaussianDiffusion(cosine_schedule(steps).to(device)))

    def loss(self, network: Any, rows: tuple[Any, ...], generator: Any, untold: float) -> Any:
        """The mean squared error of velocities, each image noised to a time of its own.

        Args:
            network: a `UNet`.
            rows: pixels, shape (n, pixels), and codes of classes, shape (n,).
            generator: a ``torch.Generator`` on the device of the rows.
            untold: the share of images whose class the network is not told.
        """
        import torch

        pixels, labels = rows
        draw = {"generator": generator, "device": pixels.device}
        times = torch.randint(1, self.steps + 1, labels.shape, **draw)
        noise = torch.randn(pixels.shape, **draw)
        hidden = torch.rand(labels.shape, **draw) < untold
        told = torch.where(hidden, self.classes, labels)
        noised = self.pixels.noised(pixels, self.pixels.kept[times], noise)
        said = network(noised, times / self.steps, told)
        return (said - self.pixels.velocity(pixels, times, noise)).square().mean()

    def draw(
        self, network: Any, labels: Any, width: int, steps: int, guidance: float, generator: Any
    ) -> Any:
        """Make images of noise in few steps, on the CPU.

        Args:
            network: trained.
            labels: codes of their classes, shape (n,).
            width: pixels of an image.
            steps: of the way back, at most as many as to noise; evenly spaced.
            guidance: how far beyond what the class says to go from what is said without it.
            generator: a ``torch.Generator``, which gives the noise at the start alone.

        Returns:
            Shape (n, width), between -1 and 1.
        """
        import torch

        noise = torch.randn((len(labels), width), generator=generator)
        times = torch.linspace(self.steps, 0, steps + 1).round().long().tolist()
        made = [noise[:0]]
        for some, told in zip(noise.split(_CHUNK), labels.split(_CHUNK), strict=True):
            image = some
            for now, earlier in pairwise(times):
                image = self._earlier(network, image, told, (now, earlier), guidance)
            made.append(image)
        return torch.cat(made)

    def _earlier(
        self, network: Any, noised: Any, labels: Any, way: tuple[int, int], guidance: float
    ) -> Any:
        """Images at an earlier time, by the noise that is in them now."""
        import torch

        now, earlier = (torch.full((len(noised),), time) for time in way)
        with torch.no_grad():
            velocity = network(noised, now / self.steps, labels)
            if guidance:
                nothing = torch.full_like(labels, self.classes)
                without = network(noised, now / self.steps, nothing)
                velocity = velocity + guidance * (velocity - without)
        start = self.pixels.start(noised, velocity, now).clamp(-1, 1)
        kept = self.pixels.kept[now][:, None]
        noise = (noised - kept.sqrt() * start) / (1 - kept).sqrt()
        return self.pixels.noised(start, self.pixels.kept[earlier], noise)
