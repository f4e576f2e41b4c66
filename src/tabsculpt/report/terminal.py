"""The table that a run ends with, read from the result files and the stored predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.columns import RUN, UNPAIRED
from tabsculpt.analysis.measurements import Measurements, groups
from tabsculpt.notes import from_json
from tabsculpt.report.by_calibration import CALIBRATION_METRICS, calibration_tables
from tabsculpt.report.by_minority import MINORITY_METRICS, minority_tables
from tabsculpt.report.by_step import step_table
from tabsculpt.report.classification import CLASS_METRICS, classification_tables
from tabsculpt.report.closing import SHOWN, answer_lines, by_data, closing_table
from tabsculpt.report.conclusions import on_test_rows, over_splits
from tabsculpt.report.numbers import column, levels
from tabsculpt.report.ranking import ranking_tables
from tabsculpt.report.removal import removal_tables
from tabsculpt.report.shown import Shown
from tabsculpt.results import PHASES, not_ok
from tabsculpt.table import Task

TABLE_METRICS = frozenset(
    {name for names in SHOWN.values() for name in names}
    | {"wasserstein", "rounds", "auprc", "auprc_published"}
    | {*MINORITY_METRICS, *CLASS_METRICS, *CALIBRATION_METRICS}
)
"""Those that `show` looks at, beside rows that are not ok."""
COSTS = [f"{what}_{phase}" for what in ("seconds", "peak_mb") for phase in PHASES]
UNSEEN = ("versions", "experiment", "ended", *COSTS)
"""Columns that `show` does not look at."""
OWN_MIX = frozenset({"upsample", "adaptive"})
MOST_TABLES = 20
"""Tables that are printed at once: a person reads no more, and each compares predictions."""
MOST_NOTES = 5
"""Notes below a table over several splits, each of which may have its own."""


def show(rows: pd.DataFrame, store: Path, console: Console, by_split: bool = False) -> None:
    """Print for each data set whether synthetic rows help, its arms side by side, and verdicts.

    Args:
        rows: result rows, as `results.read_rows` gives them; those of `TABLE_METRICS` will do, and
            `UNSEEN` columns may be left out.
        store: the store folder, for the predictions behind the rows of a single split and fit.
        console: where to.
        by_split: also a table for each split and seed.
    """
    found = Measurements.of(rows)
    for table in (*ranking_tables(found), *removal_tables(found)):
        console.print(table)
    paired = found.rows[~found.rows.protocol.isin(UNPAIRED)]
    whole = [Shown(found, names, group) for names, group in groups(paired, ())]
    several = {one.key for one in whole if one.runs > 1}
    apart = [paired] if by_split else [one.rows for one in whole if one.key not in several]
    each = [Shown(found, names, group) for rows in apart for names, group in groups(rows, RUN)]
    tables = by_data(whole)
    if max(len(tables), len(each)) > MOST_TABLES:
        console.print(
            f"the first {MOST_TABLES} of {max(len(tables), len(each))} tables; "
            "`tabsculpt results COLUMN=VALUE ...` shows those that you name"
        )
    for of in tables[:MOST_TABLES]:
        for line in answer_lines(of):
            console.print(line)
    for one in each[:MOST_TABLES]:
        _print(one, None if one.key in several else store, console)
    for of in by_data(one for one in whole if one.key in several)[:MOST_TABLES]:
        _print_over_splits(of, console)
    if several and not by_split:
        console.print("[dim]`tabsculpt results --by-split` has a table for each split and seed[/]")
    for table in (
        *minority_tables(found),
        *list(calibration_tables(found))[:MOST_TABLES],
        *list(classification_tables(found))[:MOST_TABLES],
    ):
        console.print(table)
    for line in _failures(found.rows):
        console.print(f"[red]{escape(line)}[/]")


def _print_over_splits(groups: Sequence[Shown], console: Console) -> None:
    """The table of a data set over its splits, with what belongs to it."""
    console.print(closing_table(groups))
    for one in groups:
        if (by_step := step_table(one.headline, one.rows)) is not None:
            console.print(by_step)
        for line in over_splits(one):
            console.print(line)
    notes = dict.fromkeys(note for one in groups for note in _notes(one.rows))
    for note in list(notes)[:MOST_NOTES]:
        console.print(f"[yellow]note[/] {escape(note)}")
    if len(notes) > MOST_NOTES:
        console.print(
            f"[dim]{len(notes) - MOST_NOTES} more notes, in the column notes of the rows[/]"
        )


def _print(shown: Shown, store: Path | None, console: Console) -> None:
    """A table with what belongs to it; the store where its test rows are all there is."""
    console.print(_table(shown))
    if (by_step := step_table(shown.headline, shown.rows)) is not None:
        console.print(by_step)
    for line in on_test_rows(shown, store) if store else ():
        console.print(line)
    for note in _notes(shown.rows):
        console.print(f"[yellow]note[/] {escape(note)}")


def _table(shown: Shown) -> RichTable:
    metrics = SHOWN[Task(shown.names["task"])]
    table = RichTable(title=escape(shown.title), title_justify="left", title_style="bold")
    table.add_column("pipeline", no_wrap=True)
    for metric in (*metrics, "W1", "rows"):
        table.add_column(metric, justify="right", no_wrap=True)
    table.add_column("kept/generated")
    columns = [levels(shown.levels(metric)) for metric in metrics]
    distances = [shown.distance(arm) for arm in shown.arms]
    columns.append(["" if text == "-" else text for text in column(distances)])
    for arm, *texts in zip(shown.arms, *columns, strict=True):
        mine = shown.rows[shown.rows.arm == arm]
        table.add_row(arm, *texts, shown.rows_used(arm), _segments(mine))
    table.caption = _caption(shown)
    table.caption_justify = "left"
    return table


def _caption(shown: Shown) -> str:
    first, n = shown.rows.iloc[-1], shown.rows.predictor.dropna().nunique()
    fold = "" if pd.isna(first.fold) else f"fold {int(first.fold)}, "
    left = sum(int((~cell.shared).sum()) for cell in shown.headline)
    parts = [
        f"{int(first.n_train)} train and {int(first.n_test)} test rows ({first.evaluation}), split "
        f"seed {first.split_seed}, {fold}seed {first.seed}",
        f"mean ± standard deviation (n - 1) over {n} predictors ({first.predictors})",
        "of n of m values: those on units that every pipeline has one on" if left else "",
        "W1: mean Wasserstein distance of the columns to the real train part, in standard "
        "deviations; smaller is closer",
        "W1 of upsample and adaptive: to real rows in the same mix of the target"
        if not OWN_MIX.isdisjoint(shown.rows.pipeline) else "",
        "kept/generated: synthetic rows, by segment of the real rows that they were learnt from"
        if shown.rows.segments.notna().any() else "",
    ]  # fmt: skip
    return "; ".join(filter(None, parts))


def _segments(rows: pd.DataFrame) -> str:
    text = rows.segments.dropna()
    if text.empty:
        return ""
    counts = json.loads(text.iloc[0])
    return "  ".join(
        f"{name} {c['kept']}/{c['generated']}" for name, c in counts.items() if c["generated"]
    )


def _notes(group: pd.DataFrame) -> list[str]:
    notes: dict[str, dict[str, None]] = {}  # arms in order, each once
    for row in group.drop_duplicates(["arm", "notes"]).itertuples():
        for note in from_json(row.notes):
            notes.setdefault(note.text, {})[str(row.arm)] = None
    return [f"{note} ({', '.join(names)})" for note, names in notes.items()]


def _failures(rows: pd.DataFrame) -> list[str]:
    bad: dict[tuple[Any, ...], int] = {}
    for row in rows[not_ok(rows)].itertuples():
        names = [row.generator, row.profiler, row.pipeline]
        cell = " ".join([str(row.dataset), *(str(name) for name in names if name != "none")])
        phase = f" in {row.phase}" if pd.notna(row.phase) else ""
        key = (cell, row.status, phase, row.reason)
        bad[key] = bad.get(key, 0) + 1
    return [
        f"{status}: {cell}{phase}: {reason} ({count} rows)"
        for (cell, status, phase, reason), count in bad.items()
    ]
