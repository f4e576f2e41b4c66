"""TabularARGN: an autoregressive network over codes of columns, by the package mostlyai-engine."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError, unknown
from tabsculpt.extras import require
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.generators.settings import check_counts
from tabsculpt.generators.tabularargn.engine import Trained, TrainingSettings, generate, train
from tabsculpt.table import Kind, Table, Task

_HELD = 0.2
"""The share of the rows that tells the engine when to stop."""

_PASS = 64
"""The least steps between two looks at them; the engine gives up after five without a gain."""

_ENGINE = "engine.json"
_ENCODING = "encoding.json"
_WEIGHTS = "network.safetensors"


@dataclass(frozen=True, eq=False)
class FittedARGN:
    """A trained network, and what its codes mean."""

    trained: Trained
    encoding: Encoding

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows, each with the given values, from the distribution of the rest.

        Raises:
            UserError: values that no row can have, or that no training row had.
        """
        given = given or {}
        fixed = {
            _column(name): int(code) for name, code in self.encoding.encode_given(given).items()
        }
        names = self.encoding.names
        codes = pd.DataFrame(columns=names, dtype=np.int64)
        if n:
            drawn = generate(self.trained, n, fixed, derive_seed("codes", seed))
            codes = drawn.set_axis([name.removeprefix("c") for name in drawn], axis=1)
        table = self.encoding.decode(codes[names], derive_seed("numbers", seed))
        return with_given(table, given) if given else table

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.trained.weights, folder / _WEIGHTS)
        write_json({"stats": self.trained.stats, "config": self.trained.config}, folder / _ENGINE)
        write_json(self.encoding.to_json(), folder / _ENCODING)


@dataclass(frozen=True)
class TabularARGN:
    """Draws a row column by column, each from a small network over the columns drawn before it.

    The order of the columns changes from batch to batch, so that any of them can be given. Training
    stops when the likelihood of a fifth of the rows has not risen for five passes; the best network
    is kept.

    Deviations from the package: numbers are cut into ``bins`` of like shares and drawn anywhere
    inside them, where the package codes single digits or a hundred bins, for which tables of
    hundreds of rows are too small; rare values are kept unless asked otherwise; the size of a
    batch grows with the rows, so that the cost does not; and its global random state, worker
    processes, warnings, files and its count of uses over the network are fenced off.

    Source: P. Tiwald, I. Krchova, A. Sidorenko, M. Vargas Vieyra, M. Scriminaci, M. Platzer,
    "TabularARGN: a flexible and efficient auto-regressive framework for generating high-fidelity
    synthetic data", 2025, https://arxiv.org/abs/2501.12012

    Attributes:
        model: size of the network: small, medium or large.
        bins: the most bins of a column of numbers; None for 0.6 times the root of the number of
            rows, 4 to 30.
        batch_size: rows in a step; None for about a sixteenth of the rows, 8 to 256.
        steps: the most optimiser steps.
        value_protection: whether categories and bins of fewer than about eight rows are never
            drawn; the ends of a number's range are not protected by it.
    """

    libraries: ClassVar[tuple[str, ...]] = ("mostlyai-engine", "torch")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = "argn"

    model: str = "large"
    bins: int | None = None
    batch_size: int | None = None
    steps: int = 1500
    value_protection: bool = False

    def __post_init__(self) -> None:
        if self.model not in ("small", "medium", "large"):
            raise unknown("size of tabularargn", self.model, ("small", "medium", "large"))
        check_counts("tabularargn", bins=self.bins, batch_size=self.batch_size, steps=self.steps)

    def fit(self, table: Table, seed: int, device: str) -> FittedARGN | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed, or in another version; the device is "cuda" where
                there is none; or every value of a column is too rare for ``value_protection``.
        """
        check_table("tabularargn", self, table, device)
        require("argn", "mostlyai", "tabularargn")
        bins = self.bins or min(max(round(0.6 * len(table) ** 0.5), 4), 30)
        encoding = Encoding.learn(table, Numbers.BINS, bins=bins)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        codes = encoding.encode(table, derive_seed("encode", seed))
        trained = train(codes.rename(columns=_column), self._plan(len(table), device), seed)
        if self.value_protection:
            _check_protected(trained, encoding)
        return FittedARGN(trained, encoding)

    def load(self, folder: Path) -> FittedARGN | FittedBootstrap:
        """Read what `FittedARGN.save` wrote."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_file

        engine = read_json(folder / _ENGINE)
        trained = Trained(engine["stats"], engine["config"], load_file(folder / _WEIGHTS))
        return FittedARGN(trained, Encoding.from_json(read_json(folder / _ENCODING)))

    def _plan(self, rows: int, device: str) -> TrainingSettings:
        held = max(1, round(_HELD * rows))
        batch = min(self.batch_size or min(max(rows // 16, 8), 256), rows - held)
        repeats = math.ceil(_PASS * batch / (rows - held))
        epochs = self.steps / ((rows - held) * repeats // batch)
        return TrainingSettings(
            self.model, batch, epochs, held, repeats, self.value_protection, device
        )


def _column(name: str) -> str:
    """An encoded column's name for the engine, to which "::" and "__key" would mean something."""
    return f"c{name}"


def _check_protected(trained: Trained, encoding: Encoding) -> None:
    """Raise a `UserError` if a column has no value left that may be drawn."""
    for name, column in json.loads(trained.stats)["columns"].items():
        if len(column["codes"]) < 2:
            place = int(name.removeprefix("c").removesuffix("_missing"))
            raise UserError(
                f"tabularargn: value_protection leaves no value of column "
                f"{encoding.schema.names[place]!r}, each is in too few rows; use fewer bins or "
                "generator.value_protection=false"
            )
