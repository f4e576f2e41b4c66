"""The summary of a report in words, each computed from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from tabsculpt.analysis.columns import CELL, arms_in_order
from tabsculpt.analysis.coverage import never_run
from tabsculpt.analysis.estimates import Verdict, turned_round
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.multiplicity import multiplicity
from tabsculpt.analysis.nothing_added import nothing_added
from tabsculpt.analysis.scores import improvement
from tabsculpt.notes import Code, from_json
from tabsculpt.report.labels import gain_unit, metric_name


@dataclass(frozen=True)
class Sentence:
    """One line of the summary.

    Attributes:
        text: the sentence.
        topic: its subject, such as "tstr, RMSE"; empty for the results as a whole.
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
        middle: median improvement of the first over the second, see `scores.improvement`, of
            means over the units that both have.
        unit: of the improvement.
        verdicts: how many cells have each verdict on the first.
    """

    first: str
    second: str
    cells: int
    better: int
    middle: float
    unit: str
    verdicts: dict[str, int]

    @property
    def size(self) -> str:
        """The median in words."""
        if round(abs(self.middle), 1) == 0:
            return f"no difference of 0.1 {self.unit}"
        return f"{abs(self.middle):.1f} {self.unit} {'better' if self.middle > 0 else 'worse'}"

    @property
    def sentence(self) -> str:
        """How often, by how much, and with what verdict."""
        text = f"better in {self.better} of {self.cells}, at the median {self.size}"
        if list(self.verdicts) == [Verdict.UNKNOWN]:
            return f"{text}; not enough data for a verdict in any"
        return f"{text}; verdicts: {', '.join(f'{w} in {n}' for w, n in self.verdicts.items())}"


def sentences(measured: Measurements, scores: pd.DataFrame, tests: pd.DataFrame) -> list[Sentence]:
    """Who wins where, by how much, how sure, and what failed or is missing.

    Args:
        measured: the measurements.
        scores: see `scores.score_table`.
        tests: what `compare_cells` gives for them.
    """
    rows = measured.rows
    if rows.empty:
        return [Sentence("There is no result row that matches.", bad=True)]
    found: list[Sentence] = []
    if len(scores):
        for (protocol, metric), mine in scores.groupby(["protocol", "metric"], sort=False):
            if protocol != "trtr":
                found += _protocol(str(protocol), str(metric), mine, tests)
    if len(tests):
        found.append(Sentence(f"{multiplicity(tests).sentence}."))
    flaws = _failed(rows), _absent(measured), _degenerate(rows), _nothing_added(rows)
    return [*found, *(sentence for flaw in flaws for sentence in flaw)]


def _protocol(
    protocol: str, metric: str, scores: pd.DataFrame, tests: pd.DataFrame
) -> Iterator[Sentence]:
    made = scores[(scores.arm != "real") & scores["mean"].notna()]
    if made.empty:
        return
    arms = arms_in_order(made.arm)
    direction = str(made.direction.iloc[0])
    tests = tests[(tests.protocol == protocol) & (tests.metric == metric)]

    def pairs(with_: str) -> list[Pair]:
        of = [_pair(arm, with_, direction, tests) for arm in arms if arm != with_]
        return sorted((p for p in of if p is not None), key=lambda p: -p.middle)

    over, real = pairs("traditional"), pairs("real")
    control = [p for p in pairs("random_drop") if p.first == "profile2gen"]
    text = [_winners(made)]
    text += [_against("traditional", over)] if over else []
    if control:
        text.append(
            f"Against as many rows dropped at random, profile2gen is {control[0].sentence}."
        )
    text += [_against("the real rows", real)] if real else []
    yield Sentence(" ".join(text), f"{protocol}, {metric_name(metric)}", False, (
        *over, *control, *real))  # fmt: skip


def _against(base: str, pairs: list[Pair]) -> str:
    best = pairs[0]
    if best.middle > 0:
        return f"Against {base}, {best.first} has the best mean: {best.sentence}."
    if len(pairs) == 1:
        return f"Against {base}, {best.first} has no better mean: {best.sentence}."
    return f"Against {base}, none has a better mean; {best.first} comes closest: {best.sentence}."


def _winners(made: pd.DataFrame) -> str:
    cells = [cell for _, cell in made.groupby(list(CELL), sort=False, dropna=False)]
    several = [_best(cell) for cell in cells if len(cell) > 1]
    if not several:
        return f"{made.arm.iloc[0]} is the only synthetic pipeline."
    wins = sorted(((several.count(arm), arm) for arm in arms_in_order(several)), reverse=True)
    counted = ", ".join(f"{arm} in {n}" for n, arm in wins)
    one = "1 cell" if len(several) == 1 else f"{len(several)} cells"
    return f"Best mean of the synthetic pipelines, of {one}: {counted}."


def _best(cell: pd.DataFrame) -> str:
    ordered = cell.sort_values("mean", ascending=cell.direction.iloc[0] == "min", kind="stable")
    return str(ordered.arm.iloc[0])


def _pair(first: str, second: str, direction: str, tests: pd.DataFrame) -> Pair | None:
    straight = tests[(tests["first"] == first) & (tests.second == second)]
    turned = tests[(tests["first"] == second) & (tests.second == first)]
    mine = pd.concat([straight, turned])
    if mine.empty:
        return None
    own = pd.concat([straight.mean_first, turned.mean_second])
    its = pd.concat([straight.mean_second, turned.mean_first])
    size = improvement(own, its, direction)
    ways = [*straight.verdict, *map(turned_round, turned.verdict)]
    verdicts = {str(word): ways.count(word) for word in Verdict if word in ways}
    unit = gain_unit(str(mine.metric.iloc[0]), direction)
    middle, more = float(size.median()), int((size > 0).sum())
    return Pair(first, second, len(mine), more, middle, unit, verdicts)


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


def _absent(measured: Measurements) -> Iterator[Sentence]:
    absent = never_run(measured)
    if absent:
        shown = "; ".join(absent[:4]) + ("; ..." if len(absent) > 4 else "")
        yield Sentence(
            f"{len(absent)} combinations of data set, generator, pipeline, protocol and seed that "
            f"the others suggest were never run: {shown}.",
            bad=True,
        )
    else:
        yield Sentence("No combination of what was run is missing.")


def _degenerate(rows: pd.DataFrame) -> Iterator[Sentence]:
    coded = {text: {note.code for note in from_json(text)} for text in rows.notes.unique()}
    degenerate = rows[[Code.DEGENERATE_PROFILE in coded[text] for text in rows.notes]]
    if len(degenerate):
        cells = degenerate[["dataset", "profiler"]].drop_duplicates()
        names = ", ".join(f"{row.profiler} on {row.dataset}" for row in cells.head(6).itertuples())
        yield Sentence(
            f"In {degenerate.job.nunique()} jobs a profile puts almost every row in one segment "
            f"({names}): results for their segments mean little.",
            bad=True,
        )


def _nothing_added(rows: pd.DataFrame) -> Iterator[Sentence]:
    for one in nothing_added(rows).itertuples():
        yield Sentence(
            f"In {one.empty} of {one.jobs} jobs of {one.generator} {one.pipeline} on {one.dataset} "
            f"there is no synthetic row, so that predictors learnt from real rows alone at most: "
            f"{one.why[0]}.",
            bad=True,
        )
