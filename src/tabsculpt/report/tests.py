"""Tests of arms, their ranks over data sets and the sources of variance, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.report.by_step import HEADLINE
from tabsculpt.stats.cells import Missing
from tabsculpt.stats.comparisons import ALPHA, compare_arms, share_significant
from tabsculpt.stats.ranks import Ranked, rank_arms
from tabsculpt.stats.variance import SOURCES, variance_shares
from tabsculpt.table import Task


def show_tests(rows: pd.DataFrame, metric: str | None, missing: Missing, console: Console) -> None:
    """Print what the results allow to be said of each pair of arms.

    Args:
        rows: result rows.
        metric: its name; None for the headline metric of each task.
        missing: see `tabsculpt.stats.cells.cells`.
        console: where to.
    """
    for name in [metric] if metric else _headlines(rows):
        tests = compare_arms(rows, name, missing)
        if tests.empty:
            console.print(f"{name}: no two arms share their data set, predictors and seeds")
            continue
        for table in pair_tables(tests):
            console.print(table)
        console.print(share_table(share_significant(tests)))
        for ranked in rank_arms(rows, name, missing):
            if ranked.n_blocks > 1:
                console.print(_ranks(ranked))
        for line in _variance(rows, name):
            console.print(line, markup=False)


def pair_tables(tests: pd.DataFrame) -> Iterator[RichTable]:
    """A table per data set, generator, profiler and protocol: each pair of arms a row."""
    keys = ["dataset", "generator", "profiler", "protocol", "metric"]
    for names, mine in tests.groupby(keys, sort=False):
        pairs = mine[mine.test == "wilcoxon"]
        first = pairs.iloc[0]
        table = RichTable(title=escape(" ".join(map(str, names))), title_justify="left")
        steps = [s for s in ("proportion", "round") if pairs[s].notna().any()]
        for name in (*steps, "first", "second", "n", "difference", "effect", "p", "holm", "says"):
            table.add_column(name, no_wrap=True, justify="left" if "s" in name else "right")
        for pair in pairs.itertuples():
            table.add_row(*(f"{getattr(pair, s):g}" for s in steps), *_pair(pair))
        overall = mine[mine.test == "kruskal_wallis"]
        table.caption = (
            f"paired by {first.unit}; difference: first less second, Hodges-Lehmann with 95 % "
            f"interval of the test; effect: rank-biserial; p: Wilcoxon signed-rank, and Holm's "
            f"correction over the pairs of a cell; Kruskal-Wallis over the arms: p = "
            f"{', '.join(f'{p:.2g}' for p in overall.p)}. {first.caution}."
        )
        table.caption_justify = "left"
        yield table


def share_table(shares: pd.DataFrame) -> RichTable:
    """The share of cells in which each pair differs, as figure 7 of Profile2Gen has it."""
    table = RichTable(title=f"share of cells with p < {ALPHA:g}", title_justify="left")
    for name in ("protocol", "first", "second", "cells", "Bonferroni", "Holm", "second better"):
        table.add_column(name, no_wrap=True)
    for row in shares.itertuples():
        numbers = (row.bonferroni, row.holm, row.second_better)
        percent = [f"{100 * share:.0f} %" for share in numbers]
        names = map(str, (row.protocol, row.first, row.second))
        table.add_row(*names, str(row.cells), *percent)
    whole = shares.drop_duplicates("protocol")
    table.caption = "Kruskal-Wallis over the arms: " + ", ".join(
        f"{100 * row.kruskal_wallis:.0f} % of the cells of {row.protocol}"
        for row in whole.itertuples()
    )
    table.caption_justify = "left"
    return table


def _headlines(rows: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(HEADLINE[Task(task)] for task in rows.task.unique()))


def _pair(pair: Any) -> list[str]:
    said = "no difference shown"
    if not pair.reachable:
        said = f"{pair.n} pairs cannot show one"
    elif pair.p_holm < ALPHA:
        said = f"{pair.better} better"
    zeros = f" (+{pair.n_zero} alike)" if pair.n_zero else ""
    dropped = f" (-{pair.n_dropped} failed)" if pair.n_dropped else ""
    return [
        pair.first,
        pair.second,
        f"{pair.n}{zeros}{dropped}",
        f"{pair.hodges_lehmann:+.3g} ({pair.low:+.3g} to {pair.high:+.3g})",
        f"{pair.effect:+.2f}",
        f"{pair.p:.4f}",
        f"{pair.p_holm:.4f}",
        said,
    ]


def _ranks(ranked: Ranked) -> str:
    names = ranked.names
    order = ", ".join(f"{arm} {rank:.2f}" for arm, rank in ranked.ranks.items())
    test = ""
    if ranked.p is not None:
        test = f"Friedman p = {ranked.p:.3g} (smallest possible {ranked.smallest_p:.1g}), "
    return (
        f"ranks of {names['generator']} {names['profiler']} {names['protocol']} over "
        f"{ranked.n_blocks} data sets: {order}; {test}"
        f"critical difference {ranked.critical_difference:.2f} (Nemenyi, 5 %)"
    )


def _variance(rows: pd.DataFrame, metric: str) -> Iterator[str]:
    for row in variance_shares(rows, metric).to_dict("records"):
        shares = [f"{s} {100 * row[s]:.0f} %" for s in SOURCES if pd.notna(row[s])]
        if not shares or pd.isna(row["residual"]):
            continue
        rest = "" if row["balanced"] else "; not balanced, so the shares overlap"
        yield (
            f"variance of {metric}, {row['dataset']} {row['generator']} {row['protocol']}: "
            f"{', '.join(shares)}, residual {100 * row['residual']:.0f} %{rest}"
        )
