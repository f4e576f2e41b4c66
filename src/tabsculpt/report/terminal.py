"""The table that a run ends with, read from the result files and the stored predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.artifacts import read_arrays, read_table
from tabsculpt.report.by_minority import METRICS as OF_MINORITY
from tabsculpt.report.by_minority import minority_tables
from tabsculpt.report.by_step import HEADLINE, step_table
from tabsculpt.report.classification import classification_tables
from tabsculpt.report.ranking import ranking_tables
from tabsculpt.report.removal import removal_tables
from tabsculpt.results import PHASES
from tabsculpt.stats.influence import Difference, auc_influence, paired_difference, rmse_influence
from tabsculpt.table import FloatArray, Table, Task

SHOWN = {
    Task.REGRESSION: ("rmse", "r2"),
    Task.BINARY: ("auc_roc", "macro_f1"),
    Task.MULTICLASS: ("auc_roc", "macro_f1"),
}
METRICS = frozenset(
    {name for names in SHOWN.values() for name in names}
    | {"wasserstein", "rounds", "auprc", "auprc_published", *OF_MINORITY}
)
"""Those that `show` looks at, beside rows that are not ok."""
COSTS = [f"{what}_{phase}" for what in ("seconds", "peak_mb") for phase in PHASES]
UNSEEN = ("versions", "experiment", "started", "ended", *COSTS)
"""Columns that `show` does not look at."""
ORDER = ("real", "traditional", "preprocess", "profile2gen", "postprocess", "random_drop")
OWN_MIX = frozenset({"upsample", "adaptive"})
CELL = [
    "dataset",
    "data",
    "task",
    "predictors",
    "evaluation",
    "split_seed",
    "fold",
    "seed",
    "device",
]
MOST_TABLES = 20
"""Tables that are printed at once: a person reads no more, and each compares predictions."""
MADE = ["protocol", "protocol_settings", "generator", "generator_settings"]


def show(rows: pd.DataFrame, store: Path, console: Console) -> None:
    """Print, for each data set, generator and profiler, the pipelines side by side.

    Args:
        rows: result rows, as `results.read_rows` gives them; those of `METRICS` will do, and
            `UNSEEN` columns may be left out.
        store: the store folder, for the predictions behind the rows.
        console: where to.
    """
    ranked = rows[rows.protocol == "hardness"]
    for table in ranking_tables(ranked):
        console.print(table)
    for table in removal_tables(rows):
        console.print(table)
    groups = list(_groups(rows[~rows.protocol.isin(["hardness", "removal"])]))
    if len(groups) > MOST_TABLES:
        console.print(
            f"the first {MOST_TABLES} of {len(groups)} tables; "
            "`tabsculpt results COLUMN=VALUE ...` shows those that you name"
        )
    for group in groups[:MOST_TABLES]:
        console.print(_table(group))
        if (by_step := step_table(group)) is not None:
            console.print(by_step)
        for line in _comparisons(group, store):
            console.print(line)
        for note in _notes(group):
            console.print(f"[yellow]note[/] {escape(note)}")
    for table in (*minority_tables(rows), *list(classification_tables(rows))[:MOST_TABLES]):
        console.print(table)
    for line in _failures(rows):
        console.print(f"[red]{escape(line)}[/]")


def _groups(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Rows that belong side by side: one cell of the grid, with its real-data baseline.

    Adds the column ``arm``: the pipeline, with its settings where they are not the default ones.
    """
    rows = rows.assign(arm=(rows.pipeline + " " + rows.pipeline_settings).str.strip())
    for _, cell in rows.groupby(CELL, sort=False, dropna=False):
        real, made = cell[cell.pipeline == "real"], cell[cell.pipeline != "real"]
        if made.empty:
            yield real
        for _, by_generator in made.groupby(MADE, sort=False):
            plain = by_generator[by_generator.profiler == "none"]
            profiled = by_generator[by_generator.profiler != "none"]
            if profiled.empty:
                yield pd.concat([real, plain])
            for _, mine in profiled.groupby(["profiler", "profiler_settings"], sort=False):
                yield pd.concat([real, plain, mine])


def _table(group: pd.DataFrame) -> RichTable:
    metrics = SHOWN[Task(group.task.iloc[0])]
    table = RichTable(title=escape(_title(group)), title_justify="left", title_style="bold")
    table.add_column("pipeline", no_wrap=True)
    for metric in metrics:
        table.add_column(metric, justify="right", no_wrap=True)
    table.add_column("W1", justify="right", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("kept/generated")
    for arm in _arms(group):
        mine = group[group.arm == arm]
        spreads = [_spread(mine[mine.metric == metric]) for metric in metrics]
        distance = mine[mine.metric == "wasserstein"].value
        shown = f"{distance.iloc[0]:.3f}" if distance.notna().any() else ""
        table.add_row(arm, *spreads, shown, _rows_used(mine), _segments(mine))
    table.caption = (
        "mean ± standard deviation over predictors; W1: mean Wasserstein distance of the columns "
        "to the real train part, in standard deviations"
    )
    if not OWN_MIX.isdisjoint(group.pipeline):
        table.caption += "; of upsample and adaptive to real rows in the same mix of the target"
    table.caption_justify = "left"
    return table


def _title(group: pd.DataFrame) -> str:
    first = group.iloc[-1]
    n = group.predictor.dropna().nunique()
    fold = "" if pd.isna(first.fold) else f"fold {int(first.fold)}, "
    protocol = " ".join(filter(None, [first.protocol, first.protocol_settings]))
    return (
        f"{first.dataset}: {first.task}, {int(first.n_train)} train and {int(first.n_test)} test "
        f"rows; generator {_chosen(group, 'generator')}, profiler {_chosen(group, 'profiler')}, "
        f"protocol {protocol}, {n} predictors ({first.predictors}), "
        f"{first.evaluation}, split seed {first.split_seed}, {fold}seed {first.seed}"
    )


def _chosen(group: pd.DataFrame, part: str) -> str:
    """The profiler or generator of a group, with its settings where they are not the default."""
    used = group[group[part] != "none"]
    if used.empty:
        return "none"
    return " ".join(filter(None, [used[part].iloc[0], used[f"{part}_settings"].iloc[0]]))


def _arms(group: pd.DataFrame) -> list[str]:
    def place(arm: str) -> int:
        pipeline = arm.split(" ")[0]
        return ORDER.index(pipeline) if pipeline in ORDER else len(ORDER)

    return sorted(group.arm.unique(), key=place)


def _spread(rows: pd.DataFrame) -> str:
    """The mean over predictors, and their standard deviation."""
    values = rows.value.dropna()
    if values.empty:
        return "-"
    missing = f" ({len(values)} of {len(rows)})" if len(values) < len(rows) else ""
    digits = 3 if values.abs().max() < 10 else 1
    return f"{values.mean():.{digits}f} ± {values.std(ddof=0):.{digits}f}{missing}"


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


def _comparisons(group: pd.DataFrame, store: Path) -> list[str]:
    """See `_verdict`; its intervals need predictions, and a store may have been thrown away."""
    try:
        return list(_verdict(group, store))
    except FileNotFoundError:
        return [f"[dim]no intervals: {store} no longer has the predictions[/]"]


def _verdict(group: pd.DataFrame, store: Path) -> Iterator[str]:
    """Which pipeline won, and whether by more than the noise of the test rows."""
    metric = HEADLINE[Task(group.task.iloc[0])]
    scores = _scores(group, metric)
    made = [name for name in scores if name != "real"]
    if not made:
        return
    sign = 1 if metric == "rmse" else -1
    ranked = sorted(made, key=lambda name: sign * scores[name])
    best = ranked[0]
    if len(ranked) > 1:
        yield (
            f"[bold]{best}[/] has the best mean {metric} of the synthetic pipelines, "
            + _against(group, best, ranked[1], metric, store)
        )
    if "real" in scores:
        yield f"{best} is " + _against(group, best, "real", metric, store)
    if "random_drop" in scores and "profile2gen" in scores and len(ranked) > 2:
        yield "profile2gen is " + _against(group, "profile2gen", "random_drop", metric, store)
    yield (
        "[dim]Noise here is that of the test rows alone, for one split and one fit; "
        "repeat with seed=0,1,2 and split.seed=0,1,2 before you claim a difference.[/]"
    )


def _scores(group: pd.DataFrame, metric: str) -> dict[str, float]:
    """Mean over predictors by arm, of the arms for which every predictor ended well."""
    scores = {}
    for arm in _arms(group):
        values = group[(group.arm == arm) & (group.metric == metric)].value
        if len(values) and values.notna().all():
            scores[arm] = float(values.mean())
    return scores


def _against(group: pd.DataFrame, first: str, second: str, metric: str, store: Path) -> str:
    found = compare(group, first, second, metric, store)
    side = "below" if found.value < 0 else "above"
    over = f"{found.n} test rows" + (f" in {found.units} groups" if found.units < found.n else "")
    verdict = "more than noise" if found.beyond_noise else "no more than noise"
    return (
        f"{abs(found.value):.3g} {side} {second} in mean {metric} "
        f"(95 % interval {found.low:+.3g} to {found.high:+.3g} over {over}): {verdict}"
    )


def compare(group: pd.DataFrame, first: str, second: str, metric: str, store: Path) -> Difference:
    """The difference of two arms in a metric's mean over predictors, with its interval.

    Args:
        group: result rows of one cell of a grid, see `_groups`.
        first: an arm in it for which every predictor has a value.
        second: another one.
        metric: "rmse" or "auc_roc".
        store: the store folder.
    """
    scores = _scores(group, metric)
    return paired_difference(
        _influence(group, first, metric, store),
        _influence(group, second, metric, store),
        scores[first] - scores[second],
        _test_part(store, json.loads(group.iloc[0]["keys"])["test"]).groups,
    )


def _influence(group: pd.DataFrame, arm: str, metric: str, store: Path) -> FloatArray:
    rows = group[(group.arm == arm) & (group.metric == metric)]
    parts = []
    for text in rows["keys"]:
        keys = json.loads(text)
        truth = _test_part(store, keys["test"]).target
        folder = _folder(store, keys["predictions_step"], keys["predictions"])
        prediction = read_arrays(folder / "predictions.npz")["test"]
        of = rmse_influence if metric == "rmse" else auc_influence
        parts.append(of(truth, prediction))
    mean: FloatArray = np.mean(parts, axis=0)
    return mean


@lru_cache(maxsize=1)
def _test_part(store: Path, key: str) -> Table:
    """Read once for all predictors of a table: their rows name the same part."""
    return read_table(_folder(store, "Part", key))


def _folder(store: Path, step: str, key: str) -> Path:
    return store / step / key[:2] / key


def _notes(group: pd.DataFrame) -> list[str]:
    notes: dict[str, dict[str, None]] = {}  # arms in order, each once
    for row in group.drop_duplicates(["arm", "notes"]).itertuples():
        for note in str(row.notes or "").split("; "):
            if note:
                notes.setdefault(note, {})[str(row.arm)] = None
    return [f"{note} ({', '.join(names)})" for note, names in notes.items()]


def _failures(rows: pd.DataFrame) -> list[str]:
    bad: dict[tuple[Any, ...], int] = {}
    for row in rows[rows.status != "ok"].itertuples():
        names = [row.generator, row.profiler, row.pipeline]
        cell = " ".join([str(row.dataset), *(str(name) for name in names if name != "none")])
        key = (cell, row.status, row.phase, row.reason)
        bad[key] = bad.get(key, 0) + 1
    return [
        f"{status}: {cell} in {phase}: {reason} ({count} rows)"
        for (cell, status, phase, reason), count in bad.items()
    ]
