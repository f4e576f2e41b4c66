"""The page of a paper: its figures beside ours, what was run, and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from tabsculpt.launch.status import duration
from tabsculpt.papers.cells import level_table
from tabsculpt.papers.claims import PERCENT, judge
from tabsculpt.papers.counts import Counts, Tally
from tabsculpt.papers.markdown import bullets, table
from tabsculpt.papers.source import Paper
from tabsculpt.papers.verdicts import WORDS
from tabsculpt.report.numbers import number

OWN = "profile2gen"
"""The paper whose figures are p-values and percentages of cells, and have rules of their own."""


HEAD = (
    "in the paper", "data set", "metric", "first against second", "printed", "ours (95 % interval)",
    "verdict",
)  # fmt: skip
RULE = (
    "A figure holds where our verdict on its first arm against its second one (corrected resampled "
    "t-test over splits; practically equal: within 1 % of the mean of the real rows, or of the two "
    "arms where there are none) is the paper's, of a printed difference by the same region. It "
    "does not hold where ours is another one, or leaves it open and the printed difference lies "
    "outside our interval. Percent: how much better first is, in percent of second."
)
LEVELS = (
    "Means over splits, fits, draws and predictors, in brackets the 95 % interval over splits, "
    "which may reach beyond what the metric can be."
)
WHY = "## Why figures differ"
PRINTED = " Printed: the mean over the paper's own data sets."
EMPTY = (
    "In these jobs no synthetic row was added, so that predictors learnt from the real rows alone, "
    "and their scores above are those of these."
)


@dataclass(frozen=True, eq=False)
class Beside:
    """A paper beside results.

    Attributes:
        figures: a row per printed figure and what is beside it, with ``verdict``.
        text: both as Markdown.
    """

    figures: pd.DataFrame
    text: str

    def verdicts(self) -> dict[str, int]:
        """How often each falls."""
        if self.figures.empty:
            return {}
        counted = self.figures.verdict.value_counts()
        return {word: int(counted.get(word, 0)) for word in WORDS}


def set_beside(paper: Paper, rows: pd.DataFrame) -> Beside:
    """The figures of a paper beside result rows.

    Args:
        paper: whose figures.
        rows: of its jobs, see `tabsculpt.results.Row`.
    """
    if paper.name == OWN:
        return _profile2gen(rows)
    figures = judge(paper, rows)
    return Beside(figures, "\n\n".join([*_claims(figures), *_levels(paper, rows)]))


def page(paper: Paper, beside: Beside, done: Tally, command: str, preset: str, when: str) -> str:
    """The page as Markdown.

    Args:
        paper: what it is about.
        beside: see `set_beside`.
        done: what was run.
        command: that made it.
        preset: what the paper's experiment has beside that; empty where this is all of it.
        when: the days on which the rows were made.
    """
    parts = [
        f"# {paper.name}: {paper.place}, set beside results",
        f"{paper.cited}. What is run: {paper.about}.",
        f"    {command}",
        "The command runs what is missing, and writes this page anew. " + _summary(beside, done),
        *([preset] if preset else []),
    ]
    if paper.differs:
        parts += ["## What is not as in the paper", bullets(paper.differs)]
    parts += ["## The paper's figures beside ours", beside.text, *why_figures_differ(paper)]
    if len(done.empty):
        parts += ["## Where nothing was added", EMPTY, _empty_table(done)]
    if paper.unread:
        parts += ["## Printed, and not set beside anything", bullets(paper.unread)]
    return "\n\n".join([*parts, *_run(done, when)]) + "\n"


def why_figures_differ(paper: Paper) -> list[str]:
    """Heading and list of what explains the differences; nothing where nobody has said."""
    return [WHY, bullets(paper.why)] if paper.why else []


def _summary(beside: Beside, done: Tally) -> str:
    verdicts = [f"{word}: {n}" for word, n in beside.verdicts().items() if n]
    found = f"Verdicts on its figures: {', '.join(verdicts)}." if verdicts else ""
    return f"{done.words()} {found}".strip()


def _run(done: Tally, when: str) -> list[str]:
    head = ["data set", "generator or profiler", "jobs", "ended well", "failed", "cannot work",
            "left out", "CPU time"]  # fmt: skip
    parts = [
        "## What was run",
        f"{when}{done.words()} Computed in {done.cpu_seconds:,.0f} s of CPU time, each step "
        "once; in the table, steps that jobs share count for each of them. Failed is a job of "
        "which any part failed; what it has of values counts above.",
        table(head, [_line(one) for one in done.by_part]),
    ]
    if done.reasons:
        lines = [[str(n), why, title] for n, why, title in done.reasons]
        parts += [
            table(["jobs", "why they failed, cannot work or were left out", "such as"], lines)
        ]
    return parts


def _empty_table(done: Tally) -> str:
    head = ["data set", "generator", "pipeline", "jobs", "without a row", "why"]
    return table(
        head,
        [
            [one.dataset, one.generator, one.pipeline, str(one.jobs), str(one.empty),
             "; ".join(dict.fromkeys(one.why))]
            for one in done.empty.itertuples()
        ],
    )  # fmt: skip


def _line(one: Counts) -> list[str]:
    left_out = one.left_out + one.too_long + one.outdated
    numbers = (one.asked, one.run, one.failed, one.impossible, left_out)
    return [one.data, one.part, *map(str, numbers), duration(one.cpu_seconds)]


def _claims(figures: pd.DataFrame) -> list[str]:
    doubts = dict.fromkeys(text for text in figures.doubt if text)
    noted = [f"Doubtful in the reading of the paper: {'; '.join(doubts)}."] if doubts else []
    return [
        RULE,
        table(HEAD, [_claim(row) for row in figures.to_dict("records")]),
        *noted,
    ]


def _claim(row: dict[str, Any]) -> list[str]:
    held = " ".join(filter(None, [row["data"], row["where"].replace(";", " "), row["other"]]))
    pair = f"{row['first']} against {row['second']}"
    verdict = row["verdict"] + (f"; {row['why']}" if row["why"] else "")
    return [row["place"], held or "-", row["metric"], pair, _said(row), _ours(row), verdict]


def _said(row: dict[str, Any]) -> str:
    """What is printed, and what that says of the first arm."""
    theirs = row.get("theirs")
    return row["printed"] + ("" if pd.isna(theirs) else f": {theirs}")


def _ours(row: dict[str, Any]) -> str:
    """Our difference with its interval and what it says of the first arm."""
    if pd.isna(row.get("ours")):
        return "-"
    sign = " %" if row["unit"] == PERCENT else ""
    known = abs(row["low"]) != float("inf")
    between = f" ({number(row['low'], True)} to {number(row['high'], True)})" if known else ""
    splits = f"{row['splits']:.0f} split{'s' * (row['splits'] != 1)}"
    ours = round(row["ours"], 12)  # sums of differences that cancel leave 1e-16
    return f"{number(ours, True)}{sign}{between}, {splits}: {row['conclusion']}"


def _levels(paper: Paper, rows: pd.DataFrame) -> list[str]:
    """Our levels with the printed ones of the same arm and metric, a table for each metric."""
    ours = level_table(paper, rows)
    printed = paper.figures()
    printed = printed[printed.unit == "level"]
    parts = []
    for metric in paper.metrics:
        mine = ours[ours.metric == metric] if len(ours) else ours
        theirs = printed[printed.metric == metric]
        if mine.empty and theirs.empty:
            continue
        parts += [f"### {metric}", _level_table(mine, theirs)]
    heading = "## Levels, ours and those printed" if len(printed) else "## Our levels"
    return [heading, LEVELS + (PRINTED if len(printed) else ""), *parts] if parts else []


def _level_table(ours: pd.DataFrame, printed: pd.DataFrame) -> str:
    columns = ["data", "other", "step"]
    heads = ours[columns].drop_duplicates() if len(ours) else pd.DataFrame(columns=columns)
    steps = dict.fromkeys(printed["where"])
    arms = dict.fromkeys([*printed["first"], *(ours.arm if len(ours) else [])])
    named = [" ".join(filter(None, head)) for head in heads.itertuples(index=False)]
    theirs = [f"printed {step}".strip() for step in steps]
    body = []
    for arm in arms:
        cells = [_printed(printed, arm, step) for step in steps]
        for head in heads.to_dict("records"):
            mine = ours[(ours.arm == arm) & (ours[columns] == pd.Series(head)).all(axis=1)]
            cells.append(_level(mine.iloc[0]) if len(mine) else "-")
        body.append([arm, *cells])
    return table(["arm", *theirs, *named], body)


def _printed(printed: pd.DataFrame, arm: str, step: str) -> str:
    values = printed[(printed["first"] == arm) & (printed["where"] == step)].value
    return number(float(values.mean())) if len(values) else "-"


def _level(one: pd.Series) -> str:
    between = f" ({number(one.low)} to {number(one.high)})" if abs(one.low) < float("inf") else ""
    return f"{number(one['mean'])}{between}"


def _profile2gen(rows: pd.DataFrame) -> Beside:
    from tabsculpt.papers.profile2gen.kept import of_the_sets
    from tabsculpt.papers.profile2gen.summary import make_tables
    from tabsculpt.papers.profile2gen.words import findings

    if rows.empty:
        return Beside(pd.DataFrame(), "Nothing was run yet.")
    mine = of_the_sets(rows)
    tables = make_tables(mine)
    return Beside(tables["figures"], findings(mine, tables).strip())
