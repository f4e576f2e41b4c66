"""The table of tests: Kruskal-Wallis over the arms of a cell, Wilcoxon for each pair of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.results import write_table
from tabsculpt.stats.cells import Cell, Missing, cells
from tabsculpt.stats.paired import signed_rank
from tabsculpt.step import hashed
from tabsculpt.table import FloatArray

ALPHA = 0.05


def compare_arms(
    rows: pd.DataFrame, metric: str | None = None, missing: Missing = "complete"
) -> pd.DataFrame:
    """Test every pair of arms in every cell of the results.

    Args:
        rows: result rows, see `tabsculpt.results.Row`.
        metric: its name; None for each.
        missing: see `tabsculpt.stats.cells.cells`.

    Returns:
        A row per test. Columns: those that name the cell (dataset, generator, profiler, protocol,
        proportion, metric, ...); ``test`` (kruskal_wallis or wilcoxon); ``first`` and ``second``,
        the arms; ``unit``, what is paired; ``n``, ``n_zero``, ``n_dropped``, ``n_filled``;
        ``statistic``; ``p``, and corrected over the pairs of the cell ``p_bonferroni`` (as
        published, cut at 1) and ``p_holm`` (the one to go by); ``effect``, ``hodges_lehmann``,
        ``low``, ``high`` (first less second), ``shapiro_p``; ``better``, the arm with the better
        location; ``smallest_p`` and ``reachable``: whether so many pairs could be significant at
        all after the Bonferroni correction; ``caution``: what is not independent.

    References:
        Profile2Gen, Souza and Zanchettin, 2025, section 5.5 and Appendix P; A Simple Sequentially
        Rejective Multiple Test Procedure, Holm, 1979, https://www.jstor.org/stable/4615733
    """
    return compare_cells(cells(rows, metric, missing))


def compare_cells(found: Iterable[Cell]) -> pd.DataFrame:
    """The tests of cells; see `compare_arms`."""
    return pd.DataFrame([record for cell in found for record in _tests(cell)])


def tests_file(jobs: Iterable[str], folder: Path) -> Path:
    """Where the tests of some jobs lie, or would lie."""
    return folder / f"{hashed(sorted(set(jobs)))[:16]}.parquet"


def write_tests(rows: pd.DataFrame, folder: Path) -> Path | None:
    """Write the tests of the headline metrics of some jobs; None where there is no pair.

    Args:
        rows: result rows of the jobs.
        folder: gets a file named by the jobs.
    """
    tests = pd.concat([compare_arms(rows, metric) for metric in ("rmse", "auc_roc")])
    if tests.empty:
        return None
    path = tests_file(rows.job, folder)
    write_table(tests.astype(object).where(tests.notna(), None).to_dict("records"), path)
    return path


def share_significant(tests: pd.DataFrame) -> pd.DataFrame:
    """The share of cells in which a pair of arms differs, as in figure 7 of Profile2Gen.

    Args:
        tests: what `compare_arms` returns.

    Returns:
        A row per protocol, metric and pair: ``cells``; ``kruskal_wallis``, ``bonferroni`` and
        ``holm``, shares of them below 0.05; ``second_better``, the share in which the second arm
        is the better one.
    """
    pairs = tests[tests.test == "wilcoxon"]
    overall = tests[tests.test == "kruskal_wallis"]
    records = []
    for keys, mine in pairs.groupby(["protocol", "metric", "first", "second"], sort=False):
        whole = overall[(overall.protocol == keys[0]) & (overall.metric == keys[1])]
        records.append(
            {
                **dict(zip(["protocol", "metric", "first", "second"], keys, strict=True)),
                "cells": len(mine),
                "kruskal_wallis": float((whole.p < ALPHA).mean()),
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


def kruskal_wallis(values: pd.DataFrame) -> tuple[float, float]:
    """Statistic and p of the test over arms, the columns; (0, 1) where all values are the same."""
    from scipy.stats import kruskal

    columns = [values[arm].to_numpy() for arm in values]
    if np.ptp(np.concatenate(columns)) == 0:
        return 0.0, 1.0
    statistic, p = kruskal(*columns)
    return float(statistic), float(p)


def _tests(cell: Cell) -> Iterator[dict[str, Any]]:
    values = cell.values
    common = {
        **cell.names,
        "unit": cell.unit,
        "n_dropped": cell.n_dropped,
        "n_filled": cell.n_filled,
        "caution": _caution(cell),
    }
    overall = kruskal_wallis(values)
    yield {
        **common,
        "test": "kruskal_wallis",
        "n": len(values),
        "statistic": overall[0],
        "p": overall[1],
    }
    pairs = list(combinations(values.columns, 2))
    found = [signed_rank(values[a].to_numpy(), values[b].to_numpy()) for a, b in pairs]
    holm = holm_corrected([pair.p for pair in found])
    for (first, second), pair, corrected in zip(pairs, found, holm, strict=True):
        sign = 1 if cell.direction == "min" else -1
        better = second if sign * pair.hodges_lehmann > 0 else first
        yield {
            **common,
            "test": "wilcoxon",
            "first": first,
            "second": second,
            **vars(pair),
            "p_bonferroni": min(1.0, pair.p * len(pairs)),
            "p_holm": float(corrected),
            "better": better if pair.hodges_lehmann else None,
            "reachable": pair.smallest_p * len(pairs) < ALPHA,
        }


def _caution(cell: Cell) -> str:
    said = ["predictors of one split share their test rows"]
    if "sample_seed" in cell.units:
        said.append("sampling seeds share one generator fit, and the real baseline is repeated")
    if "seed" in cell.units:
        said.append("seeds of one data set are not independent data")
    if {"split_seed", "fold"} & set(cell.units):
        said.append("splits of one data set share rows")
    return "; ".join(said)
