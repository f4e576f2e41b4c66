"""Profilers: how hard each row is to learn, and which rows are easy, ambiguous or hard."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from tabsculpt.notes import Code, Note
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.table import FloatArray, Table


class Segment(StrEnum):
    """Which rows belong together, from those that are learnt at once to those that never are."""

    EASY = "easy"
    AMBIGUOUS = "ambiguous"
    HARD = "hard"


class SegmentRule(StrEnum):
    """How scores become segments, see `tabsculpt.profilers.segments`.

    threshold: a cut in the unit of the score. percentile: the same, and rows whose uncertainty is
    above its median are ambiguous (for methods that have an uncertainty). fraction: the hardest
    share of the rows.
    """

    THRESHOLD = "threshold"
    PERCENTILE = "percentile"
    FRACTION = "fraction"


@dataclass(frozen=True, eq=False)
class Scores:
    """What a method says of n rows, before any cut.

    Attributes:
        score: shape (n,), the method's own score, finite; `Profiler.hard_is` says its direction.
        uncertainty: shape (n,), finite, for methods with three segments; their score is then a
            confidence in [0, 1]. None for methods with two.
        details: further columns of shape (n,), for whoever looks at the rows.
    """

    score: FloatArray
    uncertainty: FloatArray | None = None
    details: dict[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for values in (self.score, self.uncertainty):
            if values is not None and not np.isfinite(values).all():
                raise ValueError("the profiler gave scores that are not finite")


@dataclass(frozen=True, eq=False)
class Profile:
    """Scores and the segments that they were cut into.

    Attributes:
        scores: of n rows.
        hardness: shape (n,), the score turned so that higher is harder.
        segment: shape (n,), the values of `Segment`.
        chosen: what a search chose to make this profile with; None without a search.
        drawn: of how many rows its models were fitted on some; None where on all.
    """

    scores: Scores
    hardness: FloatArray
    segment: npt.NDArray[np.str_]
    chosen: Note | None = None
    drawn: Note | None = None

    def count(self, segment: Segment) -> int:
        """Number of rows in a segment."""
        return int((self.segment == segment).sum())

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the reader of a result should know of it."""
        found = (self.chosen, self.drawn, self.degenerate())
        return tuple(note for note in found if note is not None)

    def degenerate(self) -> Note | None:
        """A note that says why this profile tells rows apart no better than none, or None.

        All rows but at most one, or all but one in a hundred, in a segment; or all scores equal.
        """
        n = len(self.segment)
        counts = {segment: self.count(segment) for segment in Segment}
        largest = max(Segment, key=lambda segment: counts[segment])
        shown = "/".join(str(counts[segment]) for segment in Segment)
        if n - counts[largest] <= max(1, 0.01 * n):
            text = f"easy/ambiguous/hard = {shown}, almost all rows {largest}"
            return Note(Code.DEGENERATE_PROFILE, f"degenerate profile: {text}", counts[largest])
        if np.ptp(self.hardness) <= 1e-12 * max(1.0, float(np.abs(self.hardness).max())):
            text = "degenerate profile: the score is the same for every row"
            return Note(Code.DEGENERATE_PROFILE, text, n)
        return None


class Profiler(Protocol):
    """A frozen dataclass of settings (its fields), with what it can do as class variables."""

    libraries: ClassVar[tuple[str, ...]]
    """Distributions whose version changes the result."""
    hard_is: ClassVar[Literal["low", "high"]]
    """Whether a low or a high value of the profiler's own score means hard."""
    least_rows: ClassVar[int]
    """Fewest rows that it can profile."""

    @property
    def cut(self) -> SegmentRule:
        """How its scores become segments."""
        ...

    @property
    def threshold(self) -> float:
        """Where: in the unit of the score, or a share of the rows, as `cut` says."""
        ...

    @property
    def recorder(self) -> Recorder | None:
        """What records the training dynamics that it reads, None if it reads none."""
        ...

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """Score every row.

        Args:
            table: n rows, at least ``least_rows`` of them.
            dynamics: what `recorder` recorded on these rows.
            seed: of every draw, in [0, 2**31).

        Raises:
            TooFewRowsError: too few rows.
        """
        ...


@runtime_checkable
class Valuer(Profiler, Protocol):
    """A profiler that can value rows by what they are worth for other rows."""

    def value(self, table: Table, validation: Table, seed: int) -> Scores:
        """Score every row.

        Args:
            table: n rows.
            validation: the rows that they are to be of use for, of the same schema.
            seed: of every draw, in [0, 2**31).
        """
        ...
