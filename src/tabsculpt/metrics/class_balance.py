"""The parts that a target falls into, and real rows in the mix of a synthetic table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.table import IntArray, Table, Task

BINS = 5


@dataclass(frozen=True)
class TargetParts:
    """The classes of a target, or ranges of a number between its quantiles.

    Attributes:
        names: of the parts, in the order of their codes.
        edges: between the ranges, ascending; the upper end belongs to a range. Empty for classes.
    """

    names: tuple[str, ...]
    edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, table: Table, bins: int = BINS) -> TargetParts:
        """The parts of a table's target.

        Args:
            table: whose quantiles are the edges; those that coincide are one.
            bins: how many ranges of a number; not used for classes.
        """
        if table.schema.task is not Task.REGRESSION:
            return cls(table.schema.classes)
        inner = np.quantile(table.target, np.arange(1, bins) / bins)
        edges = np.unique(inner[inner < table.target.max()]).tolist()
        names = [f"up to {edge:.6g}" for edge in edges]
        return cls((*names, f"over {edges[-1]:.6g}" if edges else "all"), tuple(edges))

    def codes(self, table: Table) -> IntArray:
        """The part of each row, shape (n,)."""
        if table.schema.task is not Task.REGRESSION:
            return table.target
        return np.searchsorted(self.edges, table.target).astype(np.int64)

    def sizes(self, table: Table) -> IntArray:
        """Rows of each part, shape (parts,)."""
        return np.bincount(self.codes(table), minlength=len(self.names))


@dataclass(frozen=True)
class MatchedClassBalance(Step[Table]):
    """As many real rows as there are in the mix of the target that a synthetic table has.

    A table of one class is to be compared with real rows of that class, not with all. All rows
    stay where the synthetic table has none.

    Attributes:
        rows: the real rows, drawn from without replacement.
        synthetic: has the mix; parts without a real row are left out of it.
        parts_of: the rows whose target gives the parts.
    """

    phase: ClassVar[str] = "score"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    synthetic: Step[Table]
    parts_of: Step[Table]

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        parts = TargetParts.of(fetch(self.parts_of))
        there, target_sizes = parts.sizes(table), parts.sizes(fetch(self.synthetic))
        shared = (there > 0) & (target_sizes > 0)
        if not shared.any():
            return table
        most = (there[shared] / target_sizes[shared]).min()
        counts = np.where(shared, np.maximum(1, np.floor(most * target_sizes + 1e-9)), 0).astype(
            int
        )
        rng, codes = np.random.default_rng(self.random_seed), parts.codes(table)
        drawn = [
            rng.permutation(np.flatnonzero(codes == code))[:count]
            for code, count in enumerate(counts)
        ]
        return table.take(np.sort(np.concatenate(drawn)))
