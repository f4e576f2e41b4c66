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
from tabsculpt.analysis.estimates import ROPE, Estimate, estimate
from tabsculpt.analysis.measurements import REAL, BoolArray, Cell, Measurements, State
from tabsculpt.analysis.overall import friedman, kruskal_wallis
from tabsculpt.engine.step import hashed
from tabsculpt.results import write_table
from tabsculpt.stats.resampled import Verdict
from tabsculpt.table import FloatArray

ALPHA = 0.05
SHARES = (("better", Verdict.BETTER), ("worse", Verdict.WORSE), ("equal", Verdict.EQUAL),
          ("not_enough", Verdict.UNKNOWN))  # fmt: skip
COLUMNS = [*CELL, "metric", "first", "second", "unit", "n", "p", "p_holm", "verdict", "better"]
"""Some of those of a table of comparisons: what there is of one without a row."""
PUBLISHED = ("n_zero", "hodges_lehmann", "effect", "statistic", "smallest_p", "shapiro_p")
"""What a table of comparisons has of the signed-rank test besides its p."""
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
    found: Estimate | None

    @property
    def means(self) -> tuple[float, float]:
        """Of first and second, over the same units."""
        return mean(self.values[:, 0]), mean(self.values[:, 1])

    def units(self, names: Sequence[str] = UNIT) -> pd.DataFrame:
        """What each unit that both have is, see `Cell.units`."""
        return self.cell.units(names)[self.shared]

    @property
    def better(self) -> str | None:
        """The arm that the verdict calls better; None where it calls neither."""
        return None if self.found is None else self.found.better(self.first, self.second)

    def record(self, p_holm: float, pairs: int) -> dict[str, Any]:
        """A row of the table of comparisons, see `compare`."""
        assert self.found is not None
        over, published = self.found.over, self.found.published
        higher, lower = (over.above, over.below)[:: -1 if self.cell.direction == "min" else 1]
        return {
            "first": self.first,
            "second": self.second,
            "n": len(self.values),
            "splits": over.splits,
            "fits": over.fits,
            "mean_first": self.means[0],
            "mean_second": self.means[1],
            "difference": over.mean,
            "low": over.low,
            "high": over.high,
            "error": over.error,
            "p": over.p,
            "p_holm": p_holm,
            "rope": self.found.rope,
            "probability_better": higher,
            "probability_equal": over.within,
            "probability_worse": lower,
            "verdict": str(self.found.verdict),
            "splits_needed": self.found.needed,
            "conclusion": self.found.words,
            "better": self.better,
            "n_missing": self.n_missing,
            "failed_first": self.failed[0],
            "failed_second": self.failed[1],
            "not_run_first": self.not_run[0],
            "not_run_second": self.not_run[1],
            "n_filled": self.n_filled,
            "p_published": min(1.0, published.p * pairs),
            "p_wilcoxon": published.p,
            **{name: getattr(published, name) for name in PUBLISHED},
        }


def mean(values: FloatArray) -> float:
    """The mean that is shown of some values; NaN of none."""
    return float(np.mean(values)) if len(values) else float("nan")


def comparison(
    cell: Cell, first: str, second: str, missing: Missing = "complete", rope: float = ROPE
) -> Comparison:
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
    found = estimate([cell], [both], values[both], rope) if both.any() else None
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


def pooled(cells: Sequence[Cell], first: str, second: str) -> Estimate | None:
    """The difference of two arms over several cells, such as the steps of a protocol.

    None where they share no unit in any.
    """
    pairs = [comparison(cell, first, second) for cell in cells if {first, second} <= set(cell.arms)]
    pairs = [pair for pair in pairs if pair.found is not None]
    if not pairs:
        return None
    values = np.concatenate([pair.values for pair in pairs])
    return estimate([pair.cell for pair in pairs], [pair.shared for pair in pairs], values)


def comparisons(cell: Cell, missing: Missing = "complete", rope: float = ROPE) -> list[Comparison]:
    """Every pair of arms of a cell, over the units that the two have.

    Args:
        cell: of `Measurements.cells`.
        missing: "complete" leaves out units where one of the two has no value; "worst" gives a run
            that failed the worst value of the pair. What was never run is never filled.
        rope: region of practical equivalence, as a share of the real baseline's mean.
    """
    return [comparison(cell, *pair, missing, rope) for pair in combinations(cell.arms, 2)]


def compare(
    rows: pd.DataFrame,
    metric: str | None = None,
    missing: Missing = "complete",
    rope: float = ROPE,
) -> pd.DataFrame:
    """Compare every pair of arms in every cell of the results.

    An arm is a pipeline with its settings, a cell holds fixed what `columns.CELL` names. The real
    baseline stands in every cell of its data set, predictors and evaluation; under a protocol with
    sampling seeds its values are repeated for each of them, as the source does it. Arms without a
    profiler stand beside those of each profiler.

    A verdict rests on splits and fits, see `tabsculpt.stats.resampled.resampled_difference`;
    predictors and sampling seeds are averaged. It is given for each pair by itself.

    Args:
        rows: result rows, in any order, see `tabsculpt.results.Row`.
        metric: its name; None for each that predictors are scored by.
        missing: see `comparisons`.
        rope: differences up to so much count as practically equal, as a share of the absolute mean
            of the real baseline (of the two arms, where it was not run).

    Returns:
        A row per pair and cell. Columns: those that name the cell (dataset, generator, profiler,
        protocol, proportion, metric, ...); ``first`` and ``second``, the arms; ``unit``, what is
        paired; ``n`` units that both have, ``splits`` and the least ``fits`` in one; ``mean_first``
        and ``mean_second``; ``difference`` (first less second) with its interval ``low`` to
        ``high``, ``error``, ``p``, and ``p_holm`` over the pairs of the cell: of the corrected
        resampled t-test, NaN below 3 splits; ``rope`` in the metric's unit and the probability
        that the first is better, practically equal and worse; ``verdict`` of the first: better,
        worse, practically equal, not enough data; ``splits_needed`` to settle it, and both in
        words as ``conclusion``; ``better``, the arm that the verdict calls so; ``n_missing``, units
        that one of the two has and ``n`` has not, and of these ``failed_first``,
        ``failed_second``, ``not_run_first``, ``not_run_second``; ``n_filled``. As
        published: ``p_published`` (``p_wilcoxon`` over all units after Bonferroni's correction)
        with ``n_zero`` units alike, ``hodges_lehmann``, ``effect``, ``statistic``, ``smallest_p``,
        ``shapiro_p``; ``overall_p`` over ``overall_n`` units, see `kruskal_wallis`, and
        ``friedman_p``, see `friedman`. They take repeats for evidence: ``caution`` says which.

    References:
        Profile2Gen, Souza and Zanchettin, 2025, section 5.5 and Appendix P; A Simple Sequentially
        Rejective Multiple Test Procedure, Holm, 1979, https://www.jstor.org/stable/4615733
    """
    return compare_cells(Measurements.of(rows).cells(metric), missing, rope)


def compare_cells(
    found: Iterable[Cell], missing: Missing = "complete", rope: float = ROPE
) -> pd.DataFrame:
    """The pairs of cells as a table; see `compare`."""
    records = [record for cell in found for record in _records(cell, missing, rope)]
    if not records:
        return pd.DataFrame(columns=COLUMNS)
    return pd.DataFrame(records).astype({"splits_needed": float})


def _records(cell: Cell, missing: Missing, rope: float) -> Iterator[dict[str, Any]]:
    pairs = [pair for pair in comparisons(cell, missing, rope) if pair.found is not None]
    if not pairs:
        return
    statistic, p, n = kruskal_wallis(cell)
    common = {**cell.names, "unit": " x ".join(cell.varying), "caution": _caution(cell)}
    overall = {"overall_statistic": statistic, "overall_p": p, "overall_n": n}
    overall["friedman_p"] = friedman(cell)[1]
    holm = holm_corrected([pair.found.over.p for pair in pairs if pair.found is not None])
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


def share_different(tests: pd.DataFrame) -> pd.DataFrame:
    """In how many cells each verdict falls on a pair, and, as in figure 7 of Profile2Gen, p.

    Args:
        tests: what `compare` returns.

    Returns:
        A row per protocol, metric and pair: ``cells``; the shares of them in which the first is
        ``better``, ``worse``, ``equal`` (practically) and there is ``not_enough`` data;
        ``published`` and ``kruskal_wallis``, the shares with a published p below 0.05.
    """
    records = []
    whole = tests.drop_duplicates([*CELL, "metric"])
    for keys, mine in tests.groupby(["protocol", "metric", "first", "second"], sort=False):
        overall = whole[(whole.protocol == keys[0]) & (whole.metric == keys[1])]
        records.append(
            {
                **dict(zip(["protocol", "metric", "first", "second"], keys, strict=True)),
                "cells": len(mine),
                **{name: float((mine.verdict == verdict).mean()) for name, verdict in SHARES},
                "published": float((mine.p_published < ALPHA).mean()),
                "kruskal_wallis": float((overall.overall_p < ALPHA).mean()),
            }
        )
    return pd.DataFrame(records)


def holm_corrected(p: Sequence[float]) -> FloatArray:
    """Each p times the number of those that are no smaller, never below that of a smaller p.

    NaN, of a pair that no test was done of, stays so and does not count.
    """
    every = np.asarray(p, dtype=np.float64)
    corrected = np.full(len(every), np.nan)
    known = np.flatnonzero(~np.isnan(every))
    order = known[np.argsort(every[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(every[order] * factors))
    return corrected


def _caution(cell: Cell) -> str:
    said = ["predictors of one split share their test rows"]
    if "sample_seed" in cell.varying:
        said.append("sampling seeds share one generator fit, and the real baseline is repeated")
    if "seed" in cell.varying:
        said.append("seeds of one data set are not independent data")
    if {"split_seed", "fold"} & set(cell.varying):
        said.append("splits of one data set share rows")
    return "; ".join(said)
