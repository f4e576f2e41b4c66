"""The steps of the protocols: draw synthetic rows, add them, drop again, take real rows away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import TooFewRowsError
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines.hardest import hardest
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.profilers import Profile, Segment
from tabsculpt.table import Table, concat


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows drawn from a synthetic table, and what the reader of a result should know of it."""

    table: Table
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Draw(Step[Drawn]):
    """As many synthetic rows as a share of the real ones.

    Attributes:
        synthetic: where they are drawn from, without replacement while there are enough.
        real: the real rows.
        proportion: the share, above 0.
        sample_seed: of the drawing.
        again: whether rows may be drawn twice where there are too few; else that is refused.
    """

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    synthetic: Step[Synthetic]
    real: Step[Table]
    proportion: float
    sample_seed: int
    again: bool

    def compute(self, fetch: Fetch) -> Drawn:
        table = fetch(self.synthetic).table
        count = max(1, round(self.proportion * len(fetch(self.real))))
        short = count > len(table)
        few = (
            f"proportion {self.proportion:g} asks for {count} synthetic rows, {len(table)} are left"
        )
        if not len(table) or (short and not self.again):
            raise TooFewRowsError(few)
        rows = np.random.default_rng(self.random_seed).choice(len(table), count, replace=short)
        text = f"{few}: drawn with replacement"
        notes = (Note(Code.DRAWN_AGAIN, text, count),) if short else ()
        return Drawn(table.take(rows), notes)


@dataclass(frozen=True)
class Augmented(Step[Table]):
    """The real rows, then those drawn."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    real: Step[Table]
    drawn: Step[Drawn]

    def compute(self, fetch: Fetch) -> Table:
        return concat([fetch(self.real), fetch(self.drawn).table])


@dataclass(frozen=True)
class Completed(Step[Table]):
    """The real rows, then all synthetic ones."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    real: Step[Table]
    synthetic: Step[Synthetic]

    def compute(self, fetch: Fetch) -> Table:
        return concat([fetch(self.real), fetch(self.synthetic).table])


@dataclass(frozen=True)
class NextRound(Step[Synthetic]):
    """A synthetic table without the rows that a new profile of it calls hard."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    synthetic: Step[Synthetic]
    profile: Step[Profile]

    def compute(self, fetch: Fetch) -> Synthetic:
        keep = fetch(self.profile).segment != Segment.HARD
        if keep.all():
            raise TooFewRowsError(f"none of the {len(keep)} synthetic rows left is hard")
        if not keep.any():
            raise TooFewRowsError(f"the profiler calls all {len(keep)} synthetic rows hard")
        return fetch(self.synthetic).take(keep)


@dataclass(frozen=True)
class WithoutHardest(Step[Table]):
    """The rows without the share of them that is hardest."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    profile: Step[Profile]
    share: float

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        keep = np.ones(len(table), dtype=bool)
        keep[hardest(fetch(self.profile).hardness, self.share)] = False
        return table.take(keep)
