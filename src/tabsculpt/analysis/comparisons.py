"""Two arms over the units that both have: difference, interval, p, verdict, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from tabsculpt.analysis.columns import CELL, UNIT
from tabsculpt.analysis.measurements import REAL, BoolArray, Cell, Measurements, State
from tabsculpt.engine.step import hashed
from tabsculpt.results import write_table
from tabsculpt.stats.paired import Paired, signed_rank
from tabsculpt.table import FloatArray

ALPHA = 0.05
COLUMNS = [*CELL, "metric", "first", "second", "unit", "n", "p", "p_holm", "better"]
"""Some of those of a table of comparisons: what there is of one without a row."""
Missing = Literal["complete", "worst"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two arms of a cell over exactly the units that both have a value on.

    Attributes:
        cell: where they stand.
        first, second: the arms.
        shared: which units of the cell both have.
        values: shape (n, 2), those of first and second on these units.
        n_filled: values in it that a failed run was given.
        failed: units on which both ran and a value is missing, of first and of second; one on
            which both failed counts for both.
        not_run: units that the other arm has and first, or second, was never run on.
        n_missing: how many units one of them has and the comparison has not.
        found: what is said of the difference, first less second; None without a shared unit.
    """

    cell: Cell
    first: str
    second: str
    shared: BoolArray
    values: FloatArray
    n_filled: int
    failed: tuple[int, int]
    not_run: tuple[int, int]
    n_missing: int
    found: Paired | None

    @property
    def means(self) -> tuple[float, float]:
        """Of first and second, over the same units."""
        return mean(self.values[:, 0]), mean(self.values[:, 1])

    def units(self, names: Sequence[str] = UNIT) -> pd.DataFrame:
        """What each unit that both have is, see `Cell.units`."""
        return self.cell.units(names)[self.shared]

    @property
    def better(self) -> str | None:
        """The arm with the better location; None where they are level."""
        if self.found is None or not self.found.hodges_lehmann:
            return None
        lower = self.second if self.found.hodges_lehmann > 0 else self.first
        higher = self.first if lower == self.second else self.second
        return lower if self.cell.direction == "min" else higher

    def record(self, p_holm: float, pairs: int) -> dict[str, Any]:
        """A row of the table of comparisons, see `compare`."""
        assert self.found is not None
        said = vars(self.found)
        return {
            "first": self.first,
            "second": self.second,
            "n": len(self.values),
            **{name: said[name] for name in said if name != "n"},
            "mean_first": self.means[0],
            "mean_second": self.means[1],
            "n_missing": self.n_missing,
            "failed_first": self.failed[0],
            "failed_second": self.failed[1],
            "not_run_first": self.not_run[0],
            "not_run_second": self.not_run[1],
            "n_filled": self.n_filled,
            "p_bonferroni": min(1.0, self.found.p * pairs),
            "p_holm": p_holm,
            "better": self.better,
            "reachable": self.found.smallest_p * pairs < ALPHA,
        }


def estimate(values: FloatArray) -> Paired:
    """What the values of two arms on the same units say of their difference.

    Every difference, interval, p and verdict between two arms comes from here.

    Args:
        values: shape (n, 2).
    """
    return signed_rank(values[:, 0], values[:, 1])


def mean(values: FloatArray) -> float:
    """The mean that is shown of some values; NaN of none."""
    return float(np.mean(values)) if len(values) else float("nan")


def comparison(cell: Cell, first: str, second: str, missing: Missing = "complete") -> Comparison:
    """Two arms of a cell; see `comparisons`."""
    places = [cell.arms.index(first), cell.arms.index(second)]
    values, states = cell.values[:, places], cell.states[:, places]
    ran = (states != State.NOT_RUN).all(axis=1)
    failed = ran[:, None] & (states == State.FAILED)
    not_run = (_without(cell, states, first, second), _without(cell, states, second, first, 1))
    n_filled = 0
    if missing == "worst":
        known = with_worst(cell, first, second)
        values, n_filled = known, int((np.isnan(values) & ~np.isnan(known))[ran].sum())
    both = np.asarray(~np.isnan(values).any(axis=1))
    n_missing = int((ran & ~both).sum()) + sum(not_run)
    found = estimate(values[both]) if both.any() else None
    return Comparison(
        cell=cell,
        first=first,
        second=second,
        shared=both,
        values=values[both],
        n_filled=n_filled,
        failed=(int(failed[:, 0].sum()), int(failed[:, 1].sum())),
        not_run=not_run,
        n_missing=n_missing,
        found=found,
    )


def with_worst(cell: Cell, *arms: str) -> FloatArray:
    """The values of some arms of a cell, where a run that failed has the worst of them.

    What was never run stays NaN, and so does a metric that is not defined on the test rows.
    """
    places = [cell.arms.index(arm) for arm in arms]
    values, at = cell.values[:, places], cell.at[:, places]
    if np.isnan(values).all():
        return values
    bad = (at >= 0) & ~cell.of.ended_well[at] & np.isnan(values)
    return np.where(
        bad, np.nanmax(values) if cell.direction == "min" else np.nanmin(values), values
    )


def _without(cell: Cell, states: Any, arm: str, other: str, side: int = 0) -> int:
    """Units of the other arm that this one was not run on.

    The baseline has a run for all its sampling seeds: an arm without that run lacks one unit.
    """
    here, there = states[:, side] != State.NOT_RUN, states[:, 1 - side] != State.NOT_RUN
    if other != REAL:
        return int((there & ~here).sum())
    return len(np.setdiff1d(cell.run[there], cell.run[here]))


def comparisons(cell: Cell, missing: Missing = "complete") -> list[Comparison]:
    """Every pair of arms of a cell, over the units that the two have.

    Args:
        cell: of `Measurements.cells`.
        missing: "complete" leaves out units where one of the two has no value; "worst" gives a run
            that failed the worst value of the pair. What was never run is never filled.
    """
    return [comparison(cell, *pair, missing) for pair in combinations(cell.arms, 2)]


def compare(
    rows: pd.DataFrame, metric: str | None = None, missing: Missing = "complete"
) -> pd.DataFrame:
    """Compare every pair of arms in every cell of the results.

    An arm is a pipeline with its settings, a cell holds fixed what `columns.CELL` names. The real
    baseline stands in every cell of its data set, predictors and evaluation; under a protocol with
    sampling seeds its values are repeated for each of them, as the source does it. Arms without a
    profiler stand beside those of each profiler.

    Args:
        rows: result rows, in any order, see `tabsculpt.results.Row`.
        metric: its name; None for each that predictors are scored by.
        missing: see `comparisons`.

    Returns:
        A row per pair and cell. Columns: those that name the cell (dataset, generator, profiler,
        protocol, proportion, metric, ...); ``first`` and ``second``, the arms; ``unit``, what is
        paired; ``n`` units that both have, ``n_zero`` of them alike; ``mean_first`` and
        ``mean_second`` over these; ``hodges_lehmann`` with ``low`` and ``high`` (first less
        second), ``effect``, ``statistic``, ``p`` (Wilcoxon), and corrected over the pairs of the
        cell ``p_bonferroni`` (as published, cut at 1) and ``p_holm`` (the one to go by);
        ``shapiro_p``; ``better``, the arm with the better location; ``smallest_p`` and
        ``reachable``: whether so many pairs could be significant at all after the Bonferroni
        correction; ``n_missing``, units that one of the two has and ``n`` has not, and of these
        ``failed_first``, ``failed_second``, ``not_run_first``, ``not_run_second``; ``n_filled``;
        ``overall_p`` and ``overall_n``, see `kruskal_wallis`; ``caution``: what is not
        independent.

    References:
        Profile2Gen, Souza and Zanchettin, 2025, section 5.5 and Appendix P; A Simple Sequentially
        Rejective Multiple Test Procedure, Holm, 1979, https://www.jstor.org/stable/4615733
    """
    return compare_cells(Measurements.of(rows).cells(metric), missing)


def compare_cells(found: Iterable[Cell], missing: Missing = "complete") -> pd.DataFrame:
    """The pairs of cells as a table; see `compare`."""
    records = [record for cell in found for record in _records(cell, missing)]
    return pd.DataFrame(records, columns=None if records else COLUMNS)


def _records(cell: Cell, missing: Missing) -> Iterator[dict[str, Any]]:
    pairs = [pair for pair in comparisons(cell, missing) if pair.found is not None]
    if not pairs:
        return
    statistic, p, n = kruskal_wallis(cell)
    common = {**cell.names, "unit": " x ".join(cell.varying), "caution": _caution(cell)}
    overall = {"overall_statistic": statistic, "overall_p": p, "overall_n": n}
    holm = holm_corrected([pair.found.p for pair in pairs if pair.found is not None])
    for pair, corrected in zip(pairs, holm, strict=True):
        yield {**common, **pair.record(float(corrected), len(pairs)), **overall}


def tests_file(jobs: Iterable[str], folder: Path) -> Path:
    """Where the comparisons of some jobs lie, or would lie."""
    return folder / f"{hashed(sorted(set(jobs)))[:16]}.parquet"


def write_tests(rows: pd.DataFrame, folder: Path) -> Path | None:
    """Write the comparisons of the headline metrics of some jobs; None where there is no pair.

    Args:
        rows: result rows of the jobs.
        folder: gets a file named by the jobs.
    """
    tests = compare_cells(Measurements.of(rows).cells(headline=True))
    if tests.empty:
        return None
    path = tests_file(rows.job, folder)
    write_table(tests.astype(object).where(tests.notna(), None).to_dict("records"), path)
    return path


def share_significant(tests: pd.DataFrame) -> pd.DataFrame:
    """The share of cells in which a pair of arms differs, as in figure 7 of Profile2Gen.

    Args:
        tests: what `compare` returns.

    Returns:
        A row per protocol, metric and pair: ``cells``; ``kruskal_wallis``, ``bonferroni`` and
        ``holm``, shares of them below 0.05; ``second_better``, the share in which the second arm
        is the better one.
    """
    records = []
    whole = tests.drop_duplicates([*CELL, "metric"])
    for keys, mine in tests.groupby(["protocol", "metric", "first", "second"], sort=False):
        overall = whole[(whole.protocol == keys[0]) & (whole.metric == keys[1])]
        records.append(
            {
                **dict(zip(["protocol", "metric", "first", "second"], keys, strict=True)),
                "cells": len(mine),
                "kruskal_wallis": float((overall.overall_p < ALPHA).mean()),
                "bonferroni": float((mine.p_bonferroni < ALPHA).mean()),
                "holm": float((mine.p_holm < ALPHA).mean()),
                "second_better": float((mine.better == mine.second).mean()),
            }
        )
    return pd.DataFrame(records)


def holm_corrected(p: Sequence[float]) -> FloatArray:
    """Each p times the number of those that are no smaller, never below that of a smaller p."""
    order = np.argsort(p, kind="stable")
    factors = np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(np.asarray(p)[order] * factors))
    return corrected


def kruskal_wallis(cell: Cell) -> tuple[float, float, int]:
    """Statistic, p and units of the test over all arms, on the units that all of them have.

    (0, 1, n) where all values are the same, NaN where there is no such unit.
    """
    from scipy.stats import kruskal

    whole = cell.values[~np.isnan(cell.values).any(axis=1)]
    if not len(whole):
        return float("nan"), float("nan"), 0
    if np.ptp(whole) == 0:
        return 0.0, 1.0, len(whole)
    statistic, p = kruskal(*whole.T)
    return float(statistic), float(p), len(whole)


def _caution(cell: Cell) -> str:
    said = ["predictors of one split share their test rows"]
    if "sample_seed" in cell.varying:
        said.append("sampling seeds share one generator fit, and the real baseline is repeated")
    if "seed" in cell.varying:
        said.append("seeds of one data set are not independent data")
    if {"split_seed", "fold"} & set(cell.varying):
        said.append("splits of one data set share rows")
    return "; ".join(said)
