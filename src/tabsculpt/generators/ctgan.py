"""CTGAN: a conditional generative adversarial network for tables, by the package ``ctgan``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.errors import UserError
from tabsculpt.generators._encoding import Encoding, require_rows
from tabsculpt.generators._network import (
    FittedNetwork,
    check_counts,
    check_device,
    load_network,
    read_layout,
    train,
)
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.table import Table


@dataclass(frozen=True)
class CTGAN:
    """A generator network trained against a discriminator, asked for one category in each row.

    Deviations from the package: rows are drawn with the batch normalisation in evaluation mode,
    so that a row does not depend on the rows drawn beside it (the package leaves it in training
    mode and draws whole batches); the categories asked for are drawn at their share of the
    training rows, as the paper says (the package draws them by the logarithm of their counts,
    which favours rare ones); numeric columns are standardised first; rows are drawn from the seed
    that `sample` is given; and the defaults are set for tables of tens to thousands of rows (the
    package's are: layers of 256, both learning rates 2e-4, a batch of 500, packs of 10 and
    300 epochs, which on 200 rows is worse than predicting the mean). Sampling is on the CPU, so
    that a stored model gives the rows that the fresh one gives.

    Source: L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
    using conditional GAN", 2019, https://arxiv.org/abs/1907.00503. A discriminator that learns
    faster than the generator: M. Heusel et al., "GANs trained by a two time-scale update rule
    converge to a local Nash equilibrium", 2017, https://arxiv.org/abs/1706.08500

    Attributes:
        embedding_dim: how many random numbers the generator starts from.
        generator_dim: widths of the generator's residual layers.
        discriminator_dim: widths of the discriminator's layers.
        generator_lr: learning rate of the generator.
        generator_decay: weight decay of the generator.
        discriminator_lr: learning rate of the discriminator.
        discriminator_decay: weight decay of the discriminator.
        discriminator_steps: updates of the discriminator for each one of the generator.
        log_frequency: whether rare categories are asked for more often in training.
        pac: rows that the discriminator judges together.
        batch_size: rows in a step, even and divisible by ``pac``; None for about a quarter of the
            rows, 16 to 500.
        epochs: passes over the rows; None for as many as make ``steps``.
        steps: generator updates, where ``epochs`` is None; the cost does not grow with the rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("ctgan", "rdt", "scikit-learn", "torch")
    least_rows: ClassVar[int] = 5
    accepts_missing: ClassVar[bool] = True
    extra: ClassVar[str | None] = None

    embedding_dim: int = 128
    generator_dim: list[int] = field(default_factory=lambda: [128, 128])
    discriminator_dim: list[int] = field(default_factory=lambda: [128, 128])
    generator_lr: float = 1e-4
    generator_decay: float = 1e-6
    discriminator_lr: float = 1e-3
    discriminator_decay: float = 1e-6
    discriminator_steps: int = 1
    log_frequency: bool = True
    pac: int = 1
    batch_size: int | None = None
    epochs: int | None = None
    steps: int = 1500

    def __post_init__(self) -> None:
        check_counts(
            "ctgan",
            embedding_dim=self.embedding_dim,
            discriminator_steps=self.discriminator_steps,
            pac=self.pac,
            epochs=self.epochs,
            steps=self.steps,
        )
        unit = math.lcm(2, self.pac)
        if self.batch_size is not None and (self.batch_size < unit or self.batch_size % unit):
            raise UserError(
                f"ctgan: batch_size is {self.batch_size}, expected a multiple of {unit} "
                f"(even, and divisible by pac={self.pac}); null scales it with the rows"
            )

    def fit(self, table: Table, seed: int, device: str) -> FittedNetwork | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        require_rows("ctgan", self.least_rows, table)
        check_device(device)
        encoding = Encoding.learn(table)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, seed)
        model = self._model(len(table), device)
        train(model, frame, encoding.discrete, seed)
        layout = read_layout(model._transformer, frame)
        return FittedNetwork(
            network=model._generator.cpu().eval(),
            deviations=np.zeros(sum(part.width for part in layout)),
            noise=self.embedding_dim,
            conditional=True,
            encoding=encoding,
            layout=layout,
        )

    def load(self, folder: Path) -> FittedNetwork | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        return load_network(folder, self._generator)

    def _model(self, rows: int, device: str) -> Any:
        import ctgan

        unit = math.lcm(2, self.pac)
        batch = self.batch_size or max(min(max(rows // 4, 16), 500) // unit, 1) * unit
        return ctgan.CTGAN(
            embedding_dim=self.embedding_dim,
            generator_dim=self.generator_dim,
            discriminator_dim=self.discriminator_dim,
            generator_lr=self.generator_lr,
            generator_decay=self.generator_decay,
            discriminator_lr=self.discriminator_lr,
            discriminator_decay=self.discriminator_decay,
            batch_size=batch,
            discriminator_steps=self.discriminator_steps,
            log_frequency=self.log_frequency,
            epochs=self.epochs or math.ceil(self.steps / max(rows // batch, 1)),
            pac=self.pac,
            enable_gpu=device == "cuda",
        )

    def _generator(self, inputs: int, outputs: int) -> Any:
        from ctgan.synthesizers.ctgan import Generator

        return Generator(inputs, self.generator_dim, outputs)
