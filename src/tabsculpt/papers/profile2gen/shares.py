"""Verdicts on the paper's percentages over all data sets and generators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.comparisons import ALPHA
from tabsculpt.papers.profile2gen.figures import ARMS
from tabsculpt.papers.profile2gen.obtained import CELL, UNITS, Obtained
from tabsculpt.papers.verdicts import FAILS, HOLDS, NOT

FEWEST = 10
"""Cells below which a percentage is not compared."""
PAIRS = 6
UNKNOWN = (float("nan"), float("nan"))
ROUNDING = 0.5
"""Percent: the paper prints whole ones."""


def share(figure: dict[str, Any], found: Obtained) -> dict[str, Any]:
    """A percentage or a mean change beside ours.

    Holds where the printed number, give or take half a percent, lies in the 95 % interval of ours:
    Clopper-Pearson's for shares of cells, Student's for means over cells. Cells share data sets and
    fits, so both are narrower than they should be. "Up to" holds where any cell has a reduction.
    Not comparable below ten cells. Cells count that have the twelve predictors (and four sampling
    seeds) and all four arms; Wilcoxon tests count in cells where the Kruskal-Wallis test is
    significant, after which the paper does them, and are corrected for six pairs.

    Args:
        figure: a row of the published figures without a data set.
        found: of one variant.
    """
    values = _values(figure, found)
    n = len(values)
    if figure["statistic"] == "largest_reduction" and n:
        best = float(values.max())
        return _record(n, best, UNKNOWN, best > 0, "the largest of all cells")
    if not n:
        return _record(0, np.nan, UNKNOWN, False, "")
    obtained, interval = _estimate(values)
    inside = interval[0] - ROUNDING <= figure["value"] <= interval[1] + ROUNDING
    return _record(n, obtained, interval, inside, "")


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of cells with all the paper's units."""
    return table[table.n == table.protocol.map(UNITS)]


def significant_cells(found: Obtained) -> pd.DataFrame:
    """The complete cells of four arms, with ``differ``: the Kruskal-Wallis test says so."""
    overall = complete(found.overall)
    return overall[overall.arms == len(ARMS)].assign(differ=lambda t: t.p <= ALPHA)


def pair_tests(found: Obtained) -> pd.DataFrame:
    """The Wilcoxon tests in cells of four arms: ``significant`` (of six pairs) and ``differ``."""
    cells = significant_cells(found)[[*CELL, "differ"]]
    tests = complete(found.pairs).merge(cells, on=CELL)
    return tests.assign(significant=tests.p * PAIRS <= ALPHA)


def _values(figure: dict[str, Any], found: Obtained) -> pd.Series:
    """One value for each cell: yes or no, or a percentage."""
    statistic, protocol = figure["statistic"], figure["protocol"]
    if statistic == "share_dropped":
        return found.dropped.percent
    if statistic == "share_kruskal_wallis":
        cells = significant_cells(found)
        return cells[cells.protocol == protocol].differ
    if statistic == "share_best":
        means = complete(found.means)
        means = means[(means.protocol == protocol) & means.arm.isin(ARMS[1:])]
        table = means.pivot_table(index=CELL, columns="arm", values="mean", dropna=False)
        table = table.dropna()
        return table.idxmin(axis=1) == figure["first"]
    tests = pair_tests(found)
    tests = tests[tests.protocol == protocol]
    if statistic == "share_wilcoxon":
        return tests[tests.differ & _is_pair(tests, figure)].significant
    mine = tests[_is_pair(tests, figure)]
    if statistic == "share_not_better":
        return mine.change >= 0
    return -mine.change


def _is_pair(tests: pd.DataFrame, figure: dict[str, Any]) -> pd.Series:
    wanted = {frozenset([figure["first"], other]) for other in figure["second"].split("+")}
    return pd.Series(
        [frozenset(pair) in wanted for pair in zip(tests["first"], tests.second, strict=True)],
        index=tests.index,
        dtype=bool,
    )


def _estimate(values: pd.Series) -> tuple[float, tuple[float, float]]:
    from scipy.stats import binomtest, t

    n = len(values)
    if values.dtype == bool:
        low, high = binomtest(int(values.sum()), n).proportion_ci()
        return 100 * float(values.mean()), (100 * float(low), 100 * float(high))
    mean = float(values.mean())
    if n == 1:
        return mean, UNKNOWN
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return mean, (mean - half, mean + half)


def _record(
    n: int, obtained: float, interval: tuple[float, float], agrees: bool, why: str
) -> dict[str, Any]:
    few = f"{n} cell{'s' * (n != 1)}" if n < FEWEST else ""
    return {
        "obtained": obtained,
        "n": n,
        "low": interval[0],
        "high": interval[1],
        "verdict": NOT if few else HOLDS if agrees else FAILS,
        "why": few or why or f"{n} cells",
    }
