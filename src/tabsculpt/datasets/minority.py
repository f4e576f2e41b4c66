"""The rarest class of a train part cut to a share of the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import UserError
from tabsculpt.table import Schema, Table, Task

_REFERENCE = 0.5
"""The share whose seed orders the rows, so that those of a smaller share are among a larger's."""


def minority_of(table: Table) -> int:
    """The code of the rarest class that has a row; of equally rare ones the last."""
    sizes = np.bincount(table.target, minlength=len(table.schema.classes)).astype(np.float64)
    sizes[sizes == 0] = np.inf
    return int(len(sizes) - 1 - np.argmin(sizes[::-1]))


def check_minority(schema: Schema) -> None:
    """Refuse to cut where there are no classes.

    Raises:
        UserError: the task is a regression.
    """
    if schema.task is Task.REGRESSION:
        raise UserError(
            f"split.minority cuts the rarest class of the train part, and {schema.target!r} is a "
            "number: leave it null, or choose a data set with classes"
        )


@dataclass(frozen=True)
class CutMinority(Step[Table]):
    """The train part with rows of its rarest class left out at random; the others all stay.

    Missing values were filled before the cut, so that the test part is the same for every share.

    Source: Krchova, Platzer, Tiwald, "Improving Predictions on Highly Unbalanced Data Using Open
    Source Synthetic Data Upsampling", 2025, https://arxiv.org/abs/2507.16419

    Attributes:
        rows: the train part.
        share: of the rarest class among the rows that are left, between 0 and 1.
        seed: of the split; the rows kept for a smaller share are among those for a larger one.
    """

    phase: ClassVar[str] = "data"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    share: float
    seed: int

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        check_minority(table.schema)
        label = minority_of(table)
        members = np.flatnonzero(table.target == label)
        others = len(table) - len(members)
        count = round(self.share / (1 - self.share) * others)
        name = table.schema.classes[label]
        if not 1 <= count <= len(members):
            raise UserError(
                f"split.minority={self.share:g} of the train rows would be {count} rows of class "
                f"{name!r}, which has {len(members)} beside {others} others: expected from "
                f"{1 / (1 + others):.2g} to {len(members) / len(table):.2g}"
            )
        order = np.random.default_rng(replace(self, share=_REFERENCE).random_seed)
        left_out = order.permutation(members)[count:]
        return table.take(np.setdiff1d(np.arange(len(table)), left_out))
