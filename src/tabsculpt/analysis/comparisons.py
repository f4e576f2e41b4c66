"""Every pair of arms of every cell as a table, and how often each verdict falls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.columns import CELL
from tabsculpt.analysis.estimates import ROPE
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.multiplicity import holm_corrected
from tabsculpt.analysis.overall import friedman, kruskal_wallis
from tabsculpt.analysis.pairs import (
    Missing,
    comparisons,
)
from tabsculpt.engine.identity import hashed
from tabsculpt.results import write_table
from tabsculpt.stats.resampled import Verdict

ALPHA = 0.05
SHARES = (("better", Verdict.BETTER), ("worse", Verdict.WORSE), ("equal", Verdict.EQUAL),
          ("not_enough", Verdict.UNKNOWN))  # fmt: skip
COLUMNS = [
    *CELL,
    "metric",
    "first",
    "second",
    "unit",
    "n",
    "p",
    "p_holm",
    "p_holm_all",
    "verdict",
    "better",
]
"""Some of those of a table of comparisons: what there is of one without a row."""


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
    predictors and sampling seeds are averaged. It is given for each pair by itself;
    `multiplicity.multiplicity` says how many hold when all of them count.

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
        ``high``, ``error``, ``p``, ``p_holm`` over the pairs of the cell and ``p_holm_all`` over
        those of the table: of the corrected resampled t-test, NaN below 3 splits; ``rope`` in the
        metric's unit and the probability that the first is better, practically equal and worse;
        ``verdict`` of the first: better, worse, practically equal, not enough data;
        ``splits_needed`` to settle it, and both in words as ``conclusion``; ``better``, the arm
        that the verdict calls so; ``n_missing``, units that one of the two has and ``n`` has not,
        and of these ``failed_first``,
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
    """The pairs of cells as a table; see `compare`. A metric without a direction has none."""
    directed = (cell for cell in found if cell.direction)
    records = [record for cell in directed for record in _records(cell, missing, rope)]
    if not records:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.DataFrame(records).astype({"splits_needed": float})
    return table.assign(p_holm_all=holm_corrected(table.p))


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


def _caution(cell: Cell) -> str:
    cautions = ["predictors of one split share their test rows"]
    if "sample_seed" in cell.varying:
        cautions.append("sampling seeds share one generator fit, and the real baseline is repeated")
    if "seed" in cell.varying:
        cautions.append("seeds of one data set are not independent data")
    if {"split_seed", "fold"} & set(cell.varying):
        cautions.append("splits of one data set share rows")
    return "; ".join(cautions)
