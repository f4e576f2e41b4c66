"""Planted label errors: rows whose target is made wrong on purpose."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from tabsculpt.errors import UserError
from tabsculpt.table import FloatArray, IntArray, Table, Task, conform


class Flip(StrEnum):
    """How a target is made wrong.

    permute: a flipped row draws the target of another row, at least ``distance`` standard
    deviations away, or of another class. shift: a number moves by ``distance`` standard
    deviations, up or down. classes: another class, each as likely. published: 1 - y whatever the
    unit, as in the code of Profile2Gen; detection is then trivial for targets far from 0.5.
    """

    PERMUTE = "permute"
    SHIFT = "shift"
    CLASSES = "classes"
    PUBLISHED = "published"


def flip_labels(
    table: Table, rate: float, kind: Flip, distance: float, seed: int
) -> tuple[Table, npt.NDArray[np.bool_]]:
    """Make the target of a share of the rows wrong.

    Args:
        table: n rows.
        rate: share of rows, in [0, 1); at least one row where it is not 0.
        kind: how.
        distance: in standard deviations of the target, for permute and shift in a regression.
        seed: which rows, and what they get.

    Returns:
        The table, and a mask of shape (n,) of the rows whose target is now wrong.

    Raises:
        UserError: the kind does not go with the task.
    """
    rng = np.random.default_rng(seed)
    n = len(table)
    wrong = np.zeros(n, dtype=bool)
    if rate > 0:
        wrong[rng.choice(n, max(1, round(rate * n)), replace=False)] = True
    if not wrong.any():
        return table, wrong
    frame = table.frame.copy()
    if table.schema.task is Task.REGRESSION:
        target = table.target.copy()
        target[wrong] = _numbers(target, wrong, kind, distance, rng)
        frame[table.schema.target] = target
    else:
        classes = np.array(table.schema.classes, dtype=object)
        codes = table.target.copy()
        codes[wrong] = _codes(codes, wrong, kind, rng)
        frame[table.schema.target] = classes[codes]
    return replace(conform(frame, table.schema), groups=table.groups), wrong


def _numbers(
    target: FloatArray,
    wrong: npt.NDArray[np.bool_],
    kind: Flip,
    distance: float,
    rng: np.random.Generator,
) -> FloatArray:
    given, spread = target[wrong], float(target.std())
    match kind:
        case Flip.PERMUTE:
            return _far_targets(target, given, distance * spread, rng)
        case Flip.SHIFT:
            return given + distance * spread * rng.choice([-1.0, 1.0], len(given))
        case Flip.PUBLISHED:
            return 1 - given
    raise UserError(f"flip={kind.value} needs classes; for a regression use permute or shift")


def _far_targets(
    target: FloatArray, given: FloatArray, gap: float, rng: np.random.Generator
) -> FloatArray:
    """For each given value, a target drawn from those at least ``gap`` away, or the farthest."""
    ordered = np.sort(target)
    below = np.searchsorted(ordered, given - gap, side="right")
    above = len(ordered) - np.searchsorted(ordered, given + gap, side="left")
    count = below + above
    drawn = np.floor(rng.random(len(given)) * np.maximum(count, 1)).astype(int)
    place = np.where(drawn < below, drawn, len(ordered) - 1 - (drawn - below))
    middle = (ordered[0] + ordered[-1]) / 2
    farthest = np.where(given > middle, ordered[0], ordered[-1])
    found: FloatArray = np.where(count > 0, ordered[place], farthest)
    return found


def _codes(
    codes: IntArray, wrong: npt.NDArray[np.bool_], kind: Flip, rng: np.random.Generator
) -> IntArray:
    if kind is Flip.SHIFT:
        raise UserError("flip=shift needs a numeric target; for classes use permute or classes")
    counts = np.bincount(codes).astype(np.float64)
    weights = counts if kind is Flip.PERMUTE else (counts > 0).astype(np.float64)
    drawn = []
    for code in codes[wrong]:
        chances = weights.copy()
        chances[code] = 0
        drawn.append(rng.choice(len(chances), p=chances / chances.sum()))
    return np.array(drawn, dtype=np.int64)
