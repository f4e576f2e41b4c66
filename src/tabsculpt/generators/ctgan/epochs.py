"""Training by the package ``ctgan``, met after each epoch, and stopped where rows get no closer."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.ctgan.closeness import column_weights, weighted_distance
from tabsculpt.generators.ctgan.network import FittedNetwork
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import Table

OnEpoch = Callable[[Any, int], bool]
"""From the model and the number of epochs that it has seen, to whether training is to go on."""

_REPORTS = 50
"""How often, over the longest training, progress is reported."""

_LOOKS = 40
"""How often, over the longest training, drawn rows are looked at."""

_DRAWN = 1000
"""Rows drawn for a look."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a model of the package is trained on, and how, beyond the package's own settings.

    Attributes:
        table: the training rows.
        encoding: of these.
        frame: the rows encoded, shape (n, d).
        clusters: the most modes of a numeric column, which the package does not let one set.
        patience: looks at drawn rows without a gain before training ends; None never looks.
    """

    table: Table
    encoding: Encoding
    frame: pd.DataFrame
    clusters: int
    patience: int | None


class _Stop(Exception):
    """Leaves the package's loop."""


def train(
    package: type[Any], settings: Mapping[str, Any], plan: Plan, seed: int, on_epoch: OnEpoch
) -> Any:
    """Fit a model of the package ``ctgan``, on one thread and without a word on the screen.

    From 500 rows on, the package hands its columns to worker processes, whose random draws
    nobody seeds: here they stay in this process.

    Args:
        package: ``ctgan.CTGAN`` or ``ctgan.TVAE``.
        settings: what it is made with; ``epochs`` among them.
        plan: what it is trained on.
        seed: of every draw.
        on_epoch: called after each epoch; where it gives False, training ends there. It must
            not draw from global generators.

    Returns:
        The fitted model.
    """
    import joblib

    every = max(1, settings["epochs"] // _REPORTS)

    def after(model: Any, epoch: int, loss: float) -> None:
        if epoch % every == 0 or epoch == settings["epochs"]:
            report_progress(epoch, settings["epochs"], loss)
        if not on_epoch(model, epoch):
            raise _Stop

    model = _watched(package, plan.clusters, after)(**settings)
    with (
        seeded_globals(seed, uses_torch=True),
        joblib.parallel_config(backend="sequential"),
        contextlib.suppress(_Stop),
    ):
        model.fit(plan.frame, plan.encoding.discrete)
    return model


def _watched(
    package: type[Any], clusters: int, after: Callable[[Any, int, float], None]
) -> type[Any]:
    """The package's class, met at the two attributes that its ``fit`` sets on its way.

    Its loop cannot be entered: the optimisers are local to it. But it assigns the transformer
    of the columns before that is fitted, and a table of losses after each epoch. The rows of
    that table are dropped once they are read: appending to it would cost more than an epoch.
    """

    class Watched(package):  # type: ignore[misc]
        def __setattr__(self, name: str, value: Any) -> None:
            if name in ("transformer", "_transformer") and value is not None:
                value._max_clusters = clusters
            if name != "loss_values" or value is None or value.empty:
                super().__setattr__(name, value)
                return
            super().__setattr__(name, value.iloc[:0])
            last = value.iloc[-1]
            loss = last["Loss" if "Loss" in last else "Generator Loss"]
            after(self, int(last["Epoch"]) + 1, float(loss))

    return Watched


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
class Best:
    """Remembers the generator that drew the rows closest to the real ones.

    Source: T. Ferracci, L. T. Goldmann, A. Hinel, F. Sanna Passino, "Targeted synthetic data
    generation for tabular data via hardness characterization", 2024, appendix A.1,
    https://arxiv.org/abs/2410.00759. Deviations: it looks every few epochs, which on tables of
    hundreds of rows are a few steps each; and see `column_weights`.

    Attributes:
        freeze: from the package's model to the generator as it is now.
        distance: of a generator's rows from the real ones.
        every: epochs from one look to the next.
        patience: looks without a gain after which training ends.
    """

    freeze: Callable[[Any], FittedNetwork]
    distance: Callable[[FittedNetwork], float]
    every: int
    patience: int
    least: float = math.inf
    fitted: FittedNetwork | None = None
    since: int = 0

    def look(self, model: Any, epoch: int) -> bool:
        """Whether training is to go on."""
        if epoch % self.every:
            return True
        fitted = self.freeze(model)
        distance = self.distance(fitted)
        if distance < self.least:
            self.least, self.fitted, self.since = distance, fitted, 0
        else:
            self.since += 1
        return self.since < self.patience


def fit_best(
    package: type[Any],
    settings: Mapping[str, Any],
    plan: Plan,
    seed: int,
    freeze: Callable[[Any], FittedNetwork],
    after: Callable[[Any], None] | None = None,
) -> FittedNetwork:
    """Train, and give the generator as it was at its best, or at the end without a patience.

    Args:
        package: ``ctgan.CTGAN`` or ``ctgan.TVAE``.
        settings: what it is made with; ``epochs`` among them.
        plan: what it is trained on and how.
        seed: of every draw.
        freeze: from the package's model to the generator as it is now.
        after: called with the package's model after each epoch, before anything looks at it.
    """
    best = None
    if plan.patience is not None:
        every = max(1, settings["epochs"] // _LOOKS)
        best = Best(freeze, _distance(plan, seed), every, plan.patience)

    def on_epoch(model: Any, epoch: int) -> bool:
        if after is not None:
            after(model)
        return best is None or best.look(model, epoch)

    model = train(package, settings, plan, seed, on_epoch)
    return best.fitted if best and best.fitted else freeze(model)


def _distance(plan: Plan, seed: int) -> Callable[[FittedNetwork], float]:
    """The weighted distance of a generator's rows from the real ones, drawn alike at each look."""
    weights = column_weights(plan.table, plan.encoding, derive_seed("weights", seed))

    def distance(fitted: FittedNetwork) -> float:
        drawn = fitted.draw(_DRAWN, np.random.default_rng(derive_seed("look", seed)))
        return weighted_distance(plan.frame, drawn, plan.encoding.discrete, weights)

    return distance
