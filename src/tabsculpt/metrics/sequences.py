"""Scores of sequences: whether a recurrent net tells them from real ones, and learns from them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.table import FloatArray, IntArray, Kind, Table
from tabsculpt.table.windows import Windows, chains

BoolArray = npt.NDArray[np.bool_]

FOLDS = 3
LEAST_ROWS = 20
MOST_ROWS = 1000
_HIDDEN = 24
_TRAINING = Training(steps=200, batch_size=128, learning_rate=1e-2)


@dataclass(frozen=True)
class StepReader:
    """Reads windows as steps of numbers for a recurrent net, on the scale of the train part.

    A step has each numeric variable in standard deviations, and whether it is missing; zeros and a
    one for each categorical variable; and the static columns likewise. Where a next value is
    predicted, it is a last step, in which the other variables are missing. Summaries are left
    out: they are functions of the steps.

    Attributes:
        windows: how the columns hold steps.
        centres, scales: of each numeric variable or static column, by name.
        levels: of each other one, by name.
    """

    windows: Windows
    centres: dict[str, float]
    scales: dict[str, float]
    levels: dict[str, tuple[str, ...]]

    @classmethod
    def fit(cls, train: Table) -> StepReader:
        """Learn scales and levels from a table of windows."""
        windows = train.schema.windows
        assert windows is not None  # measure asks for tables with sequences alone
        of = {column.name: column for column in train.schema.columns}
        centres, scales, levels = {}, {}, {}
        for name, columns in _parts(windows, train.schema.names).items():
            kind = of[columns[0]].kind
            values = train.frame[columns]
            if kind in (Kind.CATEGORICAL, Kind.BOOLEAN):
                levels[name] = tuple(sorted(set(values.astype(str).to_numpy().ravel())))
                continue
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            known = numbers[np.isfinite(numbers)]
            centres[name] = float(known.mean()) if len(known) else 0.0
            scales[name] = (float(known.std()) if len(known) else 0.0) or 1.0
        return cls(windows, centres, scales, levels)

    @property
    def numeric(self) -> list[str]:
        """The variables that are numbers, which come first in a step."""
        return [name for name in self.windows.variables if name in self.centres]

    def numbers(self, table: Table) -> FloatArray:
        """The numeric variables at each step, shape (n, span, variables), NaN where not known."""
        found = np.full((len(table), self.windows.span, len(self.numeric)), np.nan)
        for place, name in enumerate(self.numeric):
            columns = self.windows.steps(name)
            columns = [*columns, self.windows.target] if name == self.windows.following else columns
            values = table.frame[columns].to_numpy(dtype=np.float64, na_value=np.nan)
            found[:, : len(columns), place] = (values - self.centres[name]) / self.scales[name]
        return found

    def steps(self, table: Table) -> FloatArray:
        """All that is seen at each step, shape (n, span, channels)."""
        numbers = self.numbers(table)
        blocks = [np.nan_to_num(numbers), np.isnan(numbers).astype(np.float64)]
        for name, columns in _parts(self.windows, table.schema.names).items():
            moving = name in self.windows.variables
            if moving and name in self.centres:
                continue
            values = table.frame[columns]
            if name in self.centres:
                raw = values.to_numpy(dtype=np.float64, na_value=np.nan)
                scaled = (raw - self.centres[name]) / self.scales[name]
                block = np.stack([np.nan_to_num(scaled), np.isnan(scaled)], axis=2)
            else:
                texts = values.astype(str).to_numpy()
                block = np.stack([texts == level for level in self.levels[name]], axis=2)
            full = np.zeros((len(table), self.windows.span, block.shape[2]))
            full[:, : block.shape[1] if moving else None] = block
            blocks.append(full)
        return np.concatenate(blocks, axis=2)


def discriminative_score(reader: StepReader, real: Table, other: Table, seed: int) -> float:
    """How far a recurrent classifier of real against other windows is from a guess; in [0, 0.5].

    Low is good: |accuracy - 0.5| on rows that it was not trained on, 0 where they cannot be told
    apart. Rows are held out a third at a time, and a whole sequence where there are several, as
    windows of one sequence share steps; of a sequence that is cut, the windows over the cut are
    left out. A copy is held out with the window that it equals: learnt as other, it would have
    that one called other, and a table of copies be told apart by errors.

    Source: J. Yoon, D. Jarrett, M. van der Schaar, "Time-series generative adversarial networks",
    NeurIPS 2019, section 5, https://papers.nips.cc/paper/8789; a GRU of one layer for the LSTM of
    two, and three held-out thirds for one held-out part, which is noisy in tables of few rows.

    Args:
        reader: fitted on the train part.
        real: at least 20 windows, in the order of their sequences.
        other: the same of other rows.
        seed: of the folds, the weights and the batches.
    """
    parts = [_held(reader, table, derive_seed(seed, k)) for k, table in enumerate((real, other))]
    size = min(MOST_ROWS, *(len(fold) for _, fold in parts))
    rng = np.random.default_rng(derive_seed(seed, "rows"))
    rows = [np.sort(rng.permutation(len(fold))[:size]) for _, fold in parts]
    steps = np.concatenate([part[0][some] for part, some in zip(parts, rows, strict=True)])
    folds = np.concatenate([part[1][some] for part, some in zip(parts, rows, strict=True)])
    is_other = np.repeat([False, True], size)
    folds = _copies_together(steps, folds, is_other)
    right = np.full(len(folds), np.nan)
    for held in range(FOLDS):
        ask, learn = folds == held, (folds >= 0) & (folds != held)
        if ask.any() and learn[is_other].any() and learn[~is_other].any():
            verdict = _classified(steps, is_other, learn, ask, derive_seed(seed, "fold", held))
            right[ask] = verdict == is_other[ask]
    known = np.isfinite(right)
    if not (known[is_other].any() and known[~is_other].any()):
        return math.nan
    accuracy = np.mean([right[known & (is_other == kind)].mean() for kind in (False, True)])
    return float(abs(accuracy - 0.5))


def predictive_score(reader: StepReader, learn: Table, test: Table, seed: int) -> float:
    """Mean absolute error of the next step of real windows, by a net that learnt other windows.

    Low is good. The error of each numeric variable is in its standard deviations in the train
    part, and is of every step but the first of a window. NaN where no variable is a number.

    Source: as of `discriminative_score`; all numeric variables are predicted, where the source has
    the last one alone.

    Args:
        reader: fitted on the train part.
        learn: the windows that are learnt from.
        test: real windows that are predicted.
        seed: of the weights, the batches and the rows, of at most 1,000.
    """
    if not reader.numeric:
        return math.nan
    import torch

    rng = np.random.default_rng(derive_seed(seed, "rows"))
    some = [table.take(np.sort(rng.permutation(len(table))[:MOST_ROWS])) for table in (test, learn)]
    (asked, truth), (seen, wanted) = (
        (torch.from_numpy(reader.steps(t)[:, :-1]).float(), reader.numbers(t)[:, 1:]) for t in some
    )

    def loss(network: Any, batch: tuple[Any, ...], _: Any) -> Any:
        steps, following = batch
        known = torch.isfinite(following)
        apart = (_outputs(network, steps) - following.nan_to_num()).abs()
        return (apart * known).sum() / known.sum().clamp(min=1)

    network = _network(seen.shape[2], len(reader.numeric), seed)
    rows = (seen, torch.from_numpy(wanted).float())
    trained = train_module(network, loss, rows, _TRAINING, derive_seed(seed, "batches"), "cpu")
    with torch.no_grad():
        found = _outputs(trained, asked).numpy()
    errors = np.abs(found - truth)
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else math.nan


def _parts(windows: Windows, names: Iterable[str]) -> dict[str, list[str]]:
    """The columns of each variable, and each static column by itself; no summaries."""
    moving = {v: windows.steps(v) for v in windows.variables}
    dynamic = {*windows.origins(), *windows.summaries()}
    return moving | {name: [name] for name in names if name not in dynamic}


def _held(reader: StepReader, table: Table, seed: int) -> tuple[FloatArray, IntArray]:
    """The steps of each window, and the fold in which it is held out; -1: none.

    Sequences are laid end to end in random order and cut into thirds.
    """
    found = chains(table.frame, reader.windows)
    rng = np.random.default_rng(seed)
    order = [found[k] for k in rng.permutation(len(found))]
    sequence = np.repeat(np.arange(len(order)), [len(chain) for chain in order])
    fold = np.arange(len(table)) * FOLDS // len(table)
    reach = reader.windows.span - 1
    for cut in map(int, np.flatnonzero(np.diff(fold)) + 1):
        near = np.arange(max(0, cut - reach), cut)
        fold[near[sequence[near] == sequence[cut]]] = -1
    placed = np.empty(len(table), dtype=np.int64)
    placed[np.concatenate(order)] = fold
    return reader.steps(table), placed


def _copies_together(steps: FloatArray, folds: IntArray, is_other: BoolArray) -> IntArray:
    """The folds, with each other window in that of the real window that it equals."""
    keys = [window.tobytes() for window in steps]
    real = {key: fold for key, fold, other in zip(keys, folds, is_other, strict=True) if not other}
    return np.array([real.get(key, fold) for key, fold in zip(keys, folds, strict=True)])


def _classified(
    steps: FloatArray, is_other: BoolArray, learn: BoolArray, ask: BoolArray, seed: int
) -> BoolArray:
    """Which of the windows asked for are called other, by a net that learnt those to learn."""
    import torch
    from torch.nn import functional

    def loss(network: Any, batch: tuple[Any, ...], _: Any) -> Any:
        seen, truth = batch
        verdict = _outputs(network, seen)[:, -1, 0]
        return functional.binary_cross_entropy_with_logits(verdict, truth)

    values = torch.from_numpy(steps).float()
    network = _network(steps.shape[2], 1, seed)
    rows = (values[learn], torch.from_numpy(is_other[learn]).float())
    trained = train_module(network, loss, rows, _TRAINING, derive_seed(seed, "batches"), "cpu")
    with torch.no_grad():
        verdict = _outputs(trained, values[ask])[:, -1, 0]
    return np.asarray(verdict.numpy() > 0, dtype=np.bool_)


def _network(inputs: int, outputs: int, seed: int) -> Any:
    """An untrained GRU and a linear layer of its states."""
    from torch import nn

    with seeded_globals(derive_seed(seed, "weights"), uses_torch=True):
        recurrent = nn.GRU(inputs, _HIDDEN, batch_first=True)
        return nn.ModuleDict({"recurrent": recurrent, "up": nn.Linear(_HIDDEN, outputs)})


def _outputs(network: Any, steps: Any) -> Any:
    """What the net says after each step, shape (n, steps, outputs)."""
    return network["up"](network["recurrent"](steps)[0])
