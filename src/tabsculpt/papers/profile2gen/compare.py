"""Obtained beside published, figure by figure, with a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tabsculpt.papers.profile2gen.figures import WRONG_TARGETS, read_published
from tabsculpt.papers.profile2gen.obtained import Obtained
from tabsculpt.papers.profile2gen.shares import share
from tabsculpt.papers.profile2gen.verdicts import SETTINGS, lower, p_values, rmse
from tabsculpt.papers.verdicts import NOT

VARIANTS = ("published", "corrected")
UNREAD = {
    "rmse_tuned_on_same_set": "no generator was tuned on the set itself",
    "cells": "the size of the grid, not a finding",
    "experiments": "the size of the grid, not a finding",
    "selection_minutes": "measured on another machine",
    "selection_megabytes": "measured on another machine",
    "outliers": "no number is printed",
}
BY_CELL = {"p_value": p_values, "lower": lower, "rmse": rmse}


def compare(rows: pd.DataFrame, found: Obtained) -> pd.DataFrame:
    """Set what was obtained beside every published figure.

    A verdict is "holds", "does not hold" or "not comparable". It holds where:

    - p_value: ours, corrected by the number of pairs that the paper prints in that cell, is on the
      same side of 0.05. If both are below and Appendix M or O.1 says which mean is lower, ours must
      be lower too.
    - lower: the mean of ``first`` is below that of ``second``, by however little; under
      augmentation the mean over the four proportions.
    - rmse: ours, the mean over the twelve predictors, lies within 10 % of it.
    - percentages of cells, and mean changes: see `tabsculpt.papers.profile2gen.shares.share`.

    Not comparable is what was not run or failed, what has fewer than the twelve predictors (and
    four sampling seeds), and every figure by data set of the three corrected sets whose target is
    not that of the authors' files. Corrected sets have another split, too, and lack the row index
    that the authors' files have as a feature.

    Args:
        rows: see `tabsculpt.papers.profile2gen.kept.read_results`.
        found: what `tabsculpt.papers.profile2gen.obtained.obtain` makes of them.

    Returns:
        A row per figure, variant (the authors' files or the corrected sets) and run that has it,
        one at least: the columns of `read_published`; ``variant``; ``obtained``, by the unit of
        ``value`` (lower: the difference in percent of the mean of second); ``n``, pairs of units,
        or cells; ``low`` and ``high``, a 95 % interval where there is one; ``verdict`` and ``why``;
        profiler, predictors, seeds and settings of the run.
    """
    published = read_published()
    records = []
    for variant in VARIANTS:
        mine, of = rows[rows.variant == variant], found.of(variant)
        for figure in published.to_dict("records"):
            names = {"figure": figure["figure"], "variant": variant}
            judged = _judge(figure, variant, mine, of, published)
            records += [{**names, **record} for record in judged]
    beside = published.merge(pd.DataFrame(records), on="figure")
    front = ["variant", "obtained", "n", "low", "high", "verdict", "why"]
    run = [name for name in SETTINGS if name != "evaluation"]
    return beside.reindex(columns=[*published.columns, *front, *run])


def _judge(
    figure: dict[str, Any],
    variant: str,
    rows: pd.DataFrame,
    found: Obtained,
    published: pd.DataFrame,
) -> Iterator[dict[str, Any]]:
    if figure["statistic"] in UNREAD:
        yield {"verdict": NOT, "why": UNREAD[figure["statistic"]]}
        return
    if not figure["dataset"]:
        yield share(figure, found)
        return
    other = _other_target(figure["dataset"], variant)
    records = list(BY_CELL[figure["statistic"]](figure, found, published))
    for record in records or [{"verdict": NOT, "why": _absence(figure, rows)}]:
        yield {**record, **({"verdict": NOT, "why": other} if other else {})}


def _other_target(dataset: str, variant: str) -> str:
    if variant == "published" or dataset not in WRONG_TARGETS:
        return ""
    meant, holds = WRONG_TARGETS[dataset]
    return f"the target is {meant}, that of the paper's files {holds}"


def _absence(figure: dict[str, Any], rows: pd.DataFrame) -> str:
    """Why there is nothing to set beside a figure."""
    mine = rows[rows.base == figure["dataset"]]
    if mine.empty:
        return f"{figure['dataset']} was not run"
    made = mine[mine.generator.str.removesuffix("_paper") == figure["generator"]]
    if made.empty:
        return f"{figure['generator']} was not run on it"
    made = made[made.protocol == figure["protocol"]]
    if made.empty:
        return f"{figure['protocol']} was not run"
    made = pd.concat([made, mine[mine.pipeline == "real"]])
    for arm in (figure["first"], figure["second"]):
        of_arm = made[made.pipeline == arm] if arm else made
        failed = of_arm[of_arm.status != "ok"]
        if of_arm.empty:
            return f"{arm} was not run"
        if len(failed) and not of_arm.value.notna().any():
            reason = failed.reason.dropna()
            return f"{arm} failed" + (f": {reason.iloc[0]}" if len(reason) else "")
    return "no unit has a value of both"
