"""What results say of the figures that a paper prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.estimates import Estimate, Verdict
from tabsculpt.analysis.pairs import pooled
from tabsculpt.papers.arms import fixed, with_arms
from tabsculpt.papers.cells import groups, where
from tabsculpt.papers.source import Paper
from tabsculpt.papers.verdicts import FAILS, HOLDS, NOT, UNKNOWN

LEVEL, DIFFERENCE, PERCENT = "level", "difference", "percent"
SAID = {"better": Verdict.BETTER, "equal": Verdict.EQUAL, "worse": Verdict.WORSE}
"""Units of what is said in words."""


def claims(paper: Paper) -> pd.DataFrame:
    """The figures of a paper that say something of two arms: those printed so, and orders.

    Printed levels are of data that we may not have; which of two arms has the better one can still
    be asked. Each pair that ``ordered`` of the paper names is a claim on every metric and data set,
    with the mean difference over the levels that are printed of both.
    """
    figures = paper.figures()
    printed = figures[figures.unit != LEVEL]
    levels = figures[figures.unit == LEVEL]
    derived = [
        _order(levels[levels.metric == metric], *pair)
        for metric in dict.fromkeys(levels.metric)
        for pair in _pairs(paper, list(dict.fromkeys(levels["first"])))
    ]
    return pd.DataFrame([*printed.to_dict("records"), *derived], columns=printed.columns)


def judge(paper: Paper, rows: pd.DataFrame) -> pd.DataFrame:
    """Every claim of a paper beside what result rows say of it.

    Differences, intervals and verdicts between two arms are those of
    `tabsculpt.analysis.pairs.pooled`, over the steps of a protocol that the figure does not fix.
    A claim holds where our verdict is what the paper says: better, where it says so or prints a
    difference beyond the region of practical equivalence, practically equal where it prints one
    within it. It does not hold where our verdict is another one, or is "not enough data" and the
    printed difference, of a data set that is ours too, lies outside our 95 % interval; otherwise
    the claim's is "not enough data" as well.

    Args:
        paper: whose figures.
        rows: see `tabsculpt.results.Row`.

    Returns:
        A row per claim and group of cells that has both arms, one at least: the columns of
        `Paper.figures`; ``data``, the data set; ``other``, what else the cells hold fixed;
        ``ours`` with ``low`` and ``high``, in the unit of ``value``; ``splits``; ``theirs``, what
        the paper says of first, and ``conclusion``, what ours do; ``verdict`` and ``why``.
    """
    named = with_arms(rows, paper.arms) if len(rows) else rows
    found = []
    for figure in claims(paper).to_dict("records"):
        judged = list(_judged(figure, paper, named))
        found += [{**figure, **one} for one in judged or [_absent(figure, named)]]
    return pd.DataFrame(found)


def _judged(figure: dict[str, Any], paper: Paper, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    if rows.empty:
        return
    mine = fixed(rows, figure["where"])
    if figure["dataset"]:
        mine = mine[mine.dataset == figure["dataset"]]
    for group in groups(mine, figure["metric"]):
        found = pooled(group.cells, figure["first"], figure["second"])
        if found is not None:
            yield {**where(group), **_verdict(figure, found, group.cells[0].direction)}


def _verdict(figure: dict[str, Any], found: Estimate, direction: str) -> dict[str, Any]:
    scale = _scale(figure, found, direction)
    ends = sorted((found.over.low * scale, found.over.high * scale))
    theirs = _said(figure, found, scale, direction)
    value = figure["value"] if figure["dataset"] else float("nan")  # of other data, the side alone
    outside = not ends[0] <= value <= ends[1] and not np.isnan(value)
    if found.verdict == theirs:
        verdict = HOLDS
    else:
        verdict = UNKNOWN if found.verdict == Verdict.UNKNOWN and not outside else FAILS
    return {
        "ours": found.over.mean * scale,
        "low": ends[0],
        "high": ends[1],
        "splits": found.over.splits,
        "theirs": str(theirs),
        "conclusion": found.words,
        "verdict": verdict,
        "why": "the printed value lies outside our interval" if outside else "",
    }


def _scale(figure: dict[str, Any], found: Estimate, direction: str) -> float:
    """What turns first less second into the unit of the figure: a percentage is a gain."""
    if figure["unit"] != PERCENT:
        return 1.0
    base = abs(float(np.mean(found.values[:, 1])))
    return (100 if direction == "max" else -100) / base if base else float("nan")


def _said(figure: dict[str, Any], found: Estimate, scale: float, direction: str) -> Verdict:
    """What the paper says of the first arm, in the words of a verdict."""
    if figure["unit"] in SAID:
        return SAID[figure["unit"]]
    value = figure["value"] / scale
    if abs(value) <= found.rope:
        return Verdict.EQUAL
    return Verdict.BETTER if (value > 0) == (direction == "max") else Verdict.WORSE


def _absent(figure: dict[str, Any], rows: pd.DataFrame) -> dict[str, Any]:
    """Why there is nothing beside a figure."""
    named = figure["dataset"]
    mine = rows if rows.empty or not named else rows[rows.dataset == named]
    if mine.empty:
        why = f"{named} was not run" if named else "nothing was run"
    else:
        there = set(mine[mine.value.notna()].pipeline)
        lacking = [arm for arm in (figure["first"], figure["second"]) if arm not in there]
        ran = set(mine.pipeline)
        words = [f"{arm} {'has no value' if arm in ran else 'was not run'}" for arm in lacking]
        why = ", ".join(words) or "no unit has a value of both"
    return {"data": named, "other": "", "verdict": NOT, "why": why}


def _pairs(paper: Paper, arms: Sequence[str]) -> list[tuple[str, str]]:
    """The arms whose printed order is a claim."""
    if len(paper.ordered) == 1:
        [one] = paper.ordered
        return [(one, other) for other in arms if other != one]
    return [
        (first, second)
        for place, first in enumerate(paper.ordered)
        for second in paper.ordered[place + 1 :]
    ]


def _order(levels: pd.DataFrame, first: str, second: str) -> dict[str, Any]:
    """The mean difference of two arms over the printed levels of both, as a figure."""
    keys = ["place", "dataset", "where", "doubt"]
    both = levels[levels["first"].isin([first, second])]
    wide = both.pivot_table(index=keys, columns="first", values="value").dropna()
    value = float((wide[first] - wide[second]).mean())
    place, _, _, doubt = wide.index[0]
    over = f", mean over {len(wide)} levels" if len(wide) > 1 else ""
    return {
        "place": f"{place}{over}",
        "metric": levels.metric.iloc[0],
        "dataset": "",
        "where": "",
        "first": first,
        "second": second,
        "unit": DIFFERENCE,
        "printed": f"{value:+.3g}",
        "doubt": doubt,
        "value": value,
    }
