"""Figures over data sets: share of significant pairs, ranks, and what it all cost."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tabsculpt.analysis.comparisons import ALPHA, share_different
from tabsculpt.analysis.costs import cost_table
from tabsculpt.analysis.estimates import Verdict
from tabsculpt.analysis.rankings import Ranking
from tabsculpt.report.figure import Axis, Bars, Bracket, Figure, Mark, Points
from tabsculpt.report.significance import published_words
from tabsculpt.results import PHASES

HELD = ("protocol", "generator", "profiler", "predictors", "evaluation", "device", "metric")
"""What a ranking over data sets holds fixed."""


def significant(tests: pd.DataFrame) -> Iterator[Figure]:
    """In which share of the cells each pair of arms differs."""
    if tests.empty:
        return
    shares = share_different(tests)
    for (protocol, metric), mine in shares.groupby(["protocol", "metric"], sort=False):
        if not (mine[["better", "worse", "equal", "published"]] > 0).any(axis=None):
            continue
        names = [f"{row.first} / {row.second}" for row in mine.itertuples()]
        least, most = int(mine.cells.min()), int(mine.cells.max())
        cells = f"{most if least == most else f'{least} to {most}'} cells per pair"
        cell = tests[(tests.protocol == protocol) & (tests.metric == metric)]
        few = int((cell.verdict == Verdict.UNKNOWN).sum())
        yield Figure(
            "significant",
            "Pairs of pipelines that differ",
            {"protocol": str(protocol), "metric": str(metric)},
            Axis("cells (%)", span=(0.0, 100.0)),
            Axis("pair", "category", tuple(names)),
            (
                Bars("better or worse", (100 * (mine.better + mine.worse)).tolist(), names),
                Bars("practically equal", (100 * mine.equal).tolist(), names),
                Bars(f"p_published < {ALPHA:g}", (100 * mine.published).tolist(), names),
            ),
            f"A cell is a data set, generator and proportion; {cells} ran. {few} of {len(cell)} "
            f"comparisons have not enough data for a verdict; {int(cell.n_missing.sum())} pairs of "
            f"values failed or were never run. p_published: {published_words('all units')}.",
        )


def no_verdict(tests: pd.DataFrame) -> str:
    """The text where no pair of pipelines differs, by any count."""
    if tests.empty:
        return "no two pipelines share a split and a predictor."
    return f"none in {len(tests)} comparisons, which have not enough data for a verdict."


def ranks(ranked: list[Ranking]) -> Iterator[Figure]:
    """Critical-difference diagrams: average ranks, with bars beside those that do not differ."""
    for one in ranked:
        if one.n_blocks < 2:
            continue
        arms = list(one.ranks)
        names = one.names
        friedman = "" if one.p is None else f"Friedman p = {one.p:.3g}. "
        yield Figure(
            "ranks",
            "Average ranks over data sets",
            {
                key: " ".join(filter(None, [names[key], names.get(f"{key}_settings", "")]))
                for key in HELD
            },
            Axis("average rank (1 is best)"),
            Axis("pipeline", "category", tuple(arms)),
            (
                *(Points(arm, [one.ranks[arm]], [arm]) for arm in arms),
                *_cliques(arms, [one.ranks[arm] for arm in arms], one.critical_difference),
            ),
            f"Bars join pipelines whose ranks differ by less than {one.critical_difference:.2f} "
            f"(Nemenyi, 5 %). {friedman}{one.n_blocks} data sets ran with every pipeline; others "
            "are left out.",
        )


def costs(rows: pd.DataFrame) -> Iterator[Figure]:
    """Seconds and peak memory of a job by phase, for each generator and arm."""
    table = cost_table(rows)
    if table.empty:
        return
    for dataset in ("all", *dict.fromkeys(table.dataset)):
        mine = table if dataset == "all" else table[table.dataset == dataset]
        named = (mine.generator.replace("none", "") + " " + mine.arm).str.strip()
        for what in ("seconds", "peak_mb"):
            columns = [f"{what}_{phase}" for phase in PHASES]
            means = mine.groupby(named, sort=False)[columns].mean()
            means = means.loc[means.sum(axis=1).sort_values(ascending=False).index].head(40)
            names = list(map(str, means.index))
            seconds = what == "seconds"
            words = "time of a job (s, wall clock)" if seconds else "peak memory by phase (MB)"
            yield Figure(
                "cost",
                "Cost of a job",
                {"dataset": dataset, "of": "time" if seconds else "memory"},
                Axis(words),
                Axis("generator and pipeline", "category", tuple(names)),
                tuple(
                    Bars(phase, means[f"{what}_{phase}"].tolist(), names, stacked=seconds)
                    for phase in PHASES
                    if means[f"{what}_{phase}"].notna().any()
                ),
                f"Means over {len(mine)} jobs, by phase; what was in the store counts as it cost "
                f"when it was computed. {int((mine.not_ok == 0).sum())} jobs ran, "
                f"{int((mine.not_ok > 0).sum())} failed in part or whole.",
            )


def _cliques(arms: list[str], ranks: list[float], critical: float) -> list[Mark]:
    found: list[Mark] = []
    reached = -1
    for start in range(len(arms)):
        end = max(i for i in range(len(arms)) if ranks[i] - ranks[start] < critical)
        if end > start and end > reached:
            found.append(Bracket(arms[start], arms[end], len(found)))
            reached = end
    return found
