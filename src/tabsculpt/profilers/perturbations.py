"""Rows made hard on purpose, in the three ways of the taxonomy of hardness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import UserError
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.table import Table, conform

OUTSIDE = 4.0
"""Standard deviations by which out-of-distribution values lie outside."""
TAIL = 0.02
"""Share of the values, at each end of a column, that counts as its tail."""


class Perturbation(StrEnum):
    """What is done to the chosen rows.

    mislabelled: the target of another row, at least half a standard deviation away, or of another
    class. out_of_distribution: every number is moved 4 standard deviations beyond the end of its
    column's range, up or down at random; the target stays. atypical: half of the numbers, drawn
    for each row, are replaced by values from the outer 2 % of their columns: each occurs, but
    rarely, and not together; the target stays.

    Source of the taxonomy: Seedat, Imrie, van der Schaar, "Dissecting sample hardness", ICLR 2024,
    https://arxiv.org/abs/2403.04551; the sizes of the moves are ours.
    """

    MISLABELLED = "mislabelled"
    OUT_OF_DISTRIBUTION = "out_of_distribution"
    ATYPICAL = "atypical"


@dataclass(frozen=True, eq=False)
class Perturbed:
    """Rows, and a mask of shape (n,) of those that were made hard."""

    table: Table
    perturbed: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PerturbRows(Step[Perturbed]):
    """A share of some rows, drawn at random, made hard."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    perturbation: str
    proportion: float
    seed: int

    def compute(self, fetch: Fetch) -> Perturbed:
        kind = Perturbation(self.perturbation)
        return perturb(fetch(self.rows), kind, self.proportion, self.random_seed)


@dataclass(frozen=True)
class PerturbedRows(Step[Table]):
    """The rows alone, for a profiler that must not know which are perturbed."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    source: Step[Perturbed]

    def compute(self, fetch: Fetch) -> Table:
        return fetch(self.source).table


def perturb(table: Table, kind: Perturbation, proportion: float, seed: int) -> Perturbed:
    """Make a share of the rows hard.

    Args:
        table: n rows.
        kind: how.
        proportion: share of the rows, in (0, 1).
        seed: which rows, and what becomes of them.

    Raises:
        UserError: the perturbation needs numeric features and there are none.
    """
    if kind is Perturbation.MISLABELLED:
        return Perturbed(*flip_labels(table, proportion, Flip.PERMUTE, 0.5, seed))
    numeric = [column.name for column in table.schema.features if column.is_numeric]
    if not numeric:
        raise UserError(f"perturbation={kind.value} needs a numeric feature, and there is none")
    rng = np.random.default_rng(seed)
    n = len(table)
    chosen = np.zeros(n, dtype=bool)
    chosen[rng.choice(n, max(1, round(proportion * n)), replace=False)] = True
    moved = rng.random((n, len(numeric))) < 0.5 if kind is Perturbation.ATYPICAL else None
    frame = table.frame.copy()
    for place, name in enumerate(numeric):
        rows = chosen if moved is None else chosen & moved[:, place]
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        low, high = np.nanquantile(values, [TAIL, 1 - TAIL])
        if moved is None:
            reach = OUTSIDE * np.nanstd(values)
            ends = np.array([np.nanmin(values) - reach, np.nanmax(values) + reach])
        else:
            ends = values[(values <= low) | (values >= high)]
        values[rows] = rng.choice(ends, rows.sum())
        frame[name] = values
    return Perturbed(replace(conform(frame, table.schema), groups=table.groups), chosen)
