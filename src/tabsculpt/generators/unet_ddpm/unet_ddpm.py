"""Images made of noise, step by step, by a U-Net that is told their class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import Given
from tabsculpt.generators.oversampling.by_class import class_sizes, shared_out
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts, check_shares
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.generators.unet_ddpm.denoising import ImageDiffusion
from tabsculpt.table import FloatArray, IntArray, Kind, Schema, Table, Task, conform

_WEIGHTS = "unet.safetensors"
_SCHEMA = "schema.json"
_SEEN = "seen.npz"


@dataclass(frozen=True, eq=False)
class Sampling:
    """How images are made by a trained network; see the settings of `UNetDDPM`."""

    timesteps: int
    sampling_steps: int
    guidance: float


@dataclass(frozen=True, eq=False)
class FittedUNetDDPM:
    """A trained U-Net on the CPU.

    Attributes:
        network: a `UNet`.
        sampling: how images are made with it.
        schema: of the training rows.
        labels: codes of the classes of the training rows, shape (n,).
        low, high: the range of each pixel in the training rows, shape (pixels,).
    """

    network: Any
    sampling: Sampling
    schema: Schema
    labels: IntArray
    low: FloatArray
    high: FloatArray

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` images, in random order; see `ConditionalGenerator.sample`.

        Each class has its share of the training rows, rounded up or down at random; or all images
        are of the given class.

        Raises:
            UserError: something other than the class is given, or a class without training rows.
        """
        import torch

        rng = np.random.default_rng(derive_seed("classes", seed))
        sizes = class_sizes(self.schema, self.labels, given or {})
        codes = rng.permutation(np.repeat(np.arange(len(sizes)), shared_out(n, sizes, rng)))
        how = self.sampling
        diffusion = ImageDiffusion.over(how.timesteps, len(sizes), "cpu")
        noise = torch.Generator().manual_seed(derive_seed("noise", seed))
        drawn = diffusion.draw(
            self.network, torch.tensor(codes), len(self.low), how.sampling_steps, how.guidance,
            noise,
        )  # fmt: skip
        return self._table(drawn.double().numpy(), codes)

    def _table(self, drawn: FloatArray, codes: IntArray) -> Table:
        darkest, lightest = _ends(self.schema)
        pixels = np.clip(darkest + (drawn + 1) / 2 * (lightest - darkest), self.low, self.high)
        frame = pd.DataFrame(pixels, columns=[c.name for c in self.schema.features])
        classes = np.array(self.schema.classes, dtype=object)[codes]
        return conform(frame.assign(**{self.schema.target: classes}), self.schema)

    def save(self, folder: Path) -> None:
        """Write weights, schema and what was seen of the training rows into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / _WEIGHTS)
        write_json(self.schema.to_json(), folder / _SCHEMA)
        write_arrays({"labels": self.labels, "low": self.low, "high": self.high}, folder / _SEEN)


@dataclass(frozen=True)
class UNetDDPM:
    """A U-Net that takes noise out of images makes images of a class out of nothing but noise.

    Pixels, from -1 to 1, take Gaussian noise by the cosine schedule. The network learns to tell
    the noise at every step; some images of each batch without their class, so that what the class
    adds to an image can be strengthened (``guidance``). Images are made in fewer steps than they
    were noised in, without noise in between (DDIM). Their classes have the shares of the training
    rows, unless one is asked for; pixels stay in their range.

    Deviations from the source: the network predicts velocities, not noise, as `ddpm` does; it is
    small, without attention, as for images of 8 to 32 pixels; there is no dropout.

    Sources: J. Ho, A. Jain, P. Abbeel, "Denoising diffusion probabilistic models", 2020,
    https://arxiv.org/abs/2006.11239; A. Nichol, P. Dhariwal, "Improved denoising diffusion
    probabilistic models", 2021 (schedule), https://arxiv.org/abs/2102.09672; J. Ho, T. Salimans,
    "Classifier-free diffusion guidance", 2022, https://arxiv.org/abs/2207.12598; J. Song, C. Meng,
    S. Ermon, "Denoising diffusion implicit models", 2021, https://arxiv.org/abs/2010.02502

    Attributes:
        timesteps: steps of noise.
        sampling_steps: steps in which an image is made, at most as many.
        widths: channels of the U-Net at each level, the finest first; each level halves the lines.
        untold: share of the images whose class the network is not told in training, in [0, 1).
        guidance: how far images go beyond what their class says, away from what is said without
            it; 0 is as far as the class says, more gives clearer images that vary less.
        learning_rate: of AdamW at the start; it falls to zero along a cosine.
        batch_size: images in a step; all of them where there are fewer.
        steps: optimiser steps; the cost does not grow with the rows.
        average: how much of the running average of the weights stays at each step, in [0, 1); the
            average is what is kept.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = (Task.BINARY, Task.MULTICLASS)
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.CONTINUOUS, Kind.INTEGER)
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = True
    spatial: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    timesteps: int = 200
    sampling_steps: int = 20
    widths: list[int] = field(default_factory=lambda: [32, 64])
    untold: float = 0.1
    guidance: float = 0.0
    learning_rate: float = 2e-3
    batch_size: int = 64
    steps: int = 2000
    average: float = 0.99

    def __post_init__(self) -> None:
        check_counts(
            "unet_ddpm", timesteps=self.timesteps, batch_size=self.batch_size, steps=self.steps,
            widths=min(self.widths, default=0), sampling_steps=self.sampling_steps,
        )  # fmt: skip
        check_shares("unet_ddpm", average=self.average, untold=self.untold)
        if self.sampling_steps > self.timesteps:
            raise UserError(
                f"unet_ddpm: sampling_steps is {self.sampling_steps}, expected at most timesteps, "
                f"{self.timesteps}"
            )
        if self.guidance < 0 or self.learning_rate <= 0:
            raise UserError("unet_ddpm: guidance is at least 0, and learning_rate more than 0")
        if self.guidance and not self.untold:
            raise UserError("unet_ddpm: guidance needs untold above 0, such as 0.1")

    def expected_seconds(self, rows: int, asked: int, columns: int) -> float:
        """See `tabsculpt.launch.first_costs`; what is trained does not depend on the rows.

        A step of 64 images through 32 and 64 channels took 0.022 CPU seconds at 65 columns and 0.26
        at 3,073, and an image in sampling a third of its share of a step each time.
        """
        image = (0.017 + 8e-5 * columns) / 64 * (self.widths[0] / 32) ** 2
        looks = self.sampling_steps * (2 if self.guidance else 1)
        return image * (self.steps * min(self.batch_size, rows) + asked * looks / 3)

    def fit(self, table: Table, seed: int, device: str) -> FittedUNetDDPM:
        """Train on the images.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: rows that are no images, a regression, missing values, or the device is
                "cuda" where there is none.
            ValueError: the training diverged.
        """
        import torch

        check_table("unet_ddpm", self, table, device)
        schema, matrix, labels = table.schema, table.matrix(), table.target
        darkest, lightest = _ends(schema)
        pixels = (matrix - darkest) / (lightest - darkest) * 2 - 1
        rows = [torch.tensor(pixels, dtype=torch.float32), torch.tensor(labels)]
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            network = self._build(schema)
        training = Training(self.steps, self.batch_size, self.learning_rate, average=self.average)
        diffusion = ImageDiffusion.over(self.timesteps, len(schema.classes), device)
        loss = partial(diffusion.loss, untold=self.untold)
        network = train_module(network, loss, rows, training, seed, device)
        seen = {"labels": labels, "low": matrix.min(axis=0), "high": matrix.max(axis=0)}
        return self._fitted(network, schema, seen)

    def load(self, folder: Path) -> FittedUNetDDPM:
        """Read what was saved by a model fitted with these settings."""
        from safetensors.torch import load_file

        schema = Schema.from_json(read_json(folder / _SCHEMA))
        with seeded_globals(0, uses_torch=True):
            network = self._build(schema).eval()
        network.load_state_dict(load_file(folder / _WEIGHTS))
        return self._fitted(network, schema, read_arrays(folder / _SEEN))

    def _fitted(self, network: Any, schema: Schema, seen: Mapping[str, Any]) -> FittedUNetDDPM:
        sampling = Sampling(self.timesteps, self.sampling_steps, self.guidance)
        return FittedUNetDDPM(network, sampling, schema, **seen)

    def _build(self, schema: Schema) -> Any:
        from tabsculpt.generators.unet_ddpm.network import UNet

        assert schema.pixels is not None  # check_table has refused others
        return UNet(schema.pixels, len(schema.classes), self.widths)


def _ends(schema: Schema) -> tuple[float, float]:
    """The darkest and the lightest intensity of the images of a schema."""
    assert schema.pixels is not None  # check_table has refused others
    return schema.pixels.darkest, schema.pixels.lightest
