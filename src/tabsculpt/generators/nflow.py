"""A normalising flow of splines: rows made from normal numbers by an invertible network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import codes_given, draw_matching
from tabsculpt.generators.settings import check_counts, check_shares
from tabsculpt.generators.training.loop import Training, share_held, train_module
from tabsculpt.table import FloatArray, IntArray, Kind, Table, Task

_CHUNK = 8192
_WEIGHTS = "flow.safetensors"
_MEANING = "meaning.json"

_TAIL = 1e-6
"""Shares are kept this far from 0 and 1: their normal quantiles lie within the splines' [-5, 5]."""

_START = 0.01
"""By this the last layers' first weights are multiplied: the flow begins close to the identity."""

_AVERAGE = 0.98
_PATIENCE = 5


@dataclass(frozen=True, eq=False)
class FittedFlow:
    """A trained flow on the CPU, in double precision, where the inverse of a spline is never NaN.

    Attributes:
        flow: a ``zuko.lazy.Flow`` over `columns_in_order`.
        encoding: between tables and encoded rows.
        ends: for each discrete column, where the intervals of its codes in [0, 1] begin and end.
    """

    flow: Any
    encoding: Encoding
    ends: dict[str, FloatArray]

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Discrete columns can be given.

        Raises:
            UserError: an unknown column or value, a number, or values that it next to never gives.
        """
        import torch

        fixed = codes_given("nflow", self.encoding, given or {})
        generator = torch.Generator().manual_seed(seed)
        frame = draw_matching(lambda rows: self._draw(rows, generator), fixed, n)
        return self.encoding.decode(frame)

    def _draw(self, n: int, generator: Any) -> pd.DataFrame:
        """``n`` encoded rows, a chunk at a time to bound the memory."""
        import torch
        from scipy.special import ndtr

        order = columns_in_order(self.encoding)
        noise = torch.randn(n, len(order), generator=generator, dtype=torch.float64)
        inverse = self.flow().transform.inv
        with torch.no_grad():
            rows = torch.cat([inverse(chunk) for chunk in torch.split(noise, _CHUNK)]).numpy()
        columns: dict[str, FloatArray | IntArray] = {}
        for name, scores in zip(order, rows.T, strict=True):
            columns[name] = scores
            if name in self.ends:
                columns[name] = np.searchsorted(self.ends[name][1:-1], ndtr(scores), side="right")
        return pd.DataFrame(columns, index=range(n))[self.encoding.names]

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.flow.state_dict(), folder / _WEIGHTS)
        ends = {name: values.tolist() for name, values in self.ends.items()}
        write_json({"encoding": self.encoding.to_json(), "ends": ends}, folder / _MEANING)


@dataclass(frozen=True)
class NFlow:
    """A neural spline flow over normal scores, built of zuko's layers, trained by likelihood.

    Each number becomes the normal quantile of its share of the rows, so that the flow has
    dependence alone to learn. A discrete value becomes the normal quantile of a share drawn within
    the interval of its code, whose length is the code's share of the rows, and drawn anew at each
    step of the training. The features come first and the target last: by default there is a single
    autoregressive layer, so that each column's spline is a function of the columns before it.

    Deviations from the source: those encodings; the first weights are shrunk so that the flow
    begins as the identity, which is to say with independent columns; a part of the rows, at least
    two or a fifth of them, is held out to stop early; the running average of the weights is kept.
    On tables of tens to hundreds of rows a single layer was as close as more of them.

    Source: C. Durkan, A. Bekasov, I. Murray, G. Papamakarios, "Neural spline flows", 2019,
    https://arxiv.org/abs/1906.04032; the uniform numbers for codes: N. Patki, R. Wedge,
    K. Veeramachaneni, "The Synthetic Data Vault", 2016, https://doi.org/10.1109/DSAA.2016.49

    Attributes:
        transforms: how many layers of splines.
        coupling: whether a layer transforms a random half of the columns, given the others; else
            it transforms each column, given those before it, in turns from the first to the last
            and from the last to the first.
        hidden_features: widths of the hidden layers of the network that makes each layer's splines.
        bins: of each spline.
        dropout: share of the hidden units that is dropped in training, in [0, 1).
        learning_rate: at the start; it falls to zero along a cosine.
        weight_decay: of AdamW.
        batch_size: rows in a step; None for half of the rows, 16 to 256.
        holdout: share of the rows by whose likelihood training stops, in [0, 1); 0 for none.
        epochs: the most passes over the rows; None for as many as make ``steps``.
        steps: the most optimiser steps, where ``epochs`` is None.
        extrapolate: whether numbers may leave the range of the training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch", "zuko")
    least_rows: ClassVar[int] = 3
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    transforms: int = 1
    coupling: bool = False
    hidden_features: list[int] = field(default_factory=lambda: [128, 128])
    bins: int = 8
    dropout: float = 0.0
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    batch_size: int | None = None
    holdout: float = 0.1
    epochs: int | None = None
    steps: int = 2000
    extrapolate: bool = False

    def __post_init__(self) -> None:
        check_counts(
            "nflow",
            transforms=self.transforms,
            batch_size=self.batch_size,
            epochs=self.epochs,
            steps=self.steps,
        )
        check_shares("nflow", dropout=self.dropout, holdout=self.holdout)
        if self.bins < 2:
            raise UserError(f"nflow: bins is {self.bins}, expected at least 2")

    def fit(self, table: Table, seed: int, device: str) -> FittedFlow | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        check_table("nflow", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, seed)
        ends = {name: _ends(frame[name], encoding.sizes[name]) for name in encoding.discrete}
        rows = _intervals(frame[list(columns_in_order(encoding))], ends)
        # Dropout draws from torch's global generator.
        with seeded_globals(derive_seed("flow", seed), uses_torch=True):
            flow = self._build(len(encoding.names))
            flow = train_module(flow, _loss, rows, self._training(len(table)), seed, device)
        return FittedFlow(flow.double(), encoding, ends)

    def load(self, folder: Path) -> FittedFlow | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_file

        content = read_json(folder / _MEANING)
        encoding = Encoding.from_json(content["encoding"])
        with seeded_globals(0, uses_torch=True):
            flow = self._build(len(encoding.names)).double().eval()
        flow.load_state_dict(load_file(folder / _WEIGHTS))
        ends = {name: np.array(values) for name, values in content["ends"].items()}
        return FittedFlow(flow, encoding, ends)

    def _training(self, rows: int) -> Training:
        batch = self.batch_size or min(max(rows // 2, 16), 256)
        steps = self.epochs * math.ceil(rows / batch) if self.epochs else self.steps
        return Training(
            steps=steps,
            batch_size=batch,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            holdout=share_held(self.holdout, rows),
            patience=_PATIENCE,
            average=_AVERAGE,
        )

    def _build(self, columns: int) -> Any:
        """The flow with its first weights, which come from torch's global generator."""
        import torch
        from torch import nn
        from zuko.flows import NICE, NSF
        from zuko.transforms import MonotonicRQSTransform

        settings: dict[str, Any] = {
            "transforms": self.transforms,
            "hidden_features": self.hidden_features,
            "activation": lambda: nn.Sequential(nn.ReLU(), nn.Dropout(self.dropout)),
        }
        if self.coupling:
            settings["shapes"] = [(self.bins,), (self.bins,), (self.bins - 1,)]
            flow = NICE(columns, randmask=True, univariate=MonotonicRQSTransform, **settings)
        else:
            flow = NSF(columns, bins=self.bins, **settings)
        with torch.no_grad():
            for layer in flow.transform.transforms:
                for weights in list(layer.parameters())[-2:]:
                    weights.mul_(_START)
        return flow


def columns_in_order(encoding: Encoding) -> tuple[str, ...]:
    """The encoded columns as the flow has them: the target, where it varies, is the last."""
    target = encoding.name_of(encoding.schema.target)
    return tuple(sorted(encoding.names, key=lambda name: name == target))


def _ends(codes: pd.Series, size: int) -> FloatArray:
    """Where the intervals of the codes in [0, 1] begin and end, shape (size + 1,)."""
    return np.cumsum(np.append(0.0, np.bincount(codes, minlength=size) / len(codes)))


def _intervals(frame: pd.DataFrame, ends: dict[str, FloatArray]) -> Sequence[Any]:
    """The shares between which each value lies, two tensors of shape (n, d); alike for numbers."""
    import torch
    from scipy.special import ndtr

    low, high = (np.empty(frame.shape, dtype=np.float32) for _ in range(2))
    for place, name in enumerate(frame):
        values = frame[name].to_numpy()
        if name in ends:
            low[:, place], high[:, place] = ends[name][values], ends[name][values + 1]
        else:
            low[:, place] = high[:, place] = ndtr(values)
    return torch.from_numpy(low), torch.from_numpy(high)


def _loss(flow: Any, batch: tuple[Any, ...], generator: Any) -> Any:
    """The negative log-likelihood per row and column."""
    import torch

    low, high = batch
    within = torch.rand(low.shape, generator=generator, device=low.device)
    shares = (low + (high - low) * within).clamp(_TAIL, 1 - _TAIL)
    return -flow().log_prob(torch.special.ndtri(shares)).mean() / low.shape[1]
