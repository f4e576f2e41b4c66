"""What one table of the terminal shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import TRTR, Cell
from tabsculpt.analysis.columns import GROUP, HEADLINE, RUN, SPLIT, arms_in_order
from tabsculpt.analysis.levels import Level, level, level_of
from tabsculpt.analysis.measurements import Measurements


@dataclass(frozen=True, eq=False)
class Shown:
    """What one table shows: the arms of one data set, generator, profiler, protocol and run.

    Attributes:
        found: all measurements.
        names: what it holds fixed, by the names of `columns.GROUP` and of `columns.RUN`.
        rows: of its arms and of its baseline.
    """

    found: Measurements
    names: dict[str, Any]
    rows: pd.DataFrame

    def cells(self, metric: str) -> list[Cell]:
        """Its arms side by side, a cell for each step of the protocol."""
        rows = self.rows[(self.rows.metric == metric) & self.rows.predictor.notna()]
        return list(self.found.side_by_side({**self.names, "metric": metric}, rows))

    @property
    def key(self) -> tuple[str, ...]:
        """What it holds fixed besides the run."""
        return tuple(str(self.names[name]) for name in GROUP)

    @property
    def runs(self) -> int:
        """How many splits and fits it shows."""
        return int(self._fits.sum())

    @property
    def size(self) -> tuple[int, int]:
        """How many splits it shows, and the least number of fits in one."""
        return len(self._fits), int(self._fits.min())

    @cached_property
    def _fits(self) -> pd.Series:
        """How many fits there are of each split."""
        runs = self.rows[list(RUN)].drop_duplicates()
        return runs.groupby(list(SPLIT), dropna=False).size()

    @cached_property
    def headline(self) -> list[Cell]:
        """The cells of the metric that its task is judged by."""
        return self.cells(HEADLINE[self.names["task"]])

    @property
    def arms(self) -> list[str]:
        """Its arms, in order."""
        return arms_in_order(self.rows.arm)

    def levels(self, metric: str) -> list[Level]:
        """The level of each arm."""
        cells = self.cells(metric)
        return [level(cells, arm) for arm in self.arms]

    def distance(self, arm: str) -> float | None:
        """The mean Wasserstein distance of the synthetic tables of an arm; None without one."""
        mine = self.rows[(self.rows.arm == arm) & (self.rows.metric == "wasserstein")]
        found = level_of(mine.value).mean
        return None if np.isnan(found) else found

    def rows_used(self, arm: str) -> str:
        """How many rows of an arm are trained on: synthetic ones, and real ones beside them."""
        mine = self.rows[self.rows.arm == arm]
        if (mine.protocol == TRTR).all():
            return span(mine.n_train)
        beside = f"{span(mine.n_train)} + " if self.names["protocol"] == "augmentation" else ""
        stepped = mine[mine.proportion.notna()]
        if not stepped.empty:
            mine, beside = stepped, f"{span(mine.n_train)} + "
        counts = mine.n_synthetic.dropna()
        return f"{beside}{span(counts)}" if len(counts) else "-"

    @property
    def title(self) -> str:
        """Data set, task and parts, in words."""
        first = self.rows.iloc[-1]
        chosen = [f"{part} {_chosen(self.rows, part)}" for part in ("generator", "profiler")]
        protocol = " ".join(filter(None, [first.protocol, first.protocol_settings]))
        return f"{first.dataset}: {first.task}; {', '.join(chosen)}, protocol {protocol}"


def _chosen(group: pd.DataFrame, part: str) -> str:
    """The profiler or generator of a group, with its settings where they are not the default."""
    used = group[group[part] != "none"]
    if used.empty:
        return "none"
    return " ".join(filter(None, [used[part].iloc[0], used[f"{part}_settings"].iloc[0]]))


def span(values: pd.Series) -> str:
    """A whole number, or the least and the greatest of several."""
    least, most = int(values.min()), int(values.max())
    return str(least) if least == most else f"{least} to {most}"
