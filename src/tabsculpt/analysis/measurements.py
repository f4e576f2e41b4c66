"""Result rows read once: one measurement for each arm, unit and metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL, TRTR, BoolArray, Cell, Design
from tabsculpt.analysis.columns import (
    CELL,
    CONTEXT,
    GROUP,
    HEADLINE,
    MAKING,
    PROFILING,
    RUN,
    SPLIT,
    STEP,
    UNIT,
    UNPAIRED,
    arms_in_order,
)
from tabsculpt.analysis.shared_rows import shared_rows
from tabsculpt.errors import UserError
from tabsculpt.results import read_rows
from tabsculpt.table import FloatArray, IntArray

Named = tuple[dict[str, Any], pd.DataFrame]
"""What a group of rows holds fixed, and the rows."""


@dataclass(frozen=True, eq=False)
class Measurements:
    """Result rows, each measurement once.

    The same job under another suite of predictors, or run again, measures the same: of rows that
    agree in what was asked for, unit and metric, the one of the latest job counts.

    Attributes:
        rows: as `tabsculpt.results.Row` has them, by data set from the first job to the last,
            with ``arm``: the pipeline with the settings that differ from its defaults.
    """

    rows: pd.DataFrame

    @staticmethod
    def of(rows: pd.DataFrame) -> Measurements:
        """The measurements that some result rows hold, whatever their order."""
        arm = (rows.pipeline + " " + rows.pipeline_settings).str.strip()
        rows = _in_order(rows.assign(arm=arm))
        made = rows.predictor.isna()  # a synthetic table is the same whoever learns from it
        suite = rows.predictors.mask(made & rows.protocol.ne("trtr"), "")
        identities = rows[[*CELL, "arm", *UNIT, "metric"]].assign(predictors=suite)
        if (
            identities.duplicated().any()
        ):  # the latest, where the first was, so that no order changes
            number = (
                identities.groupby(list(identities), sort=False, dropna=False).ngroup().to_numpy()
            )
            latest = pd.Series(np.arange(len(rows))).groupby(number).last()
            rows = rows.take(latest.to_numpy())
        return Measurements(rows.reset_index(drop=True))

    @property
    def scored(self) -> pd.DataFrame:
        """The rows with a predictor's score, of protocols that have arms."""
        return self.rows[self.rows.predictor.notna() & ~self.rows.protocol.isin(UNPAIRED)]

    def cells(self, metric: str | None = None, headline: bool = False) -> Iterator[Cell]:
        """Arms side by side, within everything that they must share.

        Args:
            metric: its name; None for every metric that predictors are scored by.
            headline: only the metric that each task is judged by.
        """
        rows = self.scored
        if headline:
            rows = rows[rows.metric == rows.task.map(HEADLINE)]
        elif metric is not None:
            rows = rows[rows.metric == metric]
        columns = [*CELL, *UNIT, "metric", "arm", "pipeline", "direction", "value", "status"]
        for names, group in groups(rows[columns], ["metric"]):
            yield from self.side_by_side(names, group)

    def side_by_side(self, names: dict[str, Any], group: pd.DataFrame) -> Iterator[Cell]:
        """The cells of a group of rows of one metric: one for each step of its protocol."""
        if group.empty:
            return
        real, made = _on_real_rows(group)
        if made.empty:
            yield self._cell({**names, **dict.fromkeys(STEP)}, real, made)
        for step, mine in made.groupby(list(STEP), sort=False, dropna=False):
            yield self._cell({**names, **dict(zip(STEP, step, strict=True))}, real, mine)

    def _cell(self, names: dict[str, Any], real: pd.DataFrame, made: pd.DataFrame) -> Cell:
        units, runs = self._codes
        unit, run = units[made.index], runs[made.index]
        alone = ~np.isin(runs[real.index], run)  # runs on real rows that no other arm shares
        found = np.unique(np.concatenate([unit, units[real.index[alone]]]))
        run_of = np.zeros(len(found), dtype=np.int64)
        run_of[np.searchsorted(found, unit)] = run
        run_of[np.searchsorted(found, units[real.index[alone]])] = runs[real.index[alone]]
        arms = arms_in_order([*made.arm, *real.arm])
        at = np.full((len(found), len(arms)), -1)
        place = {arm: number for number, arm in enumerate(arms)}
        at[np.searchsorted(found, unit), made.arm.map(place).to_numpy(int)] = made.index
        for arm, its in real.groupby("arm", sort=False):
            by_run = np.full(int(max(run_of.max(), runs[its.index].max())) + 1, -1)
            by_run[runs[its.index]] = its.index
            at[:, place[str(arm)]] = by_run[run_of]
        both = pd.concat([real.direction, made.direction]).dropna()
        known = {name: names[name] for name in (*CONTEXT, "metric", *MAKING, *STEP, *PROFILING)}
        direction = str(both.iloc[0]) if len(both) else ""
        return Cell(known, arms, direction, at, run_of, self, frozenset(map(str, real.arm)))

    @cached_property
    def _codes(self) -> tuple[IntArray, IntArray]:
        """A number for the unit of each row, in the order of units, and one for its run."""
        levels = [_coded(self.rows[name]) for name in UNIT]
        run, unit = levels[0], levels[0]
        for name, codes in zip(UNIT[1:], levels[1:], strict=True):
            unit = np.unique(unit * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1]
            run = unit if name != "sample_seed" else run
        return unit, run

    @cached_property
    def design(self) -> Design:
        """Which rows are of the same split and fit."""
        splits, fits = (
            self.rows.groupby(list(names), sort=True, dropna=False).ngroup().to_numpy(np.int64)
            for names in (SPLIT, RUN)
        )
        return Design(splits, fits, shared_rows(self.rows))

    @cached_property
    def values(self) -> FloatArray:
        """The value of each row; NaN where there is none."""
        values: FloatArray = self.rows.value.to_numpy(dtype=np.float64, na_value=np.nan)
        return values

    @cached_property
    def ended_well(self) -> BoolArray:
        """Whether the status of each row is ok."""
        well: BoolArray = self.rows.status.to_numpy() == "ok"
        return well


def read_measurements(folder: Path, **chosen: Any) -> Measurements:
    """The measurements in a folder of results; see `tabsculpt.results.read_rows`."""
    return Measurements.of(read_rows(folder, **chosen))


def groups(rows: pd.DataFrame, besides: Sequence[str]) -> Iterator[Named]:
    """Rows that belong side by side, each with its baseline.

    The real baseline, and with it the other arms that train on real rows alone, stands in every
    group of its data, predictors and evaluation; arms without a profiler stand beside those of each
    profiler.

    Args:
        rows: of `Measurements`.
        besides: columns that must agree besides.

    Yields:
        What a group holds fixed, by the names of `columns.GROUP` and ``besides``; its rows.
    """
    keys = [*CONTEXT, *besides]
    for same, cell in rows.groupby(keys, sort=False, dropna=False):
        common = {**dict.fromkeys(GROUP, ""), **dict(zip(keys, same, strict=True))}
        real, made = _on_real_rows(cell)
        if made.empty:
            yield {**common, "protocol": "trtr"}, real
        for how, arms in made.groupby(list(MAKING), sort=False):
            for profiler, mine in _by_profiler(arms):
                names = {**common, **dict(zip(MAKING, how, strict=True)), **profiler}
                yield names, pd.concat([real, mine])


def _by_profiler(made: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    plain, profiled = made[made.profiler == "none"], made[made.profiler != "none"]
    if profiled.empty:
        yield dict(zip(PROFILING, ("none", ""), strict=True)), plain
    for names, mine in profiled.groupby(list(PROFILING), sort=False):
        yield dict(zip(PROFILING, map(str, names), strict=True)), pd.concat([plain, mine])


def _on_real_rows(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    real = (rows.pipeline == REAL) | (rows.protocol == TRTR)
    return rows[real], rows[~real]


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """By data set from the first job to the last, the rows of a job by step, unit and metric."""
    keys = ["metric", *reversed(UNIT), *STEP, "job", "started", "dataset"]
    order = np.lexsort([_coded(rows[name]) for name in keys])
    return rows.take(order) if (np.diff(order) < 0).any() else rows


def _coded(column: pd.Series) -> IntArray:
    """The places of values in their order, from 0; missing is the least."""
    codes: IntArray = pd.factorize(column, sort=True)[0]
    return codes - int(codes.min(initial=0))


def read_results(folder: str | Path) -> pd.DataFrame:
    """The results in an output folder, each measurement once.

    Args:
        folder: of the outputs, as in ``paths.outputs``.

    Returns:
        A row per arm, unit and metric: the columns of `tabsculpt.results.Row`, and ``arm``.

    Raises:
        UserError: there are no results in it.
    """
    if not any(Path(folder, "results").glob("*.parquet")):
        raise UserError(
            f"no results in {str(folder)!r}; expected an output folder, as in paths.outputs"
        )
    return read_measurements(Path(folder, "results")).rows
