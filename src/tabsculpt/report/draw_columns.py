"""Figures of columns, real against synthetic: violins, and histograms of the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.distributions import common_edges, mean_distribution
from tabsculpt.analysis.measurements import groups
from tabsculpt.report.draw_tables import MOST_RUNS, of_tables, ran_words
from tabsculpt.report.figure import Axis, Bars, Figure, Mark, Ridge, Steps
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.labels import labels
from tabsculpt.results import not_ok

MOST_COLUMNS = 16
Records = list[dict[str, Any]]


def column_figures(inputs: Inputs) -> Iterator[Figure]:
    """Violins of the columns and histograms of the target, real against synthetic."""
    whole = of_tables(inputs.rows)
    whole = whole[~not_ok(whole) & whole["round"].isna()]
    for names, arms in groups(whole, []):
        runs = arms.drop_duplicates(["arm", "job"])
        shown = runs.groupby("arm", sort=False).head(MOST_RUNS)
        found = inputs.distributions(list(shown.job))
        if found.empty:
            continue
        found = found[found.table != "test"]  # which is not drawn
        found = found[found["round"].isna()] if "round" in found else found
        found = found.assign(arm=found.job.map(dict(zip(shown.job, shown.arm, strict=True))))
        columns = _columns(found.to_dict("records"))
        caption = f"{_of_runs(runs, shown)} {ran_words(arms)}"
        if (violins := _violins(columns, labels(names), caption)) is not None:
            yield violins
        yield _target(next(c for c in columns if c.role == "target"), labels(names), caption)


@dataclass(frozen=True, eq=False)
class _Column:
    """One column: its name and role, and its mean distribution over runs by series."""

    name: str
    role: str
    by_series: dict[str, dict[str, Any]]


def _columns(found: Records) -> list[_Column]:
    """The columns of the train part and of each arm's synthetic tables."""
    by_column: dict[tuple[str, str], dict[str, Records]] = {}
    for row in found:
        series = {"train": REAL, "synthetic": row["arm"]}.get(row["table"])
        if series is not None:
            of = by_column.setdefault((row["column"], row["role"]), {REAL: []})
            of.setdefault(series, []).append(row)
    columns = []
    for (name, role), of in by_column.items():
        edges = common_edges([row for rows in of.values() for row in rows])
        columns.append(
            _Column(name, role, {s: mean_distribution(rows, edges) for s, rows in of.items()})
        )
    return columns


def _of_runs(runs: pd.DataFrame, shown: pd.DataFrame) -> str:
    """How many splits and fits a mean is over, and which where those are not all."""
    n, of = (int(found.groupby("arm").size().max()) for found in (shown, runs))
    if n == 1:
        return f"Split {shown.split_seed.iloc[0]}, seed {shown.seed.iloc[0]}."
    if n == of:
        return f"Means over {n} splits and fits."
    first, last = shown.iloc[0], shown.groupby("arm").tail(1).iloc[0]
    return (
        f"Means over the first {n} of {of} splits and fits (split {first.split_seed}, seed "
        f"{first.seed} to split {last.split_seed}, seed {last.seed})."
    )


def _violins(found: list[_Column], where: dict[str, str], caption: str) -> Figure | None:
    numeric = [column for column in found if len(column.by_series[REAL]["edges"])]
    shown = numeric[:MOST_COLUMNS]
    if not shown:
        return None
    marks: list[Mark] = [
        _ridge(series, column.name, row, series == REAL)
        for column in shown
        for series, row in column.by_series.items()
    ]
    more = len(numeric) - len(shown)
    left = f" {more} more columns are not shown." if more else ""
    return Figure(
        "violins",
        "Columns, real against synthetic",
        where,
        Axis("place in the range of the real values (0: least, 1: greatest)"),
        Axis("column", "category", tuple(column.name for column in shown)),
        tuple(marks),
        f"Above each line the real train rows, below it the synthetic ones; dots are quartiles."
        f"{left} {caption}",
    )


def _ridge(series: str, column: str, row: Any, up: bool) -> Ridge:
    edges = np.asarray(row["edges"], dtype=float)
    places = (edges[:-1] + edges[1:]) / 2
    width = edges[-1] - edges[0]
    shares = np.asarray(row["shares"], dtype=float)
    offsets = np.arange(-3, 4)
    kernel = np.exp(-0.5 * (offsets / 1.2) ** 2)
    smooth = np.convolve(np.pad(shares, 3, mode="reflect"), kernel / kernel.sum(), mode="valid")
    density = smooth / smooth.max() if smooth.max() > 0 else smooth
    quartiles = [(q - edges[0]) / width for q in list(row["quantiles"])[1:4]]
    inside = [float(q) for q in quartiles if 0 <= q <= 1]
    return Ridge(
        series, column, ((places - edges[0]) / width).tolist(), density.tolist(), up, inside
    )


def _seen(column: _Column) -> list[str]:
    """The categories that any table has a row of."""
    every = [
        (name, share)
        for row in column.by_series.values()
        for name, share in zip(row["categories"], row["shares"], strict=False)
    ]
    return list(dict.fromkeys(name for name, share in every if share > 0))


def _target(column: _Column, where: dict[str, str], caption: str) -> Figure:
    real = column.by_series[REAL]
    numeric = len(real["edges"]) > 0
    outside = [
        f"{series}: {100 * (row['below'] + row['above']):.1f} % outside"
        for series, row in column.by_series.items()
        if series != REAL and row["below"] + row["above"] > 0
    ]
    marks: list[Mark] = []
    names = _seen(column)
    for series, row in column.by_series.items():
        percent: list[float | None] = [100 * float(share) for share in row["shares"]]
        if numeric:
            edges = list(map(float, row["edges"]))
            marks.append(Steps(series, edges, percent, series == REAL))
        else:
            by_name = dict(zip(row["categories"], percent, strict=True))
            marks.append(Bars(series, [by_name.get(name, 0.0) for name in names], names))
    share = Axis("rows (%)")
    unit = Axis(f"{column.name} (target, in its own unit)")
    classes = Axis(column.name, "category", tuple(names))
    more = f" Beyond the real range: {'; '.join(outside)}." if outside else ""
    return Figure(
        "target",
        "The target, real against synthetic",
        where,
        unit if numeric else share,
        share if numeric else classes,
        tuple(marks),
        f"Share of the rows; real: the train part.{more} {caption}",
    )
