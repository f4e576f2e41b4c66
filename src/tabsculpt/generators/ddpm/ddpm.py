"""TabDDPM: rows made of noise, step by step, by a denoising network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.ddpm.denoising import RowDiffusion, build_denoiser
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.rows import sample_rows
from tabsculpt.generators.settings import check_counts, check_positive, check_shares
from tabsculpt.generators.training.denoiser import (
    load_denoiser,
    rows_to_noise,
    save_denoiser,
)
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.table import Kind, Schema, Table, Task


class Target(StrEnum):
    """Whether the target is made like any other column, or is what the others are made for."""

    AUTO = "auto"
    COLUMN = "column"
    CONDITION = "condition"


@dataclass(frozen=True, eq=False)
class FittedDDPM:
    """A trained denoiser on the CPU, and what its inputs and outputs mean.

    Attributes:
        network: as `build_denoiser` makes it.
        timesteps: steps of noise that it was trained for.
        parts: which columns it makes, and which are its condition.
        encoding: between tables and encoded rows.
    """

    network: Any
    timesteps: int
    parts: Parts
    encoding: Encoding

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Any column can be given.

        A target that it was trained on as a condition is one. Other classes, categories and
        integers of few values are waited for: rows are drawn until enough have them. Other numbers
        are put into the rows while they are made, and the rest goes with them approximately.

        Raises:
            UserError: an unknown column or value, or values that it next to never gives.
        """
        diffusion = RowDiffusion.over(self.timesteps, self.parts.sizes, "cpu")

        def draw(condition: Any, numbers: Mapping[int, float], noise: Any) -> tuple[Any, Any]:
            width = len(self.parts.numbers)
            return diffusion.draw(self.network, condition, width, numbers, noise)

        return sample_rows(self.encoding, self.parts, draw, n, seed, given or {})

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        save_denoiser(self.network, self.parts, self.encoding, folder)


@dataclass(frozen=True)
class DDPM:
    """A network that takes noise out of rows makes rows out of nothing but noise, step by step.

    Numbers become normal scores and take Gaussian noise, codes are replaced by random ones; both
    follow the cosine schedule. Classes are the condition of the rest of the row, and are drawn at
    their shares; the target of a regression is a column like any other.

    Deviations from the source: the network predicts velocities, not noise, and starts are kept
    within the range of normal scores, without which the cosine schedule's last steps divide by
    almost 0 and give huge numbers or NaN; codes enter the network as zeros and ones, not as their
    logarithms, and numbers also as sines and cosines, without which the network follows no curve
    that turns twice (`Periodic`); the time and the condition are inputs of the first layer,
    without layers of their own; there is no dropout; the rate falls along a cosine and gradients
    are clipped; and the defaults are set for tables of tens to thousands of rows.

    Source: A. Kotelnikov, D. Baranchuk, I. Rubachev, A. Babenko, "TabDDPM: modelling tabular data
    with diffusion models", 2023, section 3, https://arxiv.org/abs/2209.15421

    Attributes:
        timesteps: steps of noise.
        widths: of the denoiser's hidden layers.
        frequencies: of the sines and cosines that encode each number for the denoiser besides the
            number; 0 tells it the number alone, as the source does.
        learning_rate: of AdamW at the start; it falls to zero along a cosine.
        weight_decay: of AdamW.
        batch_size: rows in a step; all rows where there are fewer. Tables of less than 128 rows are
            repeated to as many.
        steps: optimiser steps; the cost does not grow with the rows.
        average: how much of the running average of the weights stays at each step, in [0, 1); the
            average is what is kept.
        target: whether the target is a column like any other (``column``) or what the rest of the
            row is made for (``condition``); ``auto`` is the latter in a classification only.
        extrapolate: whether numbers may leave the range of the training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    timesteps: int = 100
    widths: list[int] = field(default_factory=lambda: [256, 256])
    frequencies: int = 6
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    batch_size: int = 256
    steps: int = 2000
    average: float = 0.99
    target: Target = Target.AUTO
    extrapolate: bool = False

    def __post_init__(self) -> None:
        check_counts("ddpm", timesteps=self.timesteps, batch_size=self.batch_size, steps=self.steps)
        if self.frequencies < 0:
            raise UserError(f"ddpm: frequencies is {self.frequencies}, expected 0 or more")
        check_positive("ddpm", learning_rate=self.learning_rate)
        check_shares("ddpm", average=self.average)

    def fit(self, table: Table, seed: int, device: str) -> FittedDDPM | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
            ValueError: the training diverged.
        """
        check_table("ddpm", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, derive_seed("encode", seed))
        parts = Parts.of(encoding, frame, self._condition(table.schema))
        rows = rows_to_noise(parts, frame)
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            network = self._build(parts)
        training = Training(
            steps=self.steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            average=self.average,
        )
        loss = RowDiffusion.over(self.timesteps, parts.sizes, device).loss
        network = train_module(network, loss, rows, training, seed, device)
        return FittedDDPM(network, self.timesteps, parts, encoding)

    def load(self, folder: Path) -> FittedDDPM | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        network, parts, encoding = load_denoiser(folder, self._build)
        return FittedDDPM(network, self.timesteps, parts, encoding)

    def _condition(self, schema: Schema) -> str | None:
        """The column that is the condition, if there is one."""
        classes = self.target is Target.AUTO and schema.task is not Task.REGRESSION
        return schema.target if classes or self.target is Target.CONDITION else None

    def _build(self, parts: Parts) -> Any:
        numbers = len(parts.numbers)
        return build_denoiser(
            numbers, parts.sizes, parts.condition_width, self.widths, self.frequencies
        )
