"""The table that a run ends with, read from the result files and the stored predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.columns import HEADLINE, RUN, UNPAIRED, arms_in_order
from tabsculpt.analysis.levels import Level, level
from tabsculpt.analysis.measurements import REAL, Cell, Measurements, groups
from tabsculpt.analysis.row_noise import over_test_rows
from tabsculpt.report.by_minority import METRICS as OF_MINORITY
from tabsculpt.report.by_minority import minority_tables
from tabsculpt.report.by_step import step_table
from tabsculpt.report.classification import METRICS as OF_CLASSES
from tabsculpt.report.classification import classification_tables
from tabsculpt.report.numbers import column, levels
from tabsculpt.report.ranking import ranking_tables
from tabsculpt.report.removal import removal_tables
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


@dataclass(frozen=True, eq=False)
class Shown:
    """What one table shows: the arms of one data set, generator, profiler, protocol and run.

    Attributes:
        found: all measurements.
        names: what it holds fixed, by the names of `columns.GROUP` and of `columns.RUN`.
        rows: of its arms and of its baseline.
    """

    found: Measurements
    names: dict[str, Any]
    rows: pd.DataFrame

    def cells(self, metric: str) -> list[Cell]:
        """Its arms side by side, a cell for each step of the protocol."""
        rows = self.rows[(self.rows.metric == metric) & self.rows.predictor.notna()]
        return list(self.found.side_by_side({**self.names, "metric": metric}, rows))

    @cached_property
    def headline(self) -> list[Cell]:
        """The cells of the metric that its task is judged by."""
        return self.cells(HEADLINE[self.names["task"]])

    @property
    def arms(self) -> list[str]:
        """Its arms, in order."""
        return arms_in_order(self.rows.arm)

    def levels(self, metric: str) -> list[Level]:
        """The level of each arm."""
        cells = self.cells(metric)
        return [level(cells, arm) for arm in self.arms]


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
    if len(shown) > MOST_TABLES:
        console.print(
            f"the first {MOST_TABLES} of {len(shown)} tables; "
            "`tabsculpt results COLUMN=VALUE ...` shows those that you name"
        )
    for one in shown[:MOST_TABLES]:
        console.print(_table(one))
        if (by_step := step_table(one.headline, one.rows)) is not None:
            console.print(by_step)
        for line in _comparisons(one, store):
            console.print(line)
        for note in _notes(one.rows):
            console.print(f"[yellow]note[/] {escape(note)}")
    for table in (*minority_tables(found), *list(classification_tables(found))[:MOST_TABLES]):
        console.print(table)
    for line in _failures(found.rows):
        console.print(f"[red]{escape(line)}[/]")


def _table(shown: Shown) -> RichTable:
    metrics = SHOWN[Task(shown.names["task"])]
    table = RichTable(title=escape(_title(shown)), title_justify="left", title_style="bold")
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


def _title(shown: Shown) -> str:
    first = shown.rows.iloc[-1]
    chosen = [f"{part} {_chosen(shown.rows, part)}" for part in ("generator", "profiler")]
    protocol = " ".join(filter(None, [first.protocol, first.protocol_settings]))
    return f"{first.dataset}: {first.task}; {', '.join(chosen)}, protocol {protocol}"


def _caption(shown: Shown) -> str:
    first, n = shown.rows.iloc[-1], shown.rows.predictor.dropna().nunique()
    fold = "" if pd.isna(first.fold) else f"fold {int(first.fold)}, "
    left = sum(int((~cell.shared).sum()) for cell in shown.headline)
    said = [
        f"{int(first.n_train)} train and {int(first.n_test)} test rows ({first.evaluation}), split "
        f"seed {first.split_seed}, {fold}seed {first.seed}",
        f"mean ± standard deviation over {n} predictors ({first.predictors})",
        "of n of m values: those on units that every pipeline has one on" if left else "",
        "W1: mean Wasserstein distance of the columns to the real train part, in standard "
        "deviations; smaller is closer",
        "W1 of upsample and adaptive: to real rows in the same mix of the target"
        if not OWN_MIX.isdisjoint(shown.rows.pipeline) else "",
        "kept/generated: synthetic rows, by segment of the real rows that they were learnt from"
        if shown.rows.segments.notna().any() else "",
    ]  # fmt: skip
    return "; ".join(filter(None, said))


def _chosen(group: pd.DataFrame, part: str) -> str:
    """The profiler or generator of a group, with its settings where they are not the default."""
    used = group[group[part] != "none"]
    if used.empty:
        return "none"
    return " ".join(filter(None, [used[part].iloc[0], used[f"{part}_settings"].iloc[0]]))


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


def _comparisons(shown: Shown, store: Path) -> list[str]:
    """See `_verdict`; its intervals need predictions, and a store may have been thrown away."""
    try:
        return list(_verdict(shown, store))
    except FileNotFoundError:
        return [f"[dim]no intervals: {store} no longer has the predictions[/]"]


def _verdict(shown: Shown, store: Path) -> Iterator[str]:
    """Which pipeline won, and whether by more than the noise of the test rows."""
    metric = HEADLINE[shown.names["task"]]
    means = {a: one.mean for a, one in zip(shown.arms, shown.levels(metric), strict=True) if one.n}
    made = [arm for arm in means if arm != REAL]
    if not made:
        return
    sign = 1 if shown.headline[0].direction == "min" else -1
    best, *others = sorted(made, key=lambda arm: sign * means[arm])
    if others and (said := _against(shown, best, others[0], store)):
        yield f"[bold]{best}[/] has the best mean {metric} of the synthetic pipelines, {said}"
    if REAL in means and (said := _against(shown, best, REAL, store)):
        yield f"{best} is {said}"
    if "random_drop" in means and "profile2gen" in means and len(made) > 2:
        yield f"profile2gen is {_against(shown, 'profile2gen', 'random_drop', store)}"
    yield (
        "[dim]Noise here is that of the test rows alone, for one split and one fit; "
        "repeat with seed=0,1,2 and split.seed=0,1,2 before you claim a difference.[/]"
    )


def _against(shown: Shown, first: str, second: str, store: Path) -> str:
    found = over_test_rows(shown.headline, first, second, store)
    if found is None:
        return ""
    ends = (found.low, found.high)
    [value] = column([abs(found.value)], like=(found.value, *ends))
    low, high = column(ends, sign=True, like=(found.value, *ends))
    side = "below" if found.value < 0 else "above"
    over = f"{found.n} test rows" + (f" in {found.units} groups" if found.units < found.n else "")
    said = f"{value} {side} {second} in mean {shown.headline[0].names['metric']}"
    if np.isnan(found.error):
        why = "are all of one group" if found.units < 2 else "hold one row alone of a class"
        return f"{said}: cannot tell, as the {found.n} test rows {why}"
    verdict = "more than noise" if found.beyond_noise else "no more than noise"
    return f"{said} (95 % interval {low} to {high} over {over}): {verdict}"


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
