"""The variational autoencoder of the paper on CTGAN, for settings published for it."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.ctgan.best import Encoded, Kept, distance_from
from tabsculpt.generators.ctgan.network import FittedNetwork, load_network
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts
from tabsculpt.table import Kind, Table, Task

if TYPE_CHECKING:
    from tabsculpt.generators.ctgan.variational import Variational


@dataclass(frozen=True)
class PaperTVAE:
    """The autoencoder of the paper, whose decoder turns standard normal numbers into rows.

    The generator ``tvae`` is another (`tabsculpt.generators.tvae`): this decoder draws each column
    on its own around what it says, and follows no curve: of y = sin 2x, 400 rows, its rows teach a
    forest next to nothing. It stays for settings that were published for it.

    Deviations from the authors' package ``ctgan``: numbers are made normal by their quantiles
    first, after which one mode is enough for each (the package finds up to ten in the numbers as
    they are); a discrete value, or the mode of a number, is drawn from the probabilities that the
    decoder gives, where the package takes the likeliest (which loses rare categories); those with
    given values are drawn until they come; and the defaults of ``embedding_dim``, ``batch_size``
    and the length of the training are set for tables of tens to thousands of rows (the package's
    are 128, 500 and 300 epochs). Sampling is on the CPU, so that a stored model gives the rows that
    the fresh one gives.

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
        patience: looks at drawn rows, 40 over the whole training, without a gain before it stops
            and goes back to the best; None trains to the end. It is off because the columns come
            close long before their dependence does: with 10 looks, forests trained on bodyfat's
            synthetic rows erred three times as much.
        max_clusters: the most modes of a number.
        extrapolate: whether numbers may leave the range of the training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "torch")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    embedding_dim: int = 32
    compress_dims: list[int] = field(default_factory=lambda: [128, 128])
    decompress_dims: list[int] = field(default_factory=lambda: [128, 128])
    l2scale: float = 1e-5
    loss_factor: float = 2.0
    batch_size: int | None = None
    epochs: int | None = None
    steps: int = 1200
    patience: int | None = None
    max_clusters: int = 1
    extrapolate: bool = False

    def __post_init__(self) -> None:
        check_counts(
            "tvae",
            embedding_dim=self.embedding_dim,
            batch_size=self.batch_size,
            epochs=self.epochs,
            steps=self.steps,
            patience=self.patience,
            max_clusters=self.max_clusters,
        )

    def fit(self, table: Table, seed: int, device: str) -> FittedNetwork | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        check_table("tvae", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, extrapolate=self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        from tabsculpt.generators.ctgan.variational import train_autoencoder

        rows = Encoded.of(table, encoding, self.max_clusters, seed)
        how = self._how(len(table), device)
        kept = Kept(
            how.epochs,
            self.patience,
            lambda networks: self._freeze(networks, rows),
            distance_from(rows, seed),
        )
        return kept.best(train_autoencoder(rows.matrix, rows.layout, how, seed, kept.after))

    def load(self, folder: Path) -> FittedNetwork | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        return load_network(folder, self._decoder)

    def _freeze(self, networks: Any, rows: Encoded) -> FittedNetwork:
        return FittedNetwork(
            name="tvae",
            network=copy.deepcopy(networks.decoder).cpu().eval(),
            deviations=networks.deviations.detach().cpu().numpy().astype(np.float64),
            noise=self.embedding_dim,
            conditional=False,
            encoding=rows.encoding,
            layout=rows.layout,
        )

    def _how(self, rows: int, device: str) -> Variational:
        from tabsculpt.generators.ctgan.variational import Variational

        batch = self.batch_size or min(max(rows // 2, 16), 500)
        return Variational(
            embedding_dim=self.embedding_dim,
            compress_dims=self.compress_dims,
            decompress_dims=self.decompress_dims,
            l2scale=self.l2scale,
            loss_factor=self.loss_factor,
            batch_size=batch,
            epochs=self.epochs or math.ceil(self.steps / math.ceil(rows / batch)),
            device=device,
        )

    def _decoder(self, inputs: int, outputs: int) -> Any:
        from tabsculpt.generators.ctgan.networks import build_decoder

        with seeded_globals(0, uses_torch=True):  # its weights are overwritten
            return build_decoder(inputs, self.decompress_dims, outputs)
