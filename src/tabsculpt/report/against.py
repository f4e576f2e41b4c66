"""What changed against another folder of results, as a section of the page."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from tabsculpt.analysis.changes import Change, Changes
from tabsculpt.report.figure import FigureGroup
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import INTERVAL, WHO, Column, Shown

NAME = "changes"
COUNTED = {
    Change.BEYOND: "changed beyond their interval",
    Change.WITHIN: "changed within it",
    Change.UNKNOWN: "changed, without an interval for want of splits",
    Change.SAME: "are the same",
}
PREDICTORS = Column("predictors", "predictors", "text")


def against_section(of: Results) -> Section:
    """The section; without a folder to compare with it has nothing to show."""
    if of.changes is None or of.before is None:
        return Section(NAME, "Changes")
    summary = FigureGroup(NAME, f"Against {of.before.outputs}", [], _summary(of.changes))
    tables = [value_rows(of.changes), alone_rows(of.changes), differing_rows(of.changes)]
    return Section(NAME, "Changes", "", [summary], tables)


def against_line(found: Changes | None, folder: Path | None) -> str:
    """The same in one line of HTML, for the top of the page."""
    if found is None:
        return ""
    link = f'<a href="#{NAME}">Against {escape(str(folder))}</a>'
    return f'<p class="against">{link}: {escape(_summary(found))}</p>'


def _summary(found: Changes) -> str:
    if found.values.empty:
        return "no pipeline has a value on the same split, seed and predictor in both."
    counted = [f"{n} {words}" for change, words in COUNTED.items() if (n := found.count(change))]
    lost, gained = int(found.values.lost.sum()), int(found.values.gained.sum())
    more = [
        f"{n} single values {words}"
        for n, words in ((lost, "are there before alone"), (gained, "after alone"))
        if n
    ]
    more += [f"{len(found.alone)} pipelines in only one of the two"] if len(found.alone) else []
    more += [f"{len(found.differs)} versions or settings differ"] if len(found.differs) else []
    first = f"of {len(found.values)} means {', '.join(counted)}"
    return f"{'; '.join([first, *more])}."


def value_rows(found: Changes) -> Shown:
    """Every mean that changed, those beyond their interval first."""
    frame = found.values
    if len(frame):
        order = {str(change): place for place, change in enumerate(Change)}
        frame = frame[frame.change != Change.SAME].assign(place=lambda f: f.change.map(order))
        frame = frame.sort_values("place", kind="stable")
        frame = frame.assign(**{end: frame[end].replace([np.inf, -np.inf], np.nan)
                                for end in ("low", "high")})  # fmt: skip
    columns = [
        *WHO, PREDICTORS,
        Column("proportion", "proportion"), Column("round", "round"), Column("arm", "pipeline",
        "text"), Column("metric", "metric", "text"), Column("change", "changed", "text"),
        Column("before", "before"), Column("after", "after"), Column("better", "better", "text"),
        Column("difference", "difference", help="after less before, in the metric's unit"),
        Column("low", "low", help=INTERVAL), Column("high", "high", help=INTERVAL),
        Column("splits", "splits"), Column("n", "values", help="that both have"),
        Column("lost", "only before", help="values"), Column("gained", "only after", help="values"),
        Column("among", "data, evaluation, device", "text"),
    ]  # fmt: skip
    note = (
        "Means over the splits, seeds and predictors that both folders have; those that are the "
        "same to the last digit are left out. Difference: after (this report) less before."
    )
    return Shown("changes", "Values that changed", note, columns, frame)


def alone_rows(found: Changes) -> Shown:
    """Pipelines that only one of the two has."""
    columns = [Column("only", "only", "text"), *WHO, PREDICTORS, Column("arm", "pipeline", "text")]
    for part in ("generator", "profiler", "protocol"):
        columns.append(Column(f"{part}_settings", f"{part} settings", "text"))
    return Shown("alone", "Pipelines in one of the two", "", columns, found.alone)


def differing_rows(found: Changes) -> Shown:
    """Versions and settings that differ."""
    columns = [
        Column("name", "version or setting", "text"), Column("before", "before", "long"),
        Column("after", "after", "long"), Column("of", "of", "long"),
    ]  # fmt: skip
    frame: pd.DataFrame = found.differs
    note = "Of jobs that were chosen by the same names in both."
    return Shown("differs", "Versions and settings that differ", note, columns, frame)
