"""The table that a run ends with, read from the result files and the stored predictions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.columns import HEADLINE, RUN, UNPAIRED
from tabsculpt.analysis.measurements import Measurements, groups
from tabsculpt.report.by_minority import METRICS as OF_MINORITY
from tabsculpt.report.by_minority import minority_tables
from tabsculpt.report.by_step import step_table
from tabsculpt.report.classification import METRICS as OF_CLASSES
from tabsculpt.report.classification import classification_tables
from tabsculpt.report.conclusions import on_test_rows, over_splits
from tabsculpt.report.numbers import column, levels
from tabsculpt.report.ranking import ranking_tables
from tabsculpt.report.removal import removal_tables
from tabsculpt.report.shown import Shown
from tabsculpt.results import PHASES, not_ok
from tabsculpt.table import Task

SHOWN = {
    Task.REGRESSION: (HEADLINE[Task.REGRESSION], "r2"),
    Task.BINARY: (HEADLINE[Task.BINARY], "macro_f1"),
    Task.MULTICLASS: (HEADLINE[Task.MULTICLASS], "macro_f1"),
}
METRICS = frozenset(
    {name for names in SHOWN.values() for name in names}
    | {"wasserstein", "rounds", "auprc", "auprc_published", *OF_MINORITY, *OF_CLASSES}
)
"""Those that `show` looks at, beside rows that are not ok."""
COSTS = [f"{what}_{phase}" for what in ("seconds", "peak_mb") for phase in PHASES]
UNSEEN = ("versions", "experiment", "ended", *COSTS)
"""Columns that `show` does not look at."""
OWN_MIX = frozenset({"upsample", "adaptive"})
MOST_TABLES = 20
"""Tables that are printed at once: a person reads no more, and each compares predictions."""


def show(rows: pd.DataFrame, store: Path, console: Console) -> None:
    """Print, for each data set, generator and profiler, the pipelines side by side.

    Args:
        rows: result rows, as `results.read_rows` gives them; those of `METRICS` will do, and
            `UNSEEN` columns may be left out.
        store: the store folder, for the predictions behind the rows.
        console: where to.
    """
    found = Measurements.of(rows)
    for table in (*ranking_tables(found), *removal_tables(found)):
        console.print(table)
    paired = found.rows[~found.rows.protocol.isin(UNPAIRED)]
    shown = [Shown(found, names, group) for names, group in groups(paired, RUN)]
    whole = [Shown(found, names, group) for names, group in groups(paired, ())]
    alone = {one.key for one in whole if one.runs == 1}
    if len(shown) > MOST_TABLES:
        console.print(
            f"the first {MOST_TABLES} of {len(shown)} tables, and as many verdicts at most; "
            "`tabsculpt results COLUMN=VALUE ...` shows those that you name"
        )
    for one in shown[:MOST_TABLES]:
        _print(one, store if one.key in alone else None, console)
    for one in [one for one in whole if one.runs > 1][:MOST_TABLES]:
        for line in over_splits(one):
            console.print(line)
    for table in (*minority_tables(found), *list(classification_tables(found))[:MOST_TABLES]):
        console.print(table)
    for line in _failures(found.rows):
        console.print(f"[red]{escape(line)}[/]")


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
    distances = [_distance(shown.rows, arm) for arm in shown.arms]
    columns.append(["" if text == "-" else text for text in column(distances)])
    for arm, *texts in zip(shown.arms, *columns, strict=True):
        mine = shown.rows[shown.rows.arm == arm]
        table.add_row(arm, *texts, _rows_used(mine), _segments(mine))
    table.caption = _caption(shown)
    table.caption_justify = "left"
    return table


def _distance(rows: pd.DataFrame, arm: str) -> float | None:
    values = rows[(rows.arm == arm) & (rows.metric == "wasserstein")].value
    return float(values.iloc[0]) if len(values) and pd.notna(values.iloc[0]) else None


def _caption(shown: Shown) -> str:
    first, n = shown.rows.iloc[-1], shown.rows.predictor.dropna().nunique()
    fold = "" if pd.isna(first.fold) else f"fold {int(first.fold)}, "
    left = sum(int((~cell.shared).sum()) for cell in shown.headline)
    said = [
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
    return "; ".join(filter(None, said))


def _rows_used(rows: pd.DataFrame) -> str:
    first = rows.iloc[-1]
    if first.pipeline == "real":
        return str(int(first.n_train))
    counts = rows.n_synthetic.dropna()
    if counts.empty:
        return "-"
    if rows.proportion.isna().all():
        added = f"{int(first.n_train)} + " if first.protocol == "augmentation" else ""
        return f"{added}{int(first.n_synthetic)}"
    added = rows[rows.proportion.notna()].n_synthetic.dropna()
    return f"{int(first.n_train)} + {int(added.min())} to {int(added.max())}"


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
        for note in str(row.notes or "").split("; "):
            if note:
                notes.setdefault(note, {})[str(row.arm)] = None
    return [f"{note} ({', '.join(names)})" for note, names in notes.items()]


def _failures(rows: pd.DataFrame) -> list[str]:
    bad: dict[tuple[Any, ...], int] = {}
    for row in rows[not_ok(rows)].itertuples():
        names = [row.generator, row.profiler, row.pipeline]
        cell = " ".join([str(row.dataset), *(str(name) for name in names if name != "none")])
        key = (cell, row.status, row.phase, row.reason)
        bad[key] = bad.get(key, 0) + 1
    return [
        f"{status}: {cell} in {phase}: {reason} ({count} rows)"
        for (cell, status, phase, reason), count in bad.items()
    ]
