"""Arms side by side: the values of several pipelines over the units of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.analysis.columns import UNIT
from tabsculpt.table import FloatArray, IntArray

REAL = "real"
TRTR = "trtr"
"""The protocol of the baseline and of the other arms that train on real rows alone."""
BoolArray = npt.NDArray[np.bool_]


class State(IntEnum):
    """What became of an arm on a unit."""

    NOT_RUN = 0
    FAILED = 1
    """It ran and has no value; the row says why."""
    OK = 2


@dataclass(frozen=True, eq=False)
class Design:
    """What is independent of each other, and how much splits share.

    Attributes:
        splits: a number for the split of each measurement or unit, shape (n,); ``fits``: for its
            split and fit of the generator.
        test_shares: how much splits share, see `tabsculpt.analysis.shared_rows.shared_rows`.
    """

    splits: IntArray
    fits: IntArray
    test_shares: FloatArray

    def at(self, places: IntArray | BoolArray) -> Design:
        """That of some of them."""
        return Design(self.splits[places], self.fits[places], self.test_shares[places])


class Measured(Protocol):
    """What a cell reads of the measurements: one item for each row."""

    @property
    def rows(self) -> pd.DataFrame: ...
    @property
    def values(self) -> FloatArray: ...
    @property
    def ended_well(self) -> BoolArray: ...
    @property
    def design(self) -> Design: ...


@dataclass(frozen=True, eq=False)
class Cell:
    """Several arms over the units of one cell, those of real rows repeated for sampling seeds.

    Attributes:
        names: what the cell holds fixed, by the names of `columns.CELL`, and ``metric``.
        arms: their names, the baseline first.
        direction: "min" or "max"; "" of a metric that says nothing of good or bad.
        at: place of each measurement among the rows, shape (units, arms); -1 where there is none.
        run: a number for what each unit shares with the baseline, shape (units,).
        of: the measurements.
        on_real: the arms that train on real rows alone, the baseline among them.
    """

    names: dict[str, Any]
    arms: list[str]
    direction: str
    at: IntArray
    run: IntArray
    of: Measured
    on_real: frozenset[str] = frozenset([REAL])

    @cached_property
    def values(self) -> FloatArray:
        """Shape (units, arms); NaN where there is no value."""
        return np.where(self.at >= 0, self.of.values[self.at], np.nan)

    @cached_property
    def states(self) -> IntArray:
        """A `State` for each unit and arm."""
        ran = np.where(np.isnan(self.values), State.FAILED, State.OK)
        return np.where(self.at >= 0, ran, State.NOT_RUN)

    def units(self, names: Sequence[str] = UNIT) -> pd.DataFrame:
        """What each unit is: a row for each, those of its columns that were asked for."""
        return self.of.rows.loc[self._own, list(names)]

    @property
    def _own(self) -> IntArray:
        """The place of a row of each unit, of real rows alone only where no other arm has it."""
        made = [place for place, arm in enumerate(self.arms) if arm not in self.on_real]
        own = self.at[:, made].max(axis=1, initial=-1)
        return np.where(own >= 0, own, self.at.max(axis=1))

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """The columns that tell its units apart."""
        units = self.units()
        several = [name for name in UNIT[1:] if units[name].nunique(dropna=False) > 1]
        return (UNIT[0], *several)

    @cached_property
    def design(self) -> Design:
        """Which of its units are of the same split and fit."""
        return self.of.design.at(self._own)

    @cached_property
    def shared(self) -> BoolArray:
        """Which units every arm with some value has a value on; all, if there is no such unit."""
        some = (self.states == State.OK).any(axis=0)
        whole: BoolArray = (self.states[:, some] == State.OK).all(axis=1)
        return whole if whole.any() else np.ones(len(whole), dtype=bool)

    def own(self, arm: str) -> IntArray:
        """The places of an arm's measurements, each once."""
        found = self.at[:, self.arms.index(arm)]
        return np.unique(found[found >= 0])

    def profiling(self, arm: str) -> tuple[str, str]:
        """The profiler of an arm with its settings; ("none", "") of one without."""
        first = self.of.rows.iloc[int(self.own(arm)[0])]
        return str(first.profiler), str(first.profiler_settings)

    def counts(self, arm: str) -> dict[str, int]:
        """How many values ran, failed, could not be had (skipped), and are absent of an arm."""
        own = self.own(arm)
        ran = int((~np.isnan(self.of.values[own])).sum())
        skipped = int((self.of.rows.status.to_numpy()[own] == "skipped").sum())
        units = self.run if arm in self.on_real else np.arange(len(self.run))
        absent = len(np.unique(units)) - len(own)
        return {"ran": ran, "failed": len(own) - ran - skipped, "skipped": skipped,
                "absent": absent}  # fmt: skip
