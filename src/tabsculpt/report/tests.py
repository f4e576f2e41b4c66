"""Tests of arms, their ranks over data sets and the sources of variance, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.columns import CELL, HEADLINE, STEP
from tabsculpt.analysis.comparisons import ALPHA, Missing, compare_cells, share_significant
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.rankings import Ranking, rankings
from tabsculpt.analysis.shares import SOURCES, variance_shares
from tabsculpt.report.numbers import column, number


def show_tests(rows: pd.DataFrame, metric: str | None, missing: Missing, console: Console) -> None:
    """Print what the results allow to be said of each pair of arms.

    Args:
        rows: result rows.
        metric: its name; None for the headline metric of each task.
        missing: see `tabsculpt.analysis.comparisons.comparisons`.
        console: where to.
    """
    found = Measurements.of(rows)
    for name in [metric] if metric else _headlines(rows):
        cells = list(found.cells(name))
        tests = compare_cells(cells, missing)
        if tests.empty:
            console.print(f"{name}: no two arms share their data set, predictors and seeds")
            continue
        for table in pair_tables(tests):
            console.print(table)
        console.print(share_table(share_significant(tests)))
        for ranked in rankings(cells, missing):
            if ranked.n_blocks > 1:
                console.print(_ranks(ranked))
        for line in _variance(found, name):
            console.print(line, markup=False)


def pair_tables(tests: pd.DataFrame) -> Iterator[RichTable]:
    """A table per data set, generator, profiler and protocol: each pair of arms a row."""
    keys = [*(name for name in CELL if name not in STEP), "metric"]
    for names, pairs in tests.groupby(keys, sort=False):
        held = dict(zip(keys, names, strict=True))
        table = RichTable(title=escape(_title(held)), title_justify="left")
        steps = [step for step in STEP if pairs[step].notna().any()]
        texts = ("first", "second", "conclusion")
        heads = ("first", "second", "n", "mean of each", "difference", "effect", "p", "p (Holm)",
                 "conclusion")  # fmt: skip
        for name in (*steps, *heads):
            table.add_column(name, no_wrap=True, justify="left" if name in texts else "right")
        for pair in pairs.itertuples():
            table.add_row(*(f"{getattr(pair, step):g}" for step in steps), *_pair(pair))
        table.caption = _caption(pairs)
        table.caption_justify = "left"
        yield table


def _title(names: dict[str, Any]) -> str:
    parts = [names["dataset"], names["metric"]]
    for part in ("generator", "profiler", "protocol"):
        parts.append(" ".join(filter(None, [part, names[part], names[f"{part}_settings"]])))
    return ", ".join(parts)


def _caption(pairs: pd.DataFrame) -> str:
    first = pairs.iloc[0]
    overall = pairs.drop_duplicates(list(CELL)).overall_p
    missing = _missing(pairs)
    said = [
        f"{first.predictors} predictors, {first.evaluation}",
        f"n: units that both pipelines have ({first.unit})",
        f"not among them: {missing}" if missing else "",
        "difference: first less second, Hodges-Lehmann with 95 % bootstrap interval",
        "effect: rank-biserial, -1 to 1",
        "p: Wilcoxon signed-rank, and Holm's correction over the pairs of a table and step",
        f"Kruskal-Wallis over all pipelines: p = {', '.join(number(p) for p in overall)}",
        str(first.caution),
    ]
    return f"{'; '.join(filter(None, said))}."


def _missing(pairs: pd.DataFrame) -> str:
    """Why units are missing from some pairs, by pipeline: the most of any pair."""
    kinds = {"failed": "failed", "not_run": "never run"}
    most: dict[tuple[str, str], int] = {}
    for pair in pairs.to_dict("records"):
        for kind, side in ((kind, side) for kind in kinds for side in ("first", "second")):
            key = (pair[side], kind)
            most[key] = max(most.get(key, 0), int(pair[f"{kind}_{side}"]))
    return ", ".join(f"{n} of {arm} {kinds[kind]}" for (arm, kind), n in most.items() if n)


def share_table(shares: pd.DataFrame) -> RichTable:
    """The share of cells in which each pair differs, as figure 7 of Profile2Gen has it."""
    table = RichTable(title="How often each pair of pipelines differs", title_justify="left")
    heads = ("protocol", "first", "second", "cells", f"p < {ALPHA:g} (Bonferroni)",
             f"p < {ALPHA:g} (Holm)", "second better")  # fmt: skip
    for name in heads:
        table.add_column(name, justify="left" if name in heads[:3] else "right")
    for row in shares.itertuples():
        numbers = (row.bonferroni, row.holm, row.second_better)
        percent = [f"{100 * share:.0f} %" for share in numbers]
        names = map(str, (row.protocol, row.first, row.second))
        table.add_row(*names, str(row.cells), *percent)
    whole = shares.drop_duplicates("protocol")
    overall = ", ".join(
        f"in {100 * row.kruskal_wallis:.0f} % of the cells of {row.protocol}"
        for row in whole.itertuples()
    )
    table.caption = (
        "a cell is a data set, generator, profiler, protocol and proportion or round; second "
        "better: in which share of the cells the second pipeline has the better location, with "
        f"whatever p; Kruskal-Wallis over all pipelines: p < {ALPHA:g} {overall}"
    )
    table.caption_justify = "left"
    return table


def _headlines(rows: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(HEADLINE[task] for task in rows.task.unique()))


def _pair(pair: Any) -> list[str]:
    said = "no difference shown"
    if not pair.reachable:
        said = f"{pair.n} pairs cannot show one"
    elif pair.p_holm < ALPHA:
        said = f"{pair.better} better"
    alike = f" ({pair.n_zero} alike)" if pair.n_zero else ""
    means = column((pair.mean_first, pair.mean_second))
    difference, low, high = column((pair.hodges_lehmann, pair.low, pair.high), sign=True)
    return [
        pair.first,
        pair.second,
        f"{pair.n}{alike}",
        " / ".join(means),
        f"{difference} ({low} to {high})",
        f"{pair.effect:+.2f}",
        number(pair.p),
        number(pair.p_holm),
        said,
    ]


def _ranks(ranked: Ranking) -> str:
    names = ranked.names
    order = ", ".join(f"{arm} {rank:.2f}" for arm, rank in ranked.ranks.items())
    test = ""
    if ranked.p is not None:
        test = f"Friedman p = {ranked.p:.3g} (smallest possible {ranked.smallest_p:.1g}), "
    made = [names["generator"], names["profiler"], names["protocol"]]
    return (
        f"ranks of {' '.join(made)} ({names['predictors']}, {names['evaluation']}) over "
        f"{ranked.n_blocks} data sets: {order}; {test}"
        f"critical difference {ranked.critical_difference:.2f} (Nemenyi, 5 %)"
    )


def _variance(found: Measurements, metric: str) -> Iterator[str]:
    """Where the variance comes from; said only where two sources or more could be told apart."""
    for row in variance_shares(found, metric).to_dict("records"):
        shares = [f"{s} {100 * row[s]:.0f} %" for s in SOURCES if pd.notna(row[s])]
        if len(shares) < 2 or not _repeated(row):
            continue
        rest = f"residual {100 * row['residual']:.0f} %"
        if not row["balanced"]:
            rest = "not every combination was run, so the shares overlap"
        yield (
            f"variance of {metric}, {row['dataset']} {row['generator']} {row['profiler']} "
            f"{row['protocol']} ({row['evaluation']}): {', '.join(shares)}; {rest}"
        )


def _repeated(row: dict[str, Any]) -> bool:
    """Whether splits, fits or draws were repeated: without, the shares are those of one run."""
    return any(pd.notna(row[source]) for source in ("split", "profiler and fit", "sampling"))
