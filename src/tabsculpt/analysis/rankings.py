"""Arms ranked over data sets: the Friedman test and Nemenyi's critical difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.columns import GROUP
from tabsculpt.analysis.overall import friedman_test
from tabsculpt.analysis.pairs import Missing, with_worst

BLOCK = ("dataset", "data", "task")
"""What is not held fixed: arms are ranked over data sets."""


@dataclass(frozen=True)
class Ranking:
    """Average ranks of k arms over N blocks; rank 1 is best.

    Attributes:
        names: predictors, evaluation, generator, profiler, protocol, metric, ...
        ranks: average rank by arm, best first; ties share their mean rank.
        n_blocks: N, the data sets in which every arm has a value; the proportions and rounds of
            one are averaged, as they are no blocks of their own.
        statistic, p: of the Friedman test; None below 3 arms or 2 blocks, where it is not defined.
        critical_difference: average ranks that lie farther apart differ at 5 % (Nemenyi).
        smallest_p: the smallest p that N blocks of k arms allow, from perfect agreement.
    """

    names: dict[str, Any]
    ranks: dict[str, float]
    n_blocks: int
    statistic: float | None
    p: float | None
    critical_difference: float
    smallest_p: float | None


def rankings(found: Iterable[Cell], missing: Missing = "complete") -> list[Ranking]:
    """Rank the arms over data sets, by the mean over the units that all arms of a cell have.

    Everything else that tells cells apart is held fixed; the proportions and rounds of a data set
    are averaged.

    Args:
        found: see `Measurements.cells`.
        missing: see `comparisons.comparisons`; "worst" takes that of the cell.

    References:
        Statistical Comparisons of Classifiers over Multiple Data Sets, Demsar, 2006,
        https://www.jmlr.org/papers/v7/demsar06a.html, section 3.2.2
    """
    blocks: dict[tuple[Any, ...], dict[str, list[pd.Series]]] = {}
    naming: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in found:
        values = with_worst(cell, *cell.arms) if missing == "worst" else cell.values
        whole = values[~np.isnan(values).any(axis=1)]
        if len(cell.arms) < 2 or not len(whole):
            continue
        names = {key: cell.names[key] for key in (*GROUP, "metric") if key not in BLOCK}
        sign = 1 if cell.direction == "min" else -1
        key = (*names.values(), tuple(cell.arms))
        of = blocks.setdefault(key, {})
        means = pd.Series(whole.mean(axis=0) * sign, index=cell.arms)
        of.setdefault(cell.names["data"], []).append(means)
        naming[key] = names
    tables = {
        key: pd.DataFrame([pd.concat(means, axis=1).mean(axis=1) for means in of.values()])
        for key, of in blocks.items()
    }
    return [_ranked(naming[key], table) for key, table in tables.items()]


def critical_difference(arms: int, blocks: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of average ranks, q sqrt(k (k + 1) / (6 N))."""
    from scipy.stats import studentized_range

    q = studentized_range.ppf(1 - alpha, arms, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(arms * (arms + 1) / (6 * blocks)))


def _ranked(names: dict[str, Any], means: pd.DataFrame) -> Ranking:
    from scipy.stats import chi2

    n, k = means.shape
    average = means.rank(axis=1).mean().sort_values()
    statistic = p = smallest = None
    if k >= 3 and n >= 2:
        statistic, p = friedman_test(means.to_numpy())
        smallest = float(chi2.sf(n * (k - 1), k - 1))
    return Ranking(names, average.to_dict(), n, statistic, p, critical_difference(k, n), smallest)
