"""TVAE: a variational autoencoder for tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts, target_apart
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import codes_given, draw_matching
from tabsculpt.generators.settings import check_counts, check_positive, check_shares
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.table import Kind, Table, Task

_CHUNK = 8192
_WEIGHTS = "networks.safetensors"
_MEANING = "meaning.json"
_LAST = "last."
_AVERAGE = 0.98
_PATIENCE = 8


@dataclass(frozen=True, eq=False)
class FittedTVAE:
    """Trained networks on the CPU, and what their inputs and outputs mean.

    Attributes:
        autoencoder: of all columns but ``target``.
        mixture: of ``target`` given the others; None where there is none.
        target: the encoded column that is drawn last, or None.
        parts: which columns the autoencoder makes, and which are its condition.
        encoding: between tables and encoded rows.
    """

    autoencoder: Any
    mixture: Any
    target: str | None
    parts: Parts
    encoding: Encoding

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Discrete columns can be given.

        A class is a condition of the decoder. For other values rows are drawn until enough have
        them.

        Raises:
            UserError: an unknown column or value, a number, or values that it next to never gives.
        """
        import torch

        fixed = codes_given("tvae", self.encoding, given or {})
        condition = {name: code for name, code in fixed.items() if name in self.parts.condition}
        rest = {name: code for name, code in fixed.items() if name not in condition}
        rng = np.random.default_rng(derive_seed("condition", seed))
        noise = torch.Generator().manual_seed(derive_seed("noise", seed))
        frame = draw_matching(lambda rows: self._draw(rows, condition, rng, noise), rest, n)
        return self.encoding.decode(frame)

    def _draw(
        self, n: int, condition: Mapping[str, float], rng: np.random.Generator, noise: Any
    ) -> pd.DataFrame:
        """``n`` encoded rows for the condition, a chunk at a time."""
        import torch

        frame = self.parts.draw_condition(n, condition, rng)
        made, last = [], []
        with torch.no_grad():
            for chunk in torch.split(self.parts.condition_of(frame), _CHUNK):
                made.append(self.autoencoder.draw(chunk, noise))
                if self.mixture is not None:
                    last.append(self.mixture.draw(self.parts.flat(*made[-1]), noise))
        frame = self.parts.frame_of(made, frame)
        if self.target is not None:
            frame[self.target] = torch.cat(last).numpy().astype(np.float64)[:, 0]
        return frame[self.encoding.names]

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_file

        weights = dict(self.autoencoder.state_dict())
        if self.mixture is not None:
            weights |= {_LAST + key: value for key, value in self.mixture.state_dict().items()}
        save_file(weights, folder / _WEIGHTS)
        meaning = {
            "target": self.target,
            "parts": self.parts.to_json(),
            "encoding": self.encoding.to_json(),
        }
        write_json(meaning, folder / _MEANING)


@dataclass(frozen=True)
class TVAE:
    """An autoencoder whose decoder turns standard normal numbers into rows.

    Deviations from the source: numbers become normal scores instead of modes, and enter the
    networks as sines and cosines too, as do the numbers that the decoder starts from (`Periodic`);
    classes are a condition of both networks and drawn at their shares; the target of a regression
    is drawn last, from a mixture of normal distributions that a network of its own gives for the
    rest of the row: the noise that the decoder puts into each column on its own would else hide
    how it depends on them. That network is trained on the rows themselves, and stopped by the
    likelihood of rows held out. The rate falls along a cosine, the running average of the weights
    is kept, and the defaults are set for tables of tens to thousands of rows. Between features
    that a curve holds together, noise remains. ``tvae_paper`` is the paper's autoencoder,
    without these.

    Source: L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
    using conditional GAN", 2019, section 4.4, https://arxiv.org/abs/1907.00503

    Attributes:
        embedding_dim: width of the code between encoder and decoder.
        compress_dims: widths of the encoder's layers.
        decompress_dims: widths of the decoder's layers, and of those of the target's network.
        frequencies: of the sines and cosines of each number; 0 gives the number alone.
        learning_rate: of AdamW at the start.
        l2scale: weight decay.
        loss_factor: weight of the reconstruction against the prior.
        batch_size: rows in a step; None for half of the rows, 16 to 256.
        holdout: share of the rows by whose likelihood the target's network is stopped, in [0, 1).
        epochs: passes over the rows, of either network; None for as many as make ``steps``.
        steps: optimiser steps, where ``epochs`` is None; the cost does not grow with the rows.
        extrapolate: whether numbers may leave the range of the training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    embedding_dim: int = 16
    compress_dims: list[int] = field(default_factory=lambda: [128, 128])
    decompress_dims: list[int] = field(default_factory=lambda: [128, 128])
    frequencies: int = 6
    learning_rate: float = 3e-3
    l2scale: float = 1e-5
    loss_factor: float = 2.0
    batch_size: int | None = None
    holdout: float = 0.1
    epochs: int | None = None
    steps: int = 1000
    extrapolate: bool = False

    def __post_init__(self) -> None:
        counts = ("embedding_dim", "batch_size", "epochs", "steps")
        check_counts("tvae", **{name: getattr(self, name) for name in counts})
        check_shares("tvae", holdout=self.holdout)
        if self.frequencies < 0:
            raise UserError(f"tvae: frequencies is {self.frequencies}, expected 0 or more")
        check_positive("tvae", learning_rate=self.learning_rate)

    def fit(self, table: Table, seed: int, device: str) -> FittedTVAE | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
            ValueError: the training diverged.
        """
        check_table("tvae", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, derive_seed("encode", seed))
        target, parts = target_apart(encoding, frame)
        numbers, codes, condition = parts.tensors(frame)
        rows = parts.flat(numbers, codes)
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            autoencoder, mixture = self._build(parts, target)
        training = self._training(len(table))
        if mixture is not None:
            from tabsculpt.generators.training.mixture import train_target

            held = replace(training, holdout=self.holdout)
            values = frame[target].to_numpy()
            mixture = train_target(mixture, values, rows, held, seed, device)
        autoencoder = train_module(
            autoencoder,
            lambda net, batch, generator: net.loss(batch, self.loss_factor, generator),
            (numbers, codes, rows, condition),
            training,
            seed,
            device,
        )
        return FittedTVAE(autoencoder, mixture, target, parts, encoding)

    def load(self, folder: Path) -> FittedTVAE | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_file

        meaning = read_json(folder / _MEANING)
        parts, target = Parts.from_json(meaning["parts"]), meaning["target"]
        with seeded_globals(0, uses_torch=True):
            autoencoder, mixture = self._build(parts, target)
        weights = load_file(folder / _WEIGHTS)
        last = {k.removeprefix(_LAST): weights.pop(k) for k in list(weights) if k.startswith(_LAST)}
        autoencoder.load_state_dict(weights)
        if mixture is not None:
            mixture.load_state_dict(last)
            mixture.eval()
        encoding = Encoding.from_json(meaning["encoding"])
        return FittedTVAE(autoencoder.eval(), mixture, target, parts, encoding)

    def _training(self, rows: int) -> Training:
        batch = self.batch_size or min(max(rows // 2, 16), 256)
        return Training(
            steps=self.epochs * math.ceil(rows / batch) if self.epochs else self.steps,
            batch_size=batch,
            learning_rate=self.learning_rate,
            weight_decay=self.l2scale,
            patience=_PATIENCE,
            average=_AVERAGE,
        )

    def _build(self, parts: Parts, target: str | None) -> tuple[Any, Any]:
        """The networks with their first weights, which come from torch's global generator."""
        from tabsculpt.generators.training.mixture import Mixture
        from tabsculpt.generators.tvae.networks import Autoencoder

        numbers = len(parts.numbers)
        layers = self.compress_dims, self.decompress_dims
        autoencoder = Autoencoder(
            numbers,
            parts.sizes,
            parts.condition_width,
            self.embedding_dim,
            layers,
            self.frequencies,
        )
        if target is None:
            return autoencoder, None
        row = numbers + sum(parts.sizes)
        return autoencoder, Mixture(row, numbers, self.decompress_dims, self.frequencies)
