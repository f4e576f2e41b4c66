"""What is kept of a training that is met after each epoch: the last, or the closest rows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators.ctgan.closeness import column_weights, weighted_distance
from tabsculpt.generators.ctgan.modes import as_matrix, learn_layout
from tabsculpt.generators.ctgan.network import FittedNetwork, Outputs
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import FloatArray, Table

_REPORTS = 50
"""How often, over the longest training, progress is reported."""

_LOOKS = 40
"""How often, over the longest training, drawn rows are looked at."""

_DRAWN = 1000
"""Rows drawn for a look."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Training rows as the networks read them.

    Attributes:
        table: the training rows.
        encoding: of these.
        frame: the rows encoded, shape (n, d).
        layout: what the columns of the matrix mean.
        matrix: the rows as a network is to give them, shape (n, width).
    """

    table: Table
    encoding: Encoding
    frame: pd.DataFrame
    layout: Outputs
    matrix: FloatArray

    @classmethod
    def of(cls, table: Table, encoding: Encoding, clusters: int, seed: int) -> Encoded:
        """Encode a table.

        Args:
            table: the training rows.
            encoding: of these.
            clusters: the most modes of a number.
            seed: of the modes, and of what is drawn for missing values.
        """
        frame = encoding.encode(table, seed)
        layout = learn_layout(frame, encoding.discrete, clusters, derive_seed("modes", seed))
        rng = np.random.default_rng(derive_seed("mode of a row", seed))
        return cls(table, encoding, frame, layout, as_matrix(frame, layout, rng))


@dataclass
class RunningMean:
    """A network whose weights follow those of another, and keep ``stays`` of themselves each time.

    The first weights count in full only once: early on, the mean follows faster.
    """

    stays: float
    network: Any = None
    times: int = 0

    def follow(self, network: Any) -> None:
        """Move towards a network; buffers, as of the batch normalisation, move likewise."""
        import torch

        if self.network is None:
            self.network = copy.deepcopy(network)
            return
        self.times += 1
        stays = min(self.stays, self.times / (10 + self.times))
        pairs = zip(self.network.state_dict().values(), network.state_dict().values(), strict=True)
        numbers = [(mine, theirs) for mine, theirs in pairs if mine.is_floating_point()]
        mine, theirs = map(list, zip(*numbers, strict=True))
        with torch.no_grad():
            torch._foreach_lerp_(mine, theirs, 1 - stays)


@dataclass
class Kept:
    """Remembers the generator that drew the rows closest to the real ones, if one is looked for.

    Source: T. Ferracci, L. T. Goldmann, A. Hinel, F. Sanna Passino, "Targeted synthetic data
    generation for tabular data via hardness characterization", 2024, appendix A.1,
    https://arxiv.org/abs/2410.00759. Deviations: it looks every few epochs, which on tables of
    hundreds of rows are a few steps each; and see `column_weights`.

    Attributes:
        epochs: the most.
        patience: looks at drawn rows without a gain before training ends; None never looks.
        freeze: from the networks to the generator as it is now.
        distance: of a generator's rows from the real ones.
    """

    epochs: int
    patience: int | None
    freeze: Callable[[Any], FittedNetwork]
    distance: Callable[[FittedNetwork], float]
    least: float = math.inf
    fitted: FittedNetwork | None = None
    since: int = 0

    def after(self, networks: Any, epoch: int, loss: float) -> bool:
        """Say how far the training is; whether it is to go on."""
        if epoch % max(1, self.epochs // _REPORTS) == 0 or epoch == self.epochs:
            report_progress(epoch, self.epochs, loss)
        if self.patience is None or epoch % max(1, self.epochs // _LOOKS):
            return True
        fitted = self.freeze(networks)
        distance = self.distance(fitted)
        if distance < self.least:
            self.least, self.fitted, self.since = distance, fitted, 0
        else:
            self.since += 1
        return self.since < self.patience

    def best(self, networks: Any) -> FittedNetwork:
        """The generator as it was at its best, or as it is at the end."""
        return self.fitted or self.freeze(networks)


def distance_from(rows: Encoded, seed: int) -> Callable[[FittedNetwork], float]:
    """The weighted distance of a generator's rows from the real ones, drawn alike at each look."""
    weights: dict[str, float] = {}

    def distance(fitted: FittedNetwork) -> float:
        if not weights:  # where nobody looks, no trees are fitted
            own = derive_seed("weights", seed)
            weights.update(column_weights(rows.table, rows.encoding, own))
        drawn = fitted.draw(_DRAWN, np.random.default_rng(derive_seed("look", seed)))
        return weighted_distance(rows.frame, drawn, rows.encoding.discrete, weights)

    return distance
