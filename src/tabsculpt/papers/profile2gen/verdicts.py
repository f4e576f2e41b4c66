"""Verdicts on the paper's figures by data set and generator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tabsculpt.analysis.comparisons import ALPHA
from tabsculpt.papers.profile2gen.figures import PROPORTIONS
from tabsculpt.papers.profile2gen.obtained import RUN, UNITS, Obtained
from tabsculpt.papers.verdicts import FAILS, HOLDS, NOT

TOLERANCE = 10.0
"""Percent within which an RMSE counts as that of the paper."""
SETTINGS = [name for name in RUN if name not in ("variant", "dataset", "generator")]
"""What tells several runs of one figure apart."""


def p_values(
    figure: dict[str, Any], found: Obtained, published: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Same side of 0.05, and the same direction where the paper gives one.

    Args:
        figure: a row of ``published``.
        found: of one variant.
        published: all figures, for the pairs printed in the same cell and what is said of them.
    """
    names = ["protocol", "dataset", "generator", "proportion"]
    runs = same(found.pairs, figure, [*names, "first", "second"])
    if runs.empty:
        return
    corrected_by = len(same(published, figure, ["statistic", *names]))
    phrase = _said_lower(figure, published)
    for run in runs.to_dict("records"):
        p = min(1.0, run["p"] * corrected_by)
        ours, theirs = p <= ALPHA, figure["value"] <= ALPHA
        lower = figure["second"] if run["change"] < 0 else figure["first"]
        directed = f", {lower} lower" if ours else ""
        if ours and theirs and phrase:
            directed += f", the paper says {phrase}"
        agrees = ours == theirs and not (ours and phrase and lower != phrase)
        why = f"{'significant' if ours else 'not significant'}{directed}"
        yield _record(run, p, agrees, why, too_few(run["n"], figure["protocol"]))


def lower(
    figure: dict[str, Any], found: Obtained, published: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """The mean of first is below that of second; over the proportions under augmentation."""
    of_rmse = figure["metric"] == "rmse"
    table = found.means if of_rmse else found.distances
    mine = same(table, figure, ["protocol", "dataset", "generator"]).fillna({"proportion": 0.0})
    expected = len(PROPORTIONS) if figure["protocol"] == "augmentation" else 1
    pair = [figure["first"], figure["second"]]
    for keys, cells in mine.groupby(SETTINGS, dropna=False):
        arms = cells.pivot_table(index="proportion", columns="arm", values="mean")
        if not set(pair) <= set(arms):
            continue
        both = arms[pair].dropna()
        few = f"{len(both)} of {expected} proportions" if len(both) < expected else ""
        run = {**dict(zip(SETTINGS, keys, strict=True)), "n": int(cells.n.min())}
        few = few or (too_few(run["n"], figure["protocol"]) if of_rmse else "")
        one, other = both.mean()
        why = f"{one:.4g} against {other:.4g}"
        yield _record(run, 100 * (one / other - 1), one < other, why, few)


def rmse(
    figure: dict[str, Any], found: Obtained, published: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """The mean over predictors lies within `TOLERANCE` of the printed one."""
    mine = same(found.means, figure, ["protocol", "dataset", "generator"])
    for run in mine[mine.arm == figure["first"]].to_dict("records"):
        off = 100 * (run["mean"] / figure["value"] - 1)
        few = too_few(run["n"], figure["protocol"])
        yield _record(run, run["mean"], abs(off) <= TOLERANCE, f"{off:+.0f} %", few)


def same(table: pd.DataFrame, figure: dict[str, Any], names: list[str]) -> pd.DataFrame:
    """The rows of a table that agree with a figure in some columns; NaN agrees with NaN."""
    for name in names:
        if name == "proportion":
            table = table[table[name].fillna(0).round(3) == _number(figure[name])]
        else:
            table = table[table[name] == figure[name]]
    return table


def too_few(n: float, protocol: str) -> str:
    """Why a cell of so many pairs of units cannot stand beside the paper's; empty if it can."""
    full = UNITS[protocol]
    if n == full:
        return ""
    unit = "predictors" if protocol == "tstr" else "pairs of predictor and sampling seed"
    return f"{n:.0f} {unit}, the paper has {full}"


def _number(proportion: float) -> float:
    return 0.0 if pd.isna(proportion) else round(proportion, 3)


def _said_lower(figure: dict[str, Any], published: pd.DataFrame) -> str:
    """Which of the pair the paper's words put lower; empty where they do not say."""
    claims = published[(published.statistic == "lower") & (published.metric == "rmse")]
    claims = same(claims, figure, ["protocol", "dataset", "generator"])
    pair = {figure["first"], figure["second"]}
    phrase = [c for c in claims.itertuples() if {c.first, c.second} == pair]
    return str(phrase[0].first) if phrase else ""


def _record(
    run: dict[str, Any], obtained: float, agrees: bool, why: str, few: str
) -> dict[str, Any]:
    verdict = NOT if few else HOLDS if agrees else FAILS
    settings = {name: run[name] for name in SETTINGS}
    return {
        **settings,
        "obtained": obtained,
        "n": run["n"],
        "verdict": verdict,
        "why": few or why,
    }
