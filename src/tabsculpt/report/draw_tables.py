"""Figures of synthetic tables and profiles: distances, dropped rows, segments, searches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from tabsculpt.analysis.columns import arms_in_order
from tabsculpt.report.figure import Axis, Bars, Figure, Line, Mark, Points, Rule
from tabsculpt.report.inputs import Inputs

MOST_POINTS = 600
MOST_RUNS = 12
"""Splits and fits that a figure of whole tables or profiles is a mean of: reading takes time."""
SEGMENTS = ("easy", "ambiguous", "hard")
SAME = ["dataset", "data", "evaluation", "device"]
"""What synthetic tables must share to stand in one figure: who learns from them does not matter."""


def distances(inputs: Inputs) -> Iterator[Figure]:
    """Wasserstein distance to the real train part, by generator and arm."""
    whole = of_tables(inputs.rows)
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
            f"which another real sample has. {ran_words(mine)}",
        )


def dropped(inputs: Inputs) -> Iterator[Figure]:
    """Share of the generated rows that were dropped, by generator and arm."""
    whole = of_tables(inputs.rows)
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
            f"Means over seeds, splits and profilers. {ran_words(mine)}",
        )


def segment_maps(inputs: Inputs) -> Iterator[Figure]:
    """Confidence against uncertainty of the real train rows, or hardness by rank without."""
    rows = inputs.rows
    profiled = rows[rows["keys"].fillna("").str.contains("profile_real")]
    for (dataset, profiler), mine in profiled.groupby(["dataset", "profiler"], sort=False):
        by_profile = {json.loads(keys)["profile_real"]: keys for keys in mine["keys"].unique()}
        few = list(by_profile.values())[:MOST_RUNS]
        profiles = [profile for keys in few if len(profile := inputs.profile(keys))]
        if profiles:
            where = {"dataset": str(dataset), "profiler": str(profiler)}
            yield _map(profiles, where, len(by_profile))


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


def first_runs(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows on synthetic tables of the first run of each arm, of which examples are shown."""
    runs = of_tables(rows)
    return runs[runs["round"].isna()].drop_duplicates(["dataset", "generator", "profiler", "arm"])


def of_tables(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows on whole synthetic tables."""
    return rows[rows.predictor.isna() & (rows.metric == "wasserstein")]


def ran_words(rows: pd.DataFrame) -> str:
    """How many synthetic tables there are, in words."""
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


def _map(profiles: list[pd.DataFrame], where: dict[str, str], of: int) -> Figure:
    counts = pd.DataFrame([profile.segment.value_counts() for profile in profiles]).fillna(0)
    each = MOST_POINTS // len(profiles)
    drawn = pd.concat(
        [
            profile.assign(rank=100 * profile.hardness.rank(pct=True)).sample(
                min(each, len(profile)), random_state=0
            )
            for profile in profiles
        ]
    )
    mapped = drawn.uncertainty.notna().all()
    marks: list[Mark] = []
    for segment in SEGMENTS:
        mine = drawn[drawn.segment == segment]
        x, y = (mine.uncertainty, mine.score) if mapped else (mine["rank"], mine.hardness)
        tips = [f"row {row}" for row in mine.row]
        if len(mine):
            marks.append(Points(segment, x.tolist(), y.tolist(), tips=tips, small=True))
    counted = ", ".join(f"{_range(counts.get(s, pd.Series([0])))} {s}" for s in SEGMENTS)
    rows = _range(pd.Series([len(profile) for profile in profiles]))
    some = len(drawn) < sum(map(len, profiles))
    caption = f"Profile of {rows} rows: {counted}"
    if len(profiles) > 1:
        first = "the first " if len(profiles) < of else ""
        all_ = f" of {of}" if len(profiles) < of else ""
        caption = f"{first}{len(profiles)}{all_} profiles of {rows} rows: {counted} in each"
    return Figure(
        "segments",
        "Segments of the real train rows",
        where,
        Axis("uncertainty (profiler's own unit)" if mapped else "rows from easiest to hardest (%)"),
        Axis("confidence (0 to 1)" if mapped else "hardness (profiler's own unit)"),
        tuple(marks),
        f"{caption[0].upper()}{caption[1:]}{f'; {len(drawn)} rows drawn' if some else ''}. "
        f"{of} profiles ran.",
    )


def _range(values: pd.Series) -> str:
    least, most = int(values.min()), int(values.max())
    return str(least) if least == most else f"{least} to {most}"
