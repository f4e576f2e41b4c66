"""The page of the leaderboard, from its cells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from leaderboards.cells import IN_UNITS
from leaderboards.head import head
from leaderboards.tables import JUDGE, TUNE
from tabsculpt.analysis.overall import friedman_test
from tabsculpt.analysis.rankings import critical_difference
from tabsculpt.config.compose import load

SHOWN = {
    "tstr": ("TSTR / real", "{:.3f}"),
    "wasserstein": ("W1", "{:.3f}"),
    "detection_auc": ("detection", "{:.2f}"),
    "correlation": ("correlation error", "{:.3f}"),
    "sdmetrics_quality": ("SDMetrics", "{:.3f}"),
    "closer_to_train": ("closer to train", "{:.2f}"),
    "cpu_seconds": ("CPU s", "{:.2f}"),
    "peak_mb": ("MB", "{:.0f}"),
}

IN_UNITS_TABLES = ("credit_approval", "bodyfat", "plasma")

OWN = {
    "tvae": "sdv_tvae", "ctgan": "sdv_ctgan", "gaussian_copula": "sdv_gaussian_copula",
    "forest_flow": "forest_diffusion",
}  # fmt: skip
"""Generators, and the package's own of the same kind at its defaults."""

CONTROL = "bootstrap"
"""It copies train rows: a bound to compare with, not synthetic data."""

PRIVATE = {"dp_nade", "mst"}
"""Differentially private generators."""

_FEWEST_TABLES = 3

_NEAR = 0.98
"""What share of the best TSTR / real counts as near it."""

_CLOSE = 0.6
"""Below which detection counts as low."""


def page(cells: pd.DataFrame, generators: Sequence[str]) -> str:
    """Markdown.

    Args:
        cells: as `leaderboards.cells.collect` gives them.
        generators: all that there are, run or not.
    """
    return "\n".join(
        [
            *head(cells, generators),
            *_default(cells),
            *_ranks(cells),
            *_beside(cells),
            *_means(cells),
            *_tables(cells),
            *_in_units(cells),
            *_gaps(cells),
        ]
    )


def _tstr(cells: pd.DataFrame, roles: tuple[str, ...]) -> pd.DataFrame:
    """Means over the splits, tables by generators."""
    return _means_of(cells[cells.table.isin(roles)], "tstr")


def _default(cells: pd.DataFrame) -> Iterator[str]:
    """How the default generator stands, by table."""
    name = load([]).names["generator"]
    scores, told = _tstr(cells, (*TUNE, *JUDGE)), _means_of(cells, "detection_auc")
    yield "## The default"
    yield ""
    if name not in scores:
        yield f"The default is `{name}`, which has not run."
        yield ""
        return
    ran = scores[name].dropna().index
    others = scores.loc[ran].drop(columns=CONTROL, errors="ignore")
    near = others[name] >= _NEAR * others.max(axis=1)
    known = told[name].reindex(ran).dropna()
    high = known.index[known >= _CLOSE]
    yield f"`{name}`: {_place(name, _tstr(cells, JUDGE))} {_cost(name, cells)}"
    yield f"Within 2 % of the best on {near.sum()} of {len(ran)} tables, those for tuning"
    yield f"among them (not on {_names(ran[~near])}). Detection below {_CLOSE} on"
    yield f"{len(known) - len(high)} of {len(known)} (not on {_names(high)})."
    yield ""


def _place(name: str, scores: pd.DataFrame) -> str:
    """Its average rank in the largest block that it is in, the control left out."""
    blocks = [block for block in _blocks(scores) if name in block]
    if not blocks:
        return "it has run on no table to judge by."
    ranked = max(blocks, key=len).drop(columns=CONTROL, errors="ignore")
    ranks = ranked.rank(axis=1, ascending=False).mean().sort_values()
    of_others = ranks.drop(name)
    place = int((of_others < ranks[name]).sum()) + 1
    best = f"; the best of the others is `{of_others.index[0]}`, {of_others.iloc[0]:.1f}"
    return (
        f"number {place} of {len(ranks)} by average rank over {len(ranked)} tables, "
        f"{ranks[name]:.1f}{best if len(of_others) else ''}."
    )


def _cost(name: str, cells: pd.DataFrame) -> str:
    seconds = cells[(cells.generator == name) & (cells.measure == "cpu_seconds")]
    by_table = seconds.groupby("table").value.mean()
    return (
        f"{by_table.min():.0f} to {by_table.max():.0f} s of CPU a table." if len(by_table) else ""
    )


def _names(tables: pd.Index) -> str:
    return ", ".join(tables) or "none"


def _blocks(scores: pd.DataFrame) -> list[pd.DataFrame]:
    """Without gaps: the one of most cells, and that of most generators on three tables or more."""
    counts = scores.notna().sum()
    found = [scores.loc[:, counts >= least].dropna() for least in sorted(counts.unique())]
    largest = max(found, key=lambda block: block.size)
    wide = [block for block in found if len(block) >= _FEWEST_TABLES]
    widest = max(wide, key=lambda block: (block.shape[1], len(block)), default=largest)
    return [largest] if widest.shape == largest.shape else [widest, largest]


def _ranks(cells: pd.DataFrame) -> Iterator[str]:
    scores = _tstr(cells, JUDGE)
    yield "## Ranks"
    yield ""
    if scores.empty:
        yield "No table to judge by has run."
        return
    names = set(cells[cells.measure == "tstr"].generator)
    for ranked in _blocks(scores):
        yield from _ranked(ranked, sorted(names - set(ranked)))


def _ranked(ranked: pd.DataFrame, left: list[str]) -> Iterator[str]:
    ranks = ranked.rank(axis=1, ascending=False).mean().sort_values()
    _, p = friedman_test(ranked.to_numpy())
    distance = critical_difference(len(ranks), len(ranked))
    best = ranked.drop(columns=CONTROL, errors="ignore").max(axis=1)
    yield f"Average rank in TSTR / real over {len(ranked)} tables ({', '.join(ranked.index)});"
    yield f"ranks less than {distance:.1f} apart do not differ at 5 % (Nemenyi);"
    yield f"Friedman p = {p:.2g}."
    if left:
        yield f"Not ranked, as they ran on fewer tables: {', '.join(left)}."
    yield ""
    yield "| generator | average rank | mean TSTR / real | within 2 % of the best |"
    yield "|---|---:|---:|---:|"
    for name, rank in ranks.items():
        near = int((ranked[name] >= _NEAR * best).sum())
        yield f"| {name} | {rank:.1f} | {ranked[name].mean():.3f} | {near} of {len(ranked)} |"
    yield ""


def _beside(cells: pd.DataFrame) -> Iterator[str]:
    """Ours beside the package's own, and all beside independent columns, on all tables."""
    scores = _tstr(cells, (*TUNE, *JUDGE))
    detection = _means_of(cells, "detection_auc")
    yield "## Beside the packages' own"
    yield ""
    yield "On the tables that both ran on, those for tuning among them; told: detection."
    yield ""
    yield "| ours | package's | tables | ours as good or better | TSTR | theirs | told | theirs |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for ours, theirs in OWN.items():
        if {ours, theirs} <= set(scores):
            both = scores[[ours, theirs]].dropna()
            told = detection.reindex(both.index).reindex(columns=[ours, theirs]).mean()
            wins = int((both[ours] >= both[theirs]).sum())
            means = f"{both[ours].mean():.3f} | {both[theirs].mean():.3f}"
            found = f"{told[ours]:.2f} | {told[theirs]:.2f}"
            yield f"| {ours} | {theirs} | {len(both)} | {wins} | {means} | {found} |"
    yield ""
    yield from _worse_than_nothing(scores)


def _worse_than_nothing(scores: pd.DataFrame) -> Iterator[str]:
    if "marginal" not in scores:
        return
    below = scores.lt(scores["marginal"], axis=0)
    named = [f"{name} on {table}" for name in below for table in below.index[below[name]]]
    yield f"Worse than `marginal`, whose columns are independent: {', '.join(named) or 'none'}."
    if private := sorted(PRIVATE & set(below)):
        yield ""
        yield f"The noise that keeps rows private ({', '.join(private)}; by default for an epsilon"
        yield "of 1) is more than hundreds of rows can bear; `marginal` is not private."
    yield ""


def _means_of(cells: pd.DataFrame, measure: str) -> pd.DataFrame:
    chosen = cells[cells.measure == measure]
    return chosen.pivot_table(index="table", columns="generator", values="value", aggfunc="mean")


def _means(cells: pd.DataFrame) -> Iterator[str]:
    yield "## Means"
    yield ""
    yield "Over the tables and splits that each has run on; compare those of as many tables."
    yield ""
    yield f"| generator | tables | {' | '.join(title for title, _ in SHOWN.values())} |"
    yield f"|---|---:|{'---:|' * len(SHOWN)}"
    by = cells[cells.measure.isin(SHOWN)].groupby(["generator", "table", "measure"]).value.mean()
    means = by.groupby(["generator", "measure"]).mean().unstack()
    counts = cells[cells.measure == "tstr"].groupby("generator").table.nunique()
    for name, row in means.sort_values("tstr", ascending=False).iterrows():
        values = (_form(row.get(key, np.nan), form) for key, (_, form) in SHOWN.items())
        yield f"| {name} | {counts.get(name, 0)} | {' | '.join(values)} |"
    yield ""


def _tables(cells: pd.DataFrame) -> Iterator[str]:
    scores = _tstr(cells, (*TUNE, *JUDGE))
    order = [name for name in (*TUNE, *JUDGE) if name in scores.index]
    yield "## TSTR / real by table"
    yield ""
    yield f"| generator | {' | '.join(order)} |"
    yield f"|---|{'---:|' * len(order)}"
    for name in scores.mean().sort_values(ascending=False).index:
        yield f"| {name} | {' | '.join(_form(scores.loc[t, name], '{:.3f}') for t in order)} |"
    yield ""


def _in_units(cells: pd.DataFrame) -> Iterator[str]:
    """Scores of two predictors as they are, beside closeness, on the tables of `IN_UNITS`."""
    if not cells.measure.isin(IN_UNITS).any():
        return
    means = cells.groupby(["generator", "table", "measure"]).value.mean()
    of_real = cells.groupby(["table", "measure"]).reference.mean()
    yield "## Scores in units"
    yield ""
    yield "LightGBM / random forest trained on synthetic rows, on real test rows (AUC of"
    yield "credit_approval, RMSE of bodyfat and plasma); then W1 / detection."
    yield ""
    heads = " | ".join(f"{table} | W1, detection" for table in IN_UNITS_TABLES)
    yield f"| generator | {heads} |"
    yield f"|---|{'---:|' * 2 * len(IN_UNITS_TABLES)}"
    real = (_pair(of_real, table, IN_UNITS) + " | " for table in IN_UNITS_TABLES)
    yield f"| real rows | {' | '.join(real)} |"
    for name in cells.generator.unique():
        found = (
            _pair(means[name], table, measures)
            for table in IN_UNITS_TABLES
            for measures in (IN_UNITS, ("wasserstein", "detection_auc"))
        )
        yield f"| {name} | {' | '.join(found)} |"
    yield ""


def _pair(means: pd.Series, table: str, measures: tuple[str, str]) -> str:
    values = [means.get((table, measure), np.nan) for measure in measures]
    return " / ".join(_form(value, "{:.3g}") for value in values)


def _gaps(cells: pd.DataFrame) -> Iterator[str]:
    ran = cells[cells.measure == "tstr"]
    bad = ran[ran.status != "ok"]
    yield "## What did not work"
    yield ""
    if bad.empty:
        yield "Nothing that ran failed."
    for (name, status, reason), part in bad.groupby(["generator", "status", "reason"]):
        yield f"- {name}: {status} on {', '.join(sorted(part.table.unique()))}: {reason}"
    yield ""
    versions: dict[str, str] = {}
    for text in ran.versions.dropna().unique():
        versions |= json.loads(text)
    yield "Versions: " + ", ".join(
        f"{name} {version}" for name, version in sorted(versions.items())
    )
    yield ""


def _form(value: float, form: str) -> str:
    return "" if pd.isna(value) else form.format(value)
