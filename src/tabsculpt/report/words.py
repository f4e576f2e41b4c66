"""The summary of a report in words, each computed from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from tabsculpt.report.inputs import GROUP, arms_in_order
from tabsculpt.report.scores import STEPS
from tabsculpt.stats.cells import UNPAIRED
from tabsculpt.stats.comparisons import ALPHA


@dataclass(frozen=True)
class Sentence:
    """One line of the summary.

    Attributes:
        text: what is said.
        topic: what it is said of, such as "tstr, RMSE"; empty for the results as a whole.
        bad: whether it tells of what failed or makes results worth less.
        pairs: what is behind it.
    """

    text: str
    topic: str = ""
    bad: bool = False
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two arms over the cells that have both.

    Attributes:
        first, second: the arms.
        cells: how many; ``better``: in how many of them the first has the better mean.
        middle: median improvement of the first over the second, see `scores.improvement`.
        unit: of the improvement.
        sure: in how many cells a test finds the first better and worse (Wilcoxon, Holm, 5 %).
        tests: how many there are; ``blind``: how many have too few pairs to find anything.
    """

    first: str
    second: str
    cells: int
    better: int
    middle: float
    unit: str
    sure: tuple[int, int]
    tests: int
    blind: int

    @property
    def size(self) -> str:
        """The median in words."""
        if round(abs(self.middle), 1) == 0:
            return f"no difference of 0.1 {self.unit}"
        return f"{abs(self.middle):.1f} {self.unit} {'better' if self.middle > 0 else 'worse'}"

    @property
    def said(self) -> str:
        """How often, by how much, and how sure."""
        text = f"better in {self.better} of {self.cells}, at the median {self.size}"
        if not self.tests:
            return f"{text}; no test was possible"
        if self.blind == self.tests:
            return f"{text}; no test has pairs enough to show a difference"
        won, lost = self.sure
        few = f", {self.blind} tests with too few pairs to show any" if self.blind else ""
        return f"{text}; beyond chance better in {won} and worse in {lost}{few}"


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
    if made.empty:
        return
    if len(tests):
        tests = tests[(tests.protocol == protocol) & (tests.metric == metric)]
    keys = [*GROUP, *STEPS]
    wide = scores.pivot_table(index=keys, columns="arm", values="mean", dropna=False)
    arms = arms_in_order(made.arm)

    def pairs(with_: str) -> list[Pair]:
        of = [_pair(arm, with_, metric, wide, tests) for arm in arms if arm != with_]
        return sorted((p for p in of if p is not None), key=lambda p: -p.middle)

    over, real = pairs("traditional"), pairs("real")
    control = [p for p in pairs("random_drop") if p.first == "profile2gen"]
    text = [_winners(made, metric)]
    if over:
        text.append(f"Against traditional, {over[0].first} does best: {over[0].said}.")
    if control:
        text.append(f"Against as many rows dropped at random, profile2gen is {control[0].said}.")
    if real:
        text.append(f"Against the real rows, {real[0].first} does best: {real[0].said}.")
    topic = f"{protocol}, {'AUC' if metric == 'auc_roc' else metric.upper()}"
    yield Sentence(" ".join(text), topic, pairs=(*over, *control, *real))


def _winners(made: pd.DataFrame, metric: str) -> str:
    cells = [cell for _, cell in made.groupby([*GROUP, *STEPS], sort=False, dropna=False)]
    several = [_best(cell, metric) for cell in cells if len(cell) > 1]
    if not several:
        return f"{made.arm.iloc[0]} is the only synthetic pipeline."
    wins = sorted(((several.count(arm), arm) for arm in arms_in_order(several)), reverse=True)
    counted = ", ".join(f"{arm} in {n}" for n, arm in wins)
    one = "1 cell" if len(several) == 1 else f"{len(several)} cells"
    return f"Best mean of the synthetic pipelines, of {one}: {counted}."


def _best(cell: pd.DataFrame, metric: str) -> str:
    ordered = cell.sort_values("mean", ascending=metric == "rmse")
    return str(ordered.arm.iloc[0])


def _pair(
    first: str, second: str, metric: str, wide: pd.DataFrame, tests: pd.DataFrame
) -> Pair | None:
    if first not in wide or second not in wide:
        return None
    both = wide[[first, second]].dropna()
    if both.empty:
        return None
    gain = (both[second] - both[first]) * (1 if metric == "rmse" else -1)
    size = 100 * gain / (both[second].abs() if metric == "rmse" else 1.0)
    sure, count, blind = (0, 0), 0, 0
    if len(tests):
        mine = tests[(tests.test == "wilcoxon") & tests["first"].isin([first, second])]
        mine = mine[mine.second.isin([first, second])]
        better = mine[mine.p_holm < ALPHA].better
        sure = int((better == first).sum()), int((better == second).sum())
        count, blind = len(mine), int((~mine.reachable.astype(bool)).sum())
    unit = "%" if metric == "rmse" else "hundredths"
    number, better_in = len(both), int((gain > 0).sum())
    return Pair(first, second, number, better_in, float(size.median()), unit, sure, count, blind)


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
    made = rows[(rows.pipeline != "real") & ~rows.protocol.isin(UNPAIRED)]
    across = made[["protocol", "generator", "arm", "seed", "split_seed"]].drop_duplicates()
    there = {
        tuple(map(str, key))
        for key in made[["dataset", *across.columns]].drop_duplicates().itertuples(index=False)
    }
    crossed: list[dict[str, Any]] = []
    levels = [across[name].drop_duplicates().astype(str).tolist() for name in across]
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
