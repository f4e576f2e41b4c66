"""TabFormer: rows written value by value by a transformer over codes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers, Numeric
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import codes_given, draw_matching, with_given
from tabsculpt.generators.settings import check_counts, check_shares
from tabsculpt.generators.training.loop import Training, share_held, train_module
from tabsculpt.table import FloatArray, Kind, Table, Task

_CHUNK = 4096
_WEIGHTS = "transformer.safetensors"
_MEANING = "encoding.json"

_AVERAGE = 0.98
_PATIENCE = 5


@dataclass(frozen=True, eq=False)
class FittedTabFormer:
    """A trained transformer on the CPU, and what its codes mean.

    Attributes:
        network: a `RowTransformer` over `columns_in_order`.
        encoding: between tables and encoded rows.
    """

    network: Any
    encoding: Encoding

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`.

        Any column can be given, a number as well: it stands for its bin. Columns that come first
        are set and the others follow from them; later ones are drawn until they are as given.

        Raises:
            UserError: an unknown column or value, or values that it next to never gives.
        """
        import torch

        fixed = codes_given("tabformer", self.encoding, given or {})
        generator = torch.Generator().manual_seed(seed)
        frame = draw_matching(lambda rows: self._draw(rows, fixed, generator), fixed, n)
        table = self.encoding.decode(frame, derive_seed("within bins", seed))
        return with_given(table, given) if given else table

    def _draw(self, n: int, fixed: dict[str, int], generator: Any) -> pd.DataFrame:
        """``n`` encoded rows, a chunk at a time to bound the memory."""
        import torch

        order = columns_in_order(self.encoding)
        first = next((k for k, name in enumerate(order) if name not in fixed), len(order))
        start = torch.tensor([fixed[name] for name in order[:first]], dtype=torch.int64)
        chunks = []
        with torch.no_grad():
            for rows in torch.split(start.expand(n, first), _CHUNK):
                codes = rows
                for _ in order[first:]:
                    chances = self.network.next_logits(codes).softmax(dim=1)
                    if len(codes):
                        drawn = torch.multinomial(chances, 1, generator=generator)
                    else:
                        drawn = codes.new_empty(0, 1)
                    codes = torch.cat([codes, drawn], dim=1)
                chunks.append(codes)
        frame = pd.DataFrame(torch.cat(chunks).numpy(), columns=list(order))
        return frame[self.encoding.names]

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the encoding as JSON into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / _WEIGHTS)
        write_json(self.encoding.to_json(), folder / _MEANING)


@dataclass(frozen=True)
class TabFormer:
    """An autoregressive transformer over the columns of a row, one code each.

    Numbers become codes of bins of like shares. A token is a learned vector of the value before
    plus a learned vector of the column that is to come; each column has outputs over its own codes;
    training minimises the cross-entropy of all columns, and rows are drawn column by column. The
    class comes first, so that rows of a class can be asked for at no cost; the target of a
    regression comes last, where all features tell of it.

    Deviations from the source, whose generator continues a sequence of rows: a row is a sequence of
    its own, for tables without time; the vectors of bins lie on a curve along the column, from
    which they depart the more, the more rows there are; a part of the rows, at least two or a fifth
    of them, is held out to stop early; and the running average of the weights is kept. A number is
    drawn from the distribution of the training rows within its bin.

    Source: I. Padhi, Y. Schiff, I. Melnyk, M. Rigotti, Y. Mroueh, P. Dognin, J. Ross, R. Nair,
    E. Altman, "Tabular transformers for modeling multivariate time series", 2021,
    https://arxiv.org/abs/2011.01843

    Attributes:
        bins: the most codes of a column of numbers.
        width: of a token, a multiple of ``heads``.
        layers: of attention.
        heads: of each layer.
        dropout: share of what a layer adds that is dropped in training, in [0, 1).
        learning_rate: at the start; it falls to zero along a cosine.
        weight_decay: of AdamW.
        batch_size: rows in a step; None for half of the rows, 16 to 128.
        holdout: share of the rows by whose likelihood training stops, in [0, 1); 0 for none.
        epochs: the most passes over the rows; None for as many as make ``steps``.
        steps: the most optimiser steps, where ``epochs`` is None.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 3
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    bins: int = 20
    width: int = 64
    layers: int = 2
    heads: int = 4
    dropout: float = 0.1
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    batch_size: int | None = None
    holdout: float = 0.1
    epochs: int | None = None
    steps: int = 800

    def __post_init__(self) -> None:
        check_counts(
            "tabformer",
            width=self.width,
            layers=self.layers,
            heads=self.heads,
            batch_size=self.batch_size,
            epochs=self.epochs,
            steps=self.steps,
        )
        check_shares("tabformer", dropout=self.dropout, holdout=self.holdout)
        if self.bins < 2:
            raise UserError(f"tabformer: bins is {self.bins}, expected at least 2")
        if self.width % self.heads:
            raise UserError(
                f"tabformer: width is {self.width}, expected a multiple of heads={self.heads}"
            )

    def fit(self, table: Table, seed: int, device: str) -> FittedTabFormer | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        import torch

        check_table("tabformer", self, table, device)
        encoding = Encoding.learn(table, Numbers.BINS, bins=self.bins)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, seed)[columns_in_order(encoding)]
        rows = (torch.from_numpy(frame.to_numpy(dtype=np.int64)),)
        # Dropout draws from torch's global generator.
        with seeded_globals(derive_seed("transformer", seed), uses_torch=True):
            network = self._build(encoding, len(table))
            network = train_module(network, _loss, rows, self._training(len(table)), seed, device)
        return FittedTabFormer(network, encoding)

    def load(self, folder: Path) -> FittedTabFormer | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_file

        encoding = Encoding.from_json(read_json(folder / _MEANING))
        with seeded_globals(0, uses_torch=True):
            network = self._build(encoding, 0).eval()
        network.load_state_dict(load_file(folder / _WEIGHTS))
        return FittedTabFormer(network, encoding)

    def _training(self, rows: int) -> Training:
        batch = self.batch_size or min(max(rows // 2, 16), 128)
        return Training(
            steps=self.epochs * math.ceil(rows / batch) if self.epochs else self.steps,
            batch_size=batch,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            holdout=share_held(self.holdout, rows),
            patience=_PATIENCE,
            average=_AVERAGE,
        )

    def _build(self, encoding: Encoding, rows: int) -> Any:
        """The transformer with its first weights, from torch's global generator."""
        from tabsculpt.generators.tabformer.transformer import RowTransformer

        order = columns_in_order(encoding)
        return RowTransformer(
            sizes=[encoding.sizes[name] for name in order],
            scores=[_scores(encoding, name) for name in order],
            width=self.width,
            layers=self.layers,
            heads=self.heads,
            dropout=self.dropout,
            rows=rows,
        )


def columns_in_order(encoding: Encoding) -> list[str]:
    """The encoded columns as they are drawn: the class first, the number to predict last."""
    target = encoding.name_of(encoding.schema.target)
    last = encoding.schema.task is Task.REGRESSION
    return sorted(encoding.names, key=lambda name: (name == target) == last)


def _scores(encoding: Encoding, name: str) -> FloatArray | None:
    """The normal scores of the middles of a number's bins; None for codes without an order."""
    from scipy.special import ndtri

    place, _, kind = name.partition("_")
    column = encoding.columns[int(place)]
    if kind or not isinstance(column, Numeric):
        return None
    ends = np.array(column.ends)
    scores: FloatArray = ndtri((ends[:-1] + ends[1:]) / 2)
    return scores


def _loss(network: Any, batch: tuple[Any, ...], generator: Any) -> Any:
    """The cross-entropy per value; nothing is drawn."""
    from torch.nn import functional

    (codes,) = batch
    return functional.cross_entropy(network(codes).flatten(0, 1), codes.flatten())
