"""CDTD: rows made of noise, by a flow in which codes are points among the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
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
from tabsculpt.table import Kind, Table, Task


@dataclass(frozen=True, eq=False)
class FittedCDTD:
    """A trained denoiser on the CPU, and what its inputs and outputs mean.

    Attributes:
        network: a `RowDenoiser`.
        sampling_steps: steps from noise to a row.
        eta: how much noise is drawn anew in each.
        parts: which columns it makes, and which are its condition.
        encoding: between tables and encoded rows.
    """

    network: Any
    sampling_steps: int
    eta: float
    parts: Parts
    encoding: Encoding

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Any column can be given.

        A class is a condition of the network. Other categories and integers of few values are
        waited for: rows are drawn until enough have them. Other numbers are put into the rows
        while they are made, and the rest goes with them approximately.

        Raises:
            UserError: an unknown column or value, or values that it next to never gives.
        """
        from tabsculpt.generators.cdtd.solver import solve

        def draw(condition: Any, numbers: Mapping[int, float], noise: Any) -> tuple[Any, Any]:
            return solve(self.network, condition, self.sampling_steps, self.eta, numbers, noise)

        return sample_rows(self.encoding, self.parts, draw, n, seed, given or {})

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        save_denoiser(self.network, self.parts, self.encoding, folder)


@dataclass(frozen=True)
class CDTD:
    """Numbers, and codes as points of a sphere, take the same noise and are freed of it together.

    Numbers become normal scores. A network is told a noisy row, the time and the class, and gives
    the numbers and the chances of the codes without noise; where a point moves is told by the mean
    of its codes' points (score interpolation). Losses are divided by what they are for a network
    that knows nothing, so that numbers and codes count alike. How much noise there is at a time is
    learnt for numbers and for codes, so that most times are spent where columns become known.
    Classes are the condition of the rest of the row, and are drawn at their shares; the target of a
    regression is a column like any other.

    Deviations from the source: numbers enter the network as sines and cosines too, without which
    it follows no curve that turns twice within a short training (`Periodic`); the logarithm of
    the noise is logistic, and the noise of numbers is learnt from their absolute errors: from
    squared ones, as in the source, it is rarely small, and rows lie further from a thin curve;
    losses are not divided by what they are expected to be at their time. Rows are made in fewer
    steps, of the second order, and some noise is drawn anew (``eta``), which was chosen on four
    small tables: rows taught more and were less often nearest to a row trained on. The time and
    the condition are inputs of the first layer; the rate falls along a cosine, gradients are
    clipped, and the defaults are set for tables of tens to thousands of rows.

    Cost: 5 to 10 s of CPU for hundreds of rows; it grows with the columns and hardly with the rows:
    100,000 of 20 columns took 17 s, and 20,000 rows made 6 s.

    Source: M. Mueller, K. Gruber, D. Fok, "Continuous diffusion for mixed-type tabular data", ICLR
    2025, section 3, https://arxiv.org/abs/2312.10431

    Attributes:
        embedding_dim: coordinates of the point of a code.
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
        sampling_steps: in which a row is made of noise.
        eta: how much noise is drawn anew in each, from 0, none, to 1.
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

    embedding_dim: int = 8
    widths: list[int] = field(default_factory=lambda: [256, 256])
    frequencies: int = 6
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    batch_size: int = 256
    steps: int = 2000
    average: float = 0.99
    sampling_steps: int = 50
    eta: float = 0.5
    extrapolate: bool = False

    def __post_init__(self) -> None:
        counts = ("embedding_dim", "batch_size", "steps", "sampling_steps")
        check_counts("cdtd", **{name: getattr(self, name) for name in counts})
        check_counts("cdtd", widths=min(self.widths, default=0))
        check_shares("cdtd", average=self.average)
        if not 0 <= self.eta <= 1:
            raise UserError(f"cdtd: eta is {self.eta}, expected 0 to 1")
        if self.frequencies < 0:
            raise UserError(f"cdtd: frequencies is {self.frequencies}, expected 0 or more")
        if self.weight_decay < 0:
            raise UserError(f"cdtd: weight_decay is {self.weight_decay}, expected 0 or more")
        check_positive("cdtd", learning_rate=self.learning_rate)

    def fit(self, table: Table, seed: int, device: str) -> FittedCDTD | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
            ValueError: the training diverged.
        """
        check_table("cdtd", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        schema = table.schema
        frame = encoding.encode(table, derive_seed("encode", seed))
        classes = None if schema.task is Task.REGRESSION else schema.target
        parts = Parts.of(encoding, frame, classes)
        rows = rows_to_noise(parts, frame)
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            network = self._build(parts)
        network.calibrate(rows[1])
        training = Training(
            steps=self.steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            average=self.average,
        )
        network = train_module(network, type(network).loss, rows, training, seed, device)
        return FittedCDTD(network, self.sampling_steps, self.eta, parts, encoding)

    def load(self, folder: Path) -> FittedCDTD | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        network, parts, encoding = load_denoiser(folder, self._build)
        return FittedCDTD(network, self.sampling_steps, self.eta, parts, encoding)

    def _build(self, parts: Parts) -> Any:
        """The network with its first weights, which come from torch's global generator."""
        from tabsculpt.generators.cdtd.network import RowDenoiser

        return RowDenoiser(
            len(parts.numbers),
            parts.sizes,
            parts.condition_width,
            self.widths,
            self.frequencies,
            self.embedding_dim,
        )
