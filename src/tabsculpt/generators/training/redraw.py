"""Whether a target that a generator made is drawn again given its row: a test on held-out rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.training.target import TargetNetwork, TargetTraining
from tabsculpt.notes import Code, Note
from tabsculpt.table import FloatArray

_FOLDS = 3
_FEWEST = 30
"""Rows below which too few are held out to tell."""

_MOST = 5000
"""Rows that it is told from; of more, so many are drawn."""

_MADE = 1
"""Made rows for each real one: with more, a network learns better from made rows than from real."""

_SHORTER = 2
"""How many times fewer updates the compared networks have; the last one, which draws, has all."""

_LOWER = 0.1
"""By which share the error must be lower."""

_DEVIATIONS = 2.0
"""By how many standard errors it must be lower."""


@dataclass(frozen=True, eq=False)
class Errors:
    """Of two networks on the same real rows, shape (n,) each.

    Attributes:
        learnt: of one that learnt from real rows, other than these.
        made: of one that learnt from the generator's rows.
    """

    learnt: FloatArray
    made: FloatArray

    @property
    def clear(self) -> bool:
        """Whether the first is better by more than chance and by enough to matter."""
        gain = self.made - self.learnt
        least = max(
            _DEVIATIONS * float(gain.std(ddof=1)) / math.sqrt(len(gain)),
            _LOWER * float(self.made.mean()),
        )
        return bool(gain.mean() > least)


def target_drawn_again(
    generator: str,
    encoding: Encoding,
    widths: Sequence[int],
    real: pd.DataFrame,
    make: Callable[[int], pd.DataFrame],
    how: TargetTraining,
) -> tuple[TargetNetwork | None, tuple[Note, ...]]:
    """The network that draws the target anew; None where it is not clearly better.

    What the generator's rows say of the target given the rest of the row is what a network learns
    from them; it is compared on the real rows with one of the same kind that learnt from other real
    rows (three folds, each of which also tells when to stop). The generator itself has seen all
    rows, so that the comparison favours leaving its target: where a target hardly depends on the
    rest, a network that learns its noise is worse than the generator that does not.

    Args:
        generator: its name, for the note.
        encoding: of the rows; its numbers are normal scores.
        widths: of the network's hidden layers.
        real: encoded training rows, shape (n, d).
        make: gives so many of the generator's encoded rows.
        how: the network is trained.

    Raises:
        ValueError: the training diverged.
    """
    network = TargetNetwork.untrained(encoding, widths, how.seed) if how.steps else None
    if network is None:
        return None, ()
    target = f"{generator}: target {encoding.schema.target!r}"
    if len(real) < _FEWEST:
        text = f"{target} is left as made: {len(real)} rows are too few to learn it from them"
        return None, (Note(Code.TARGET_DRAWN, text, 0),)
    if not _compared(network, real, make, how).clear:
        text = f"{target} is left as made: for held-out rows a network given the row is no better"
        return None, (Note(Code.TARGET_DRAWN, text, 0),)
    text = f"{target} is drawn again by a network given the row, which is better for held-out rows"
    return network.trained(real, how), (Note(Code.TARGET_DRAWN, text, len(real)),)


def _compared(
    network: TargetNetwork,
    real: pd.DataFrame,
    make: Callable[[int], pd.DataFrame],
    how: TargetTraining,
) -> Errors:
    """On all rows, or on the first fold in which the network that learnt from rows is no better."""
    rng = np.random.default_rng(derive_seed("folds", how.seed))
    order = rng.permutation(len(real))[:_MOST]
    seen = real.iloc[order].reset_index(drop=True)
    short = replace(how, steps=math.ceil(how.steps / _SHORTER))
    own = replace(short, seed=derive_seed("made", how.seed))
    made = network.trained(make(_MADE * len(seen)), own).errors(seen)
    learnt = np.full(len(seen), np.nan)
    for fold in range(_FOLDS):
        held = np.arange(fold, len(seen), _FOLDS)
        own = replace(short, seed=derive_seed("fold", how.seed, fold))
        learnt[held] = network.trained(seen, own, held).errors(seen.iloc[held])
        if learnt[held].mean() >= made[held].mean():  # it is then not clearly better in all
            return Errors(learnt[held], made[held])
    return Errors(learnt, made)
