"""TVAE: a variational autoencoder for tables, trained by the package ``ctgan``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

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
class TVAE:
    """An autoencoder whose decoder turns standard normal numbers into rows.

    Deviations from the package: a discrete value, or the mode of a number, is drawn from the
    probabilities that the decoder gives, where the package takes the likeliest (which loses rare
    categories); numeric columns are standardised first; rows are drawn from the seed that
    `sample` is given; and the defaults of ``embedding_dim``, ``batch_size`` and the length of the
    training are set for tables of tens to thousands of rows (the package's are 128, 500 and 300
    epochs). Sampling is on the CPU, so that a stored model gives the rows that the fresh one gives.

    Source: L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
    using conditional GAN", 2019, section 4.4, https://arxiv.org/abs/1907.00503

    Attributes:
        embedding_dim: width of the code between encoder and decoder.
        compress_dims: widths of the encoder's layers.
        decompress_dims: widths of the decoder's layers.
        l2scale: weight decay.
        loss_factor: weight of the reconstruction against the prior.
        batch_size: rows in a step; None for half of the rows, 16 to 500.
        epochs: passes over the rows; None for as many as make ``steps``.
        steps: optimiser steps, where ``epochs`` is None; the cost does not grow with the rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("ctgan", "rdt", "scikit-learn", "torch")
    least_rows: ClassVar[int] = 5
    accepts_missing: ClassVar[bool] = True
    extra: ClassVar[str | None] = None

    embedding_dim: int = 32
    compress_dims: list[int] = field(default_factory=lambda: [128, 128])
    decompress_dims: list[int] = field(default_factory=lambda: [128, 128])
    l2scale: float = 1e-5
    loss_factor: float = 2.0
    batch_size: int | None = None
    epochs: int | None = None
    steps: int = 1500

    def __post_init__(self) -> None:
        check_counts(
            "tvae",
            embedding_dim=self.embedding_dim,
            batch_size=self.batch_size,
            epochs=self.epochs,
            steps=self.steps,
        )

    def fit(self, table: Table, seed: int, device: str) -> FittedNetwork | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        require_rows("tvae", self.least_rows, table)
        check_device(device)
        encoding = Encoding.learn(table)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, seed)
        model = self._model(len(table), device)
        train(model, frame, encoding.discrete, seed)
        decoder = model.decoder.cpu().eval()
        return FittedNetwork(
            network=decoder.seq,
            deviations=decoder.sigma.detach().numpy().astype(np.float64),
            noise=self.embedding_dim,
            conditional=False,
            encoding=encoding,
            layout=read_layout(model.transformer, frame),
        )

    def load(self, folder: Path) -> FittedNetwork | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        return load_network(folder, self._decoder)

    def _model(self, rows: int, device: str) -> Any:
        import ctgan

        batch = self.batch_size or min(max(rows // 2, 16), 500)
        return ctgan.TVAE(
            embedding_dim=self.embedding_dim,
            compress_dims=self.compress_dims,
            decompress_dims=self.decompress_dims,
            l2scale=self.l2scale,
            loss_factor=self.loss_factor,
            batch_size=batch,
            epochs=self.epochs or math.ceil(self.steps / math.ceil(rows / batch)),
            enable_gpu=device == "cuda",
        )

    def _decoder(self, inputs: int, outputs: int) -> Any:
        from ctgan.synthesizers.tvae import Decoder

        return Decoder(inputs, self.decompress_dims, outputs).seq
