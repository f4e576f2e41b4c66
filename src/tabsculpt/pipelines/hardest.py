"""The steps of targeted generation: take rows, generate from them, choose how many to take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines.synthetic_steps import Synthetic, Whole
from tabsculpt.pipelines.validation_scores import Gains, objective
from tabsculpt.profilers import Profile
from tabsculpt.table import FloatArray, Table


@dataclass(frozen=True)
class HardestRows(Step[Table]):
    """The share of the rows that is hardest, in the order of the table; ties by position."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    profile: Step[Profile]
    share: float

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        return table.take(hardest(fetch(self.profile).hardness, self.share))


@dataclass(frozen=True)
class RandomRows(Step[Table]):
    """As many rows as `HardestRows` has, drawn at random."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    share: float
    seed: int

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        hardness = np.random.default_rng(self.random_seed).random(len(table))
        return table.take(hardest(hardness, self.share))


@dataclass(frozen=True)
class FromRows(Whole):
    """The sample of a generator that was fitted on some of the rows, which have a name."""

    name: str

    def compute(self, fetch: Fetch) -> Synthetic:
        whole = super().compute(fetch)
        origin = np.full(len(whole.table), self.name)
        return replace(whole, origin=origin, trained_on={self.name: whole.trained_on["all"]})


@dataclass(frozen=True)
class BestShare(Step[Synthetic]):
    """The synthetic table of the share whose rows were worth most to the predictors.

    Attributes:
        shares: of the rows, a table each.
        tables: what was generated from each.
        gains: what rows from each were worth, on rows that are set aside.
    """

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    shares: tuple[float, ...]
    tables: tuple[Step[Synthetic], ...]
    gains: tuple[Gains, ...]

    def compute(self, fetch: Fetch) -> Synthetic:
        means = [float(fetch(gain).mean()) for gain in self.gains]
        best = int(np.argmax(means))
        table = fetch(self.tables[best])
        metric = objective(table.table.schema.task).name
        listed = ", ".join(f"{s:g}: {m:+.4f}" for s, m in zip(self.shares, means, strict=True))
        chosen = f"share {self.shares[best]:g} chosen by its gain in {metric} ({listed})"
        return replace(table, notes=(*table.notes, Note(Code.SHARE_CHOSEN, chosen)))


def hardest(hardness: FloatArray, share: float) -> FloatArray:
    """Sorted positions of the hardest share of the rows, at least one; ties by position."""
    count = max(1, round(share * len(hardness)))
    return np.sort(np.argsort(-hardness, kind="stable")[:count])
