"""The steps of the pipelines: cut into segments, pool, and drop rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import TooFewRowsError
from tabsculpt.generators.fit_steps import Fitted
from tabsculpt.notes import Code, Note
from tabsculpt.profilers import Profile, Segment
from tabsculpt.table import Table, concat


class SmallSegments(StrEnum):
    """What happens to a segment with fewer rows than its generator needs."""

    MERGE = "merge"
    BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, eq=False)
class Synthetic:
    """Synthetic rows and where they come from.

    Attributes:
        table: n rows.
        origin: shape (n,), the segment whose generator made each row, or "all".
        trained_on: real rows behind each origin.
        notes: what the reader of a result should know.
        dropped: the rows that were left out, None where nothing was.
    """

    table: Table
    origin: npt.NDArray[np.str_]
    trained_on: dict[str, int]
    notes: tuple[Note, ...] = ()
    dropped: Table | None = None

    def take(self, keep: npt.NDArray[np.bool_]) -> Synthetic:
        """The rows where the mask holds; the others join those dropped before."""
        left = self.table.take(~keep)
        dropped = left if self.dropped is None else concat([self.dropped, left])
        kept, origin = self.table.take(keep), self.origin[keep]
        return Synthetic(kept, origin, self.trained_on, self.notes, dropped)


@dataclass(frozen=True, eq=False)
class UsableSegments:
    """The segment of each real row, shape (n,), after small segments were seen to."""

    segment: npt.NDArray[np.str_]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class CutSegments(Step[UsableSegments]):
    """Segments as the generator can use them.

    With "merge", a segment of fewer than ``least_rows`` rows joins the segment whose mean
    hardness is nearest, smallest first, until all are large enough or one is left. With
    "bootstrap" they stay, and `generators.steps.Fit` bootstraps them.
    """

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    profile: Step[Profile]
    least_rows: int
    small: str

    def compute(self, fetch: Fetch) -> UsableSegments:
        profile = fetch(self.profile)
        segment = profile.segment.copy()
        notes: list[Note] = []
        if self.small == SmallSegments.MERGE:
            while (pair := self._next_merge(segment, profile)) is not None:
                source, into = pair
                size = int((segment == source).sum())
                notes_of_draws = f"{source} ({size} rows) merged into {into}"
                notes.append(Note(Code.SEGMENT_MERGED, notes_of_draws, size, about=source))
                segment[segment == source] = into
        return UsableSegments(segment, tuple(notes))

    def _next_merge(
        self, segment: npt.NDArray[np.str_], profile: Profile
    ) -> tuple[str, str] | None:
        sizes = {str(name): int((segment == name).sum()) for name in Segment}
        present = {name: size for name, size in sizes.items() if size}
        small = {name: size for name, size in present.items() if size < self.least_rows}
        if not small or len(present) == 1:
            return None
        source = min(small, key=lambda name: small[name])
        mean = {name: float(profile.hardness[segment == name].mean()) for name in present}
        others = [name for name in present if name != source]
        return source, min(others, key=lambda name: abs(mean[name] - mean[source]))


@dataclass(frozen=True)
class SegmentRows(Step[Table]):
    """The rows of one segment; there may be none."""

    phase: ClassVar[str] = "profile"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    cut: Step[UsableSegments]
    segment: str

    def compute(self, fetch: Fetch) -> Table:
        return fetch(self.rows).take(fetch(self.cut).segment == self.segment)


@dataclass(frozen=True)
class Whole(Step[Synthetic]):
    """The sample of one generator that was fitted on all rows."""

    phase: ClassVar[str] = "generate"
    stored: ClassVar[bool] = False

    sample: Step[Table]
    fit: Step[Fitted]
    rows: Step[Table]

    def compute(self, fetch: Fetch) -> Synthetic:
        table = fetch(self.sample)
        origin = np.full(len(table), "all")
        return Synthetic(table, origin, {"all": len(fetch(self.rows))}, fetch(self.fit).notes)


@dataclass(frozen=True)
class Pool(Step[Synthetic]):
    """The samples of the segments, one after the other."""

    phase: ClassVar[str] = "generate"
    stored: ClassVar[bool] = False

    samples: tuple[Step[Table], ...]
    fits: tuple[Step[Fitted], ...]
    rows: tuple[Step[Table], ...]
    names: tuple[str, ...]
    cut: Step[UsableSegments]

    def compute(self, fetch: Fetch) -> Synthetic:
        tables = [fetch(sample) for sample in self.samples]
        origin = np.repeat(self.names, [len(table) for table in tables])
        sizes = {name: len(fetch(rows)) for name, rows in zip(self.names, self.rows, strict=True)}
        bootstrapped = tuple(
            Note(
                Code.SEGMENT_BOOTSTRAPPED,
                f"{name} ({sizes[name]} rows) sampled by bootstrap",
                sizes[name],
                about=name,
            )
            for name, fit in zip(self.names, self.fits, strict=True)
            if sizes[name] and fetch(fit).bootstrapped
        )
        notes_of_draws = tuple(
            note.within(name)
            for name, fit in zip(self.names, self.fits, strict=True)
            for note in fetch(fit).notes
        )
        return Synthetic(
            concat(tables), origin, sizes, fetch(self.cut).notes + bootstrapped + notes_of_draws
        )


@dataclass(frozen=True)
class SyntheticRows(Step[Table]):
    """The rows of a synthetic table alone."""

    phase: ClassVar[str] = "generate"
    stored: ClassVar[bool] = False

    synthetic: Step[Synthetic]

    def compute(self, fetch: Fetch) -> Table:
        return fetch(self.synthetic).table


@dataclass(frozen=True)
class DropHard(Step[Synthetic]):
    """A synthetic table without the rows that a profile of it calls hard."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    synthetic: Step[Synthetic]
    profile: Step[Profile]

    def compute(self, fetch: Fetch) -> Synthetic:
        keep = fetch(self.profile).segment != Segment.HARD
        if not keep.any():
            raise TooFewRowsError(f"the profiler calls all {len(keep)} synthetic rows hard")
        return fetch(self.synthetic).take(keep)


@dataclass(frozen=True)
class DropRandom(Step[Synthetic]):
    """A synthetic table without as many rows, drawn at random, as another step dropped."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    synthetic: Step[Synthetic]
    like: Step[Synthetic]
    seed: int

    def compute(self, fetch: Fetch) -> Synthetic:
        synthetic = fetch(self.synthetic)
        n = len(synthetic.table)
        drop = n - len(fetch(self.like).table)
        keep = np.ones(n, dtype=bool)
        dropped = np.random.default_rng(self.random_seed).choice(n, drop, replace=False)
        keep[dropped] = False
        return synthetic.take(keep)
