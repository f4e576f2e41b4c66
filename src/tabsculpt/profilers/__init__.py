"""Profilers: how hard each row is to learn, and which rows are easy, ambiguous or hard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray, Table


class Segment(StrEnum):
    """Which rows belong together, from those that are learnt at once to those that never are."""

    EASY = "easy"
    AMBIGUOUS = "ambiguous"
    HARD = "hard"


@dataclass(frozen=True, eq=False)
class Profile:
    """What a profiler says of n rows.

    Attributes:
        hardness: shape (n,), finite, higher is harder whatever the profiler's own direction.
        segment: shape (n,), the values of `Segment`.
        details: further columns of shape (n,), such as confidence and uncertainty.
    """

    hardness: FloatArray
    segment: npt.NDArray[np.str_]
    details: dict[str, FloatArray]

    def __post_init__(self) -> None:
        if not np.isfinite(self.hardness).all():
            raise ValueError("the profiler gave scores that are not finite")

    def count(self, segment: Segment) -> int:
        """Number of rows in a segment."""
        return int((self.segment == segment).sum())

    def degenerate(self) -> str | None:
        """One line that says why this profile tells rows apart no better than none, or None.

        All rows but at most one, or all but one in a hundred, in a segment; or all scores equal.
        """
        n = len(self.segment)
        counts = {segment: self.count(segment) for segment in Segment}
        largest = max(Segment, key=lambda segment: counts[segment])
        shown = "/".join(str(counts[segment]) for segment in Segment)
        if n - counts[largest] <= max(1, 0.01 * n):
            return f"degenerate profile: easy/ambiguous/hard = {shown}, almost all rows {largest}"
        if np.ptp(self.hardness) <= 1e-12 * max(1.0, float(np.abs(self.hardness).max())):
            return "degenerate profile: the score is the same for every row"
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
    def threshold(self) -> float:
        """The cut between hard and the rest, in the unit of the profiler's own score."""
        ...

    def profile(self, table: Table, seed: int) -> Profile:
        """Score every row and put it in a segment.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
        """
        ...
