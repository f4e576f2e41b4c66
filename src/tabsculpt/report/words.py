"""The summary of a report in words, each computed from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tabsculpt.report.inputs import GROUP, arms_in_order
from tabsculpt.report.scores import STEPS
from tabsculpt.stats.comparisons import ALPHA


@dataclass(frozen=True)
class Sentence:
    """One line of the summary; ``bad`` for what failed or makes results worth less."""

    text: str
    bad: bool = False


def sentences(rows: pd.DataFrame, scores: pd.DataFrame, tests: pd.DataFrame) -> list[Sentence]:
    """Who wins where, by how much, how sure, and what failed or is missing.

    Args:
        rows: result rows with ``arm``.
        scores: see `scores.score_table`.
        tests: what `compare_arms` gives for them.
    """
    if rows.empty:
        return [Sentence("There is no result row that matches.", bad=True)]
    found: list[Sentence] = []
    if len(scores):
        for (protocol, metric), mine in scores.groupby(["protocol", "metric"], sort=False):
            if protocol != "trtr":
                found += _protocol(str(protocol), str(metric), mine, tests)
    return [*found, *_failed(rows), *_absent(rows), *_degenerate(rows)]


def _protocol(
    protocol: str, metric: str, scores: pd.DataFrame, tests: pd.DataFrame
) -> Iterator[Sentence]:
    made = scores[(scores.arm != "real") & scores["mean"].notna()]
    keys = [*GROUP, *STEPS]
    cells = [cell for _, cell in made.groupby(keys, sort=False, dropna=False)]
    several = [cell for cell in cells if len(cell) > 1]
    if several:
        best = [_best(cell, metric) for cell in several]
        wins = [(arm, best.count(arm)) for arm in arms_in_order(best)]
        counted = ", ".join(f"{arm} in {n}" for arm, n in sorted(wins, key=lambda w: -w[1]))
        one = f"{len(several)} cell{'s' if len(several) > 1 else ''}"
        yield Sentence(
            f"{protocol}, {metric.upper()}: the best synthetic pipeline by mean over the "
            f"predictors is {counted} of {one} (data set, generator, profiler, step)."
        )
    mine = tests
    if len(tests):
        mine = tests[(tests.protocol == protocol) & (tests.metric == metric)]
    pairs = [(arm, "traditional") for arm in arms_in_order(made.arm) if arm != "traditional"]
    pairs += [("profile2gen", "random_drop")] if "profile2gen" in set(made.arm) else []
    pairs += [(arm, "real") for arm in arms_in_order(made.arm)]
    for first, second in pairs:
        if (text := _pair(first, second, metric, scores, mine)) is not None:
            yield Sentence(f"{protocol}: {text}")


def _best(cell: pd.DataFrame, metric: str) -> str:
    ordered = cell.sort_values("mean", ascending=metric == "rmse")
    return str(ordered.arm.iloc[0])


def _pair(
    first: str, second: str, metric: str, scores: pd.DataFrame, tests: pd.DataFrame
) -> str | None:
    keys = [*GROUP, *STEPS]
    wide = scores.pivot_table(index=keys, columns="arm", values="mean", dropna=False)
    if first not in wide or second not in wide:
        return None
    both = wide[[first, second]].dropna()
    if both.empty:
        return None
    gain = (both[second] - both[first]) * (1 if metric == "rmse" else -1)
    size = 100 * gain / (both[second].abs() if metric == "rmse" else 1.0)
    unit = "%" if metric == "rmse" else "hundredths"
    better = int((gain > 0).sum())
    middle = float(size.median())
    side = "better" if middle > 0 else "worse"
    text = (
        f"{first} is better than {second} in {better} of {len(both)} cells, at the median "
        f"{abs(middle):.1f} {unit} {side}"
    )
    return f"{text}; {_sure(first, second, tests)}."


def _sure(first: str, second: str, tests: pd.DataFrame) -> str:
    if tests.empty:
        return "no test was possible"
    pairs = tests[(tests.test == "wilcoxon") & tests["first"].isin([first, second])]
    pairs = pairs[pairs.second.isin([first, second])]
    if pairs.empty:
        return "no test was possible"
    sure = pairs[pairs.p_holm < ALPHA]
    won, lost = int((sure.better == first).sum()), int((sure.better == second).sum())
    blind = int((~pairs.reachable.astype(bool)).sum())
    if blind == len(pairs):
        return f"none of the {blind} tests has pairs enough to show a difference"
    said = f"beyond chance (Wilcoxon, Holm, 5 %) better in {won} and worse in {lost}"
    return said + (f", and {blind} have too few pairs to show any" if blind else "")


def _failed(rows: pd.DataFrame) -> Iterator[Sentence]:
    bad = rows[rows.status != "ok"]
    if bad.empty:
        yield Sentence("Nothing failed.")
        return
    jobs = bad.job.nunique()
    whole = int(rows.groupby("job").value.count().eq(0).sum())
    yield Sentence(
        f"{jobs} of {rows.job.nunique()} jobs did not go through whole, {whole} of them left no "
        f"value at all ({len(bad)} rows; see failures).",
        bad=True,
    )


def _absent(rows: pd.DataFrame) -> Iterator[Sentence]:
    absent = absent_jobs(rows)
    if absent:
        shown = "; ".join(absent[:4]) + ("; ..." if len(absent) > 4 else "")
        yield Sentence(
            f"{len(absent)} combinations of data set, generator, pipeline, protocol and seed that "
            f"the others suggest were never run: {shown}.",
            bad=True,
        )
    else:
        yield Sentence("No combination of what was run is absent.")


def absent_jobs(rows: pd.DataFrame) -> list[str]:
    """Combinations in the full crossing of what was run for which there is no row."""
    made = rows[(rows.pipeline != "real") & (rows.protocol != "hardness")]
    across = made[["protocol", "generator", "arm", "seed", "split_seed"]].drop_duplicates()
    there = {
        tuple(map(str, key))
        for key in made[["dataset", *across.columns]].drop_duplicates().itertuples(index=False)
    }
    crossed: list[dict[str, Any]] = []
    levels = [across[name].drop_duplicates().astype(str).tolist() for name in across]
    from itertools import product

    for dataset in made.dataset.drop_duplicates():
        for key in product(*levels):
            if (str(dataset), *key) not in there:
                crossed.append(
                    dict(zip(["dataset", *across.columns], (dataset, *key), strict=True))
                )
    return [
        f"{c['dataset']} {c['generator']} {c['arm']} {c['protocol']} seed {c['seed']}/"
        f"{c['split_seed']}"
        for c in crossed
    ]


def _degenerate(rows: pd.DataFrame) -> Iterator[Sentence]:
    said = rows[rows.notes.fillna("").str.contains("degenerate profile")]
    if len(said):
        cells = said[["dataset", "profiler"]].drop_duplicates()
        names = ", ".join(f"{row.profiler} on {row.dataset}" for row in cells.head(6).itertuples())
        yield Sentence(
            f"In {said.job.nunique()} jobs a profile puts almost every row in one segment "
            f"({names}): what is said of their segments means little.",
            bad=True,
        )
