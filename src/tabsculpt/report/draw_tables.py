"""Figures of synthetic tables: distances, distributions, dropped rows, profiles, searches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.columns import arms_in_order
from tabsculpt.analysis.measurements import groups
from tabsculpt.report.figure import Axis, Bars, Figure, Line, Mark, Points, Ridge, Rule, Steps
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.labels import labels
from tabsculpt.results import not_ok

MOST_POINTS = 600
MOST_COLUMNS = 16
Records = list[dict[str, Any]]
SAME = ["dataset", "data", "evaluation", "device"]
"""What synthetic tables must share to stand in one figure: who learns from them does not matter."""


def distances(inputs: Inputs) -> Iterator[Figure]:
    """Wasserstein distance to the real train part, by generator and arm."""
    whole = _of_tables(inputs.rows)
    reference = _reference(inputs.quality)
    for (dataset, _, evaluation, device), mine in whole.groupby(SAME, sort=False):
        means = mine.groupby([_made(mine), "arm"]).value.mean().unstack("arm")
        generators = tuple(map(str, means.index))
        marks: list[Mark] = [
            Bars(arm, means[arm].tolist(), list(generators)) for arm in arms_in_order(means)
        ]
        if dataset in reference:
            marks.append(Rule("x", reference[dataset], "real test part"))
        yield Figure(
            "wasserstein",
            "Distance of the synthetic tables to the real train part",
            {"dataset": str(dataset), "evaluation": evaluation, "device": device},
            Axis("mean Wasserstein distance of the columns (standard deviations, lower is closer)"),
            Axis("generator", "category", generators),
            tuple(marks),
            "Means over seeds, splits and profilers; dashed: the distance of the real test part, "
            f"which another real sample has. {_ran(mine)}",
        )


def dropped(inputs: Inputs) -> Iterator[Figure]:
    """Share of the generated rows that were dropped, by generator and arm."""
    whole = _of_tables(inputs.rows)
    whole = whole[whole["round"].isna() & whole.n_dropped.notna()]
    drops = whole.groupby("arm").n_dropped.sum()
    whole = whole[whole.arm.isin(drops[drops > 0].index)]
    share = 100 * whole.n_dropped / (whole.n_dropped + whole.n_synthetic)
    named = whole.assign(share=share).groupby(SAME, sort=False)
    for (dataset, _, evaluation, device), mine in named:
        means = mine.groupby([_made(mine), "arm"]).share.mean().unstack("arm")
        generators = list(map(str, means.index))
        yield Figure(
            "dropped",
            "Synthetic rows dropped",
            {"dataset": str(dataset), "evaluation": evaluation, "device": device},
            Axis("dropped (% of the generated rows)"),
            Axis("generator", "category", tuple(generators)),
            tuple(Bars(a, means[a].tolist(), generators) for a in arms_in_order(means)),
            f"Means over seeds, splits and profilers. {_ran(mine)}",
        )


def column_figures(inputs: Inputs) -> Iterator[Figure]:
    """Violins of the columns and histograms of the target, real against synthetic."""
    whole = _of_tables(inputs.rows)
    whole = whole[~not_ok(whole) & whole["round"].isna()]
    for names, arms in groups(whole, []):
        first = arms.drop_duplicates("arm")  # the first seed and split stand for the others
        found = inputs.distributions(list(first.job))
        if found.empty:
            continue
        found = found[found["round"].isna()] if "round" in found else found
        found = found.assign(arm=found.job.map(dict(zip(first.job, first.arm, strict=True))))
        where = labels(names)
        seed = f"Seed {first.seed.iloc[0]}, split {first.split_seed.iloc[0]}. {_ran(arms)}"
        records = found.to_dict("records")
        if (violins := _violins(records, where, seed)) is not None:
            yield violins
        yield _target(records, where, seed)


def segment_maps(inputs: Inputs) -> Iterator[Figure]:
    """Confidence against uncertainty of the real train rows, or hardness by rank without."""
    rows = inputs.rows
    profiled = rows[rows["keys"].fillna("").str.contains("profile_real")]
    for (dataset, profiler), mine in profiled.groupby(["dataset", "profiler"], sort=False):
        profile = inputs.profile(mine["keys"].iloc[0])
        if len(profile):
            where = {"dataset": str(dataset), "profiler": str(profiler)}
            ran = mine["keys"].map(lambda keys: json.loads(keys).get("profile_real")).nunique()
            yield _map(profile, where, f"The first of {ran} profiles that ran.")


def searches(selection: pd.DataFrame) -> Iterator[Figure]:
    """Number of hard rows against the threshold, a line per flip rate."""
    if selection.empty:
        return
    for (dataset, profiler), mine in selection.groupby(["dataset", "profiler"], sort=False):
        means = mine.groupby(["flip_rate", "threshold"]).n_hard.mean().unstack("threshold")
        thresholds = [float(value) for value in means.columns]
        marks: list[Mark] = [
            Line(f"{rate:g} flipped", thresholds, values.tolist())
            for rate, values in means.iterrows()
        ]
        yield Figure(
            "hard",
            "Hard rows against threshold and flip rate",
            {"dataset": str(dataset), "profiler": str(profiler)},
            Axis("threshold"),
            Axis("hard rows (number)"),
            tuple(marks),
            f"Means over repeats, of {int(mine.n.iloc[0])} train rows; a line per share of labels "
            f"that were flipped. {len(mine)} cells of the search ran.",
        )


def _of_tables(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.predictor.isna() & (rows.metric == "wasserstein")]


def _ran(rows: pd.DataFrame) -> str:
    ran = int(rows.value.notna().sum())
    combinations = rows.generator.nunique() * rows.arm.nunique()
    absent = combinations - len(rows.drop_duplicates(["generator", "arm"]))
    return f"{ran} tables ran, {len(rows) - ran} failed, {absent} combinations absent."


def _reference(quality: pd.DataFrame) -> dict[Any, float]:
    if quality.empty:
        return {}
    whole = quality[(quality.metric == "wasserstein") & quality.column.isna()]
    return {str(k): float(v) for k, v in whole.groupby("dataset").reference.mean().items()}


def _made(rows: pd.DataFrame) -> pd.Series:
    named = (rows.generator + " " + rows.generator_settings).str.strip()
    return named.rename("generator")


def _violins(found: Records, where: dict[str, str], said: str) -> Figure | None:
    by_column: dict[str, Records] = {}
    for row in found:
        if len(row["edges"]):
            by_column.setdefault(row["column"], []).append(row)
    columns = list(by_column)[:MOST_COLUMNS]
    if not columns:
        return None
    marks: list[Mark] = []
    for column in columns:
        marks.append(_ridge("real", _train(by_column[column]), True))
        for row in _synthetic(by_column[column]):
            marks.append(_ridge(row["arm"], row, False))
    more = len(by_column) - len(columns)
    left = f" {more} more columns are not shown." if more else ""
    return Figure(
        "violins",
        "Columns, real against synthetic",
        where,
        Axis("place in the range of the real values (0: least, 1: greatest)"),
        Axis("column", "category", tuple(columns)),
        tuple(marks),
        f"Above each line the real train rows, below it the synthetic ones; dots are quartiles."
        f"{left} {said}",
    )


def _ridge(series: str, row: Any, up: bool) -> Ridge:
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
        series, row["column"], ((places - edges[0]) / width).tolist(), density.tolist(), up, inside
    )


def _train(found: Records) -> dict[str, Any]:
    """What is there of the train part; several jobs say the same of it."""
    return next(row for row in found if row["table"] == "train")


def _synthetic(found: Records) -> Records:
    return [row for row in found if row["table"] == "synthetic"]


def _target(found: Records, where: dict[str, str], said: str) -> Figure:
    mine = [row for row in found if row["role"] == "target"]
    real, made = _train(mine), _synthetic(mine)
    numeric = len(real["edges"]) > 0
    outside = [
        f"{row['arm']}: {100 * (row['below'] + row['above']):.1f} % outside"
        for row in made
        if row["below"] + row["above"] > 0
    ]
    marks: list[Mark] = []
    for series, row in [("real", real)] + [(row["arm"], row) for row in made]:
        percent: list[float | None] = [100 * float(share) for share in row["shares"]]
        if numeric:
            edges = list(map(float, row["edges"]))
            marks.append(Steps(series, edges, percent, series == "real"))
        else:
            marks.append(Bars(series, percent, list(row["categories"])))
    share = Axis("rows (%)")
    unit = Axis(f"{real['column']} (target, in its own unit)")
    classes = Axis(str(real["column"]), "category", tuple(real["categories"]))
    more = f" Beyond the real range: {'; '.join(outside)}." if outside else ""
    return Figure(
        "target",
        "The target, real against synthetic",
        where,
        unit if numeric else share,
        share if numeric else classes,
        tuple(marks),
        f"Share of the rows; real: the train part.{more} {said}",
    )


def _map(profile: pd.DataFrame, where: dict[str, str], ran: str) -> Figure:
    n = len(profile)
    shares = profile.segment.value_counts()
    if n > MOST_POINTS:
        profile = profile.sample(MOST_POINTS, random_state=0)
    mapped = profile.uncertainty.notna().all()
    ranked = profile.assign(rank=100 * profile.hardness.rank(pct=True))
    marks: list[Mark] = []
    for segment in ("easy", "ambiguous", "hard"):
        mine = ranked[ranked.segment == segment]
        x, y = (mine.uncertainty, mine.score) if mapped else (mine["rank"], mine.hardness)
        tips = [f"row {row}" for row in mine.row]
        if len(mine):
            marks.append(Points(segment, x.tolist(), y.tolist(), tips=tips, small=True))
    counted = ", ".join(f"{shares.get(s, 0)} {s}" for s in ("easy", "ambiguous", "hard"))
    drawn = f"; {MOST_POINTS} of them drawn" if n > MOST_POINTS else ""
    return Figure(
        "segments",
        "Segments of the real train rows",
        where,
        Axis("uncertainty (profiler's own unit)" if mapped else "rows from easiest to hardest (%)"),
        Axis("confidence (0 to 1)" if mapped else "hardness (profiler's own unit)"),
        tuple(marks),
        f"{n} rows: {counted}{drawn}. {ran}",
    )
