"""Tests of arms, their ranks over data sets and the sources of variance, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.by_predictor import predictor_table
from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import CELL, HEADLINE, STEP
from tabsculpt.analysis.comparisons import ALPHA, compare_cells, share_different
from tabsculpt.analysis.estimates import LEAST_SPLITS, PUBLISHED_FALSE_ALARMS, ROPE, SURE
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.multiplicity import multiplicity
from tabsculpt.analysis.over_datasets import OverDatasets, over_datasets
from tabsculpt.analysis.pairs import Missing
from tabsculpt.analysis.rankings import Ranking, rankings
from tabsculpt.analysis.shares import SOURCES, variance_shares
from tabsculpt.report.numbers import column, number
from tabsculpt.report.predictor_tables import predictor_tables


def show_tests(
    rows: pd.DataFrame,
    metric: str | None,
    missing: Missing,
    console: Console,
    rope: float = ROPE,
) -> None:
    """Print what the results allow to conclude of each pair of arms.

    Args:
        rows: result rows.
        metric: its name; None for the headline metric of each task.
        missing: see `tabsculpt.analysis.comparisons.comparisons`.
        console: where to.
        rope: region of practical equivalence, as a share of the real baseline's mean.
    """
    found = Measurements.of(rows)
    for name in [metric] if metric else _headlines(rows):
        cells = list(found.cells(name))
        tests = compare_cells(cells, missing, rope)
        if cells and not any(cell.direction for cell in cells):
            console.print(f"{name}: neither a high nor a low value is good, so no arm is better")
            continue
        if tests.empty:
            console.print(f"{name}: no two arms share their data set, predictors and seeds")
            continue
        for table in pair_tables(tests, rope):
            console.print(table)
        for table in predictor_tables(predictor_table(cells, missing, rope)):
            console.print(table)
        console.print(share_table(share_different(tests)))
        console.print(f"{multiplicity(tests).phrases}.")
        for ranked in rankings(cells, missing):
            if ranked.n_blocks > 1:
                console.print(_ranks(ranked))
        for pair in over_datasets(cells, rope):
            console.print(_over(pair), markup=False)
        for line in _variance(found, name):
            console.print(line, markup=False)


def tests_record(
    rows: pd.DataFrame, metric: str | None, missing: Missing, rope: float
) -> list[dict[str, Any]]:
    """What `show_tests` prints, as values, a record for each metric; arguments as there."""
    found = Measurements.of(rows)
    records = []
    for name in [metric] if metric else _headlines(rows):
        cells = list(found.cells(name))
        tests = compare_cells(cells, missing, rope)
        records.append(
            {
                "metric": name,
                "pairs": tests,
                "shares": [] if tests.empty else share_different(tests),
                "multiplicity": None if tests.empty else multiplicity(tests),
                "ranks": rankings(cells, missing),
                "over_datasets": [
                    {**asdict(pair), "verdict": pair.verdict} for pair in over_datasets(cells, rope)
                ],
                "variance": variance_shares(found, name),
            }
        )
    return records


def pair_tables(tests: pd.DataFrame, rope: float = ROPE) -> Iterator[RichTable]:
    """A table per data set, generator, profiler and protocol: each pair of arms a row."""
    keys = [*(name for name in CELL if name not in STEP), "metric"]
    for names, pairs in tests.groupby(keys, sort=False):
        held = dict(zip(keys, names, strict=True))
        table = RichTable(title=escape(_title(held)), title_justify="left")
        steps = [step for step in STEP if pairs[step].notna().any()]
        texts = ("first", "second", "the first is")
        heads = ("first", "second", "splits x fits", "mean of each", "difference", "p (Holm)",
                 "the first is", "p_published")  # fmt: skip
        for name in (*steps, *heads):
            side = "left" if name in texts else "right"
            table.add_column(name, no_wrap=name != "the first is", justify=side)  # type: ignore[arg-type]
        for pair in pairs.itertuples():
            table.add_row(*(f"{getattr(pair, step):g}" for step in steps), *_pair(pair))
        table.caption = _caption(pairs, rope)
        table.caption_justify = "left"
        yield table


def _title(names: dict[str, Any]) -> str:
    parts = [names["dataset"], names["metric"]]
    for part in ("generator", "profiler", "protocol"):
        parts.append(" ".join(filter(None, [part, names[part], names[f"{part}_settings"]])))
    return ", ".join(parts)


def _caption(pairs: pd.DataFrame, rope: float) -> str:
    first = pairs.iloc[0]
    whole = pairs.drop_duplicates(list(CELL))
    missing = _missing(pairs)
    phrases = [
        f"{first.predictors} predictors, {first.evaluation}",
        "splits x fits: what the verdict rests on; the other units that both pipelines have "
        f"({first.unit}) are averaged",
        f"not among them: {missing}" if missing else "",
        "difference: first less second, with its 95 % interval, by the corrected resampled t-test, "
        "as is p; Holm: over the pairs of a table and step",
        f"practically equal: within {100 * rope:g} % of the mean of {_base(pairs)} "
        f"(± {', '.join(dict.fromkeys(number(width) for width in pairs.rope))}); a verdict is "
        f"given from a probability of {100 * SURE:g} %, of each pair by itself",
        f"p_published: {published_words(str(first.unit))}",
        f"Kruskal-Wallis, as published, over all pipelines: p = {_listed(whole.overall_p)}",
        f"Friedman over the same units: p = {_listed(whole.friedman_p)}"
        if whole.friedman_p.notna().any() else "",
        f"both take repeats for evidence, too: {first.caution}",
    ]  # fmt: skip
    return f"{'; '.join(filter(None, phrases))}."


def published_words(unit: str) -> str:
    """What the published test is, and how often it finds what is not there."""
    least, most = (f"{100 * share:.0f}" for share in PUBLISHED_FALSE_ALARMS)
    return (
        f"Wilcoxon signed-rank over {unit} with Bonferroni's correction, which takes repeats for "
        f"evidence: two fits of one generator differ at {ALPHA:g} in {least} to {most} % of cases"
    )


def _base(pairs: pd.DataFrame) -> str:
    return "real" if REAL in {*pairs["first"], *pairs.second} else "the two, as real was not run"


def _listed(values: pd.Series) -> str:
    return ", ".join(number(p) for p in values)


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
    """In how many cells each pair differs; the published share as in figure 7 of Profile2Gen."""
    table = RichTable(title="How often each pair of pipelines differs", title_justify="left")
    heads = ("protocol", "first", "second", "cells", "first better", "first worse",
             "practically equal", "not enough data", f"p_published < {ALPHA:g}")  # fmt: skip
    for name in heads:
        table.add_column(name, justify="left" if name in heads[:3] else "right")
    for row in shares.itertuples():
        numbers = (row.better, row.worse, row.equal, row.not_enough, row.published)
        percent = [f"{100 * share:.0f} %" for share in numbers]
        names = map(str, (row.protocol, row.first, row.second))
        table.add_row(*names, str(row.cells), *percent)
    whole = shares.drop_duplicates("protocol")
    overall = ", ".join(
        f"in {100 * row.kruskal_wallis:.0f} % of the cells of {row.protocol}"
        for row in whole.itertuples()
    )
    table.caption = (
        "a cell is a data set, generator, profiler, protocol and proportion or round; p_published: "
        f"{published_words('all units')}; Kruskal-Wallis over all pipelines, as published: "
        f"p < {ALPHA:g} {overall}"
    )
    table.caption_justify = "left"
    return table


def _headlines(rows: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(HEADLINE[task] for task in rows.task.unique()))


def _pair(pair: Any) -> list[str]:
    means = column((pair.mean_first, pair.mean_second))
    difference, low, high = column((pair.difference, pair.low, pair.high), sign=True)
    interval = f" ({low} to {high})" if pair.splits >= LEAST_SPLITS else ""
    return [
        pair.first,
        pair.second,
        f"{pair.splits} x {pair.fits}",
        " / ".join(means),
        f"{difference}{interval}",
        number(pair.p_holm),
        pair.conclusion,
        number(pair.p_published),
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


def _over(pair: OverDatasets) -> str:
    found, names = pair.found, pair.names
    mean, low, high = (f"{100 * x:+.2f}" for x in (found.mean, found.low, found.high))
    better, worse = (found.above, found.below) if pair.direction == "max" else (
        found.below, found.above)  # fmt: skip
    return (
        f"{pair.first} against {pair.second} over {found.datasets} data sets "
        f"({names['generator']} {names['profiler']} {names['protocol']}, {names['predictors']}): "
        f"{mean} % of real ({low} to {high}); on a further data set better with a probability of "
        f"{better:.2f}, practically equal {found.within:.2f}, worse {worse:.2f} (hierarchical "
        f"model): {pair.verdict}"
    )


def _variance(found: Measurements, metric: str) -> Iterator[str]:
    """Where the variance comes from; shown only where two sources or more could be separated."""
    for row in variance_shares(found, metric).to_dict("records"):
        shares = [
            f"{s} {100 * row[s]:.0f} % (of {row[f'levels_{s}']:.0f})"
            for s in SOURCES
            if pd.notna(row[s])
        ]
        if len(shares) < 2 or not _repeated(row):
            continue
        yield (
            f"variance of {metric}, {row['dataset']} {row['generator']} {row['profiler']} "
            f"{row['protocol']} ({row['evaluation']}), components by REML, in brackets the number "
            f"of levels that each is known from: {', '.join(shares)}; residual "
            f"{100 * row['residual']:.0f} %"
        )


def _repeated(row: dict[str, Any]) -> bool:
    """Whether splits, fits or draws were repeated: without, the shares are those of one run."""
    return any(pd.notna(row[source]) for source in ("split", "profiler and fit", "sampling"))
