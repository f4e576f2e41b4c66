"""Figures of scores: by predictor, improvement over traditional, by proportion or round."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.report.figure import Axis, Bars, Boxes, Figure, Line, Mark, Number, Points, Rule
from tabsculpt.report.inputs import arms_in_order, labels
from tabsculpt.report.scores import STEPS, Group, arm_means, arm_values, counts, said

UNIT = {"rmse": "RMSE (unit of the target, lower is better)", "auc_roc": "AUC (higher is better)"}
NAME = {"rmse": "RMSE", "auc_roc": "AUC"}
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
WIDE = 40.0
"""A log axis is used where the largest value is so many times the smallest."""


def by_predictor(found_in: Sequence[Group]) -> Iterator[Figure]:
    """The headline metric per predictor and arm, the real baseline as a line."""
    for names, group in found_in:
        real = group[group.pipeline == "real"]
        for (proportion, number), made in _steps(group):
            shown = pd.concat([real, made])
            values = arm_values(shown)
            means = arm_means(values)
            every = [mean for by in means.values() for mean in by.values()]
            if not every:
                continue
            order = _from_best(values, means)
            yield Figure(
                "predictors",
                f"{NAME[names['metric']]} by predictor",
                {**labels(names), **_named(proportion, number)},
                _axis(pd.Series(every), names["metric"]),
                Axis("predictor", "category", tuple(order)),
                tuple(_predictor_marks(values, means, order)),
                "Each mark is the mean over seeds and splits, its line from the least to the "
                "greatest; the line is the real baseline. " + said(counts(shown)),
            )


def improvements(scores: pd.DataFrame) -> Iterator[Figure]:
    """Mean improvement over traditional, by generator and arm, with arrows.

    Args:
        scores: see `scores.score_table`.
    """
    if scores.empty:
        return
    made = scores[(scores.arm != "traditional") & scores.over_traditional.notna()]
    for keys, mine in made.groupby(["protocol", "metric"], sort=False):
        if keys[0] != "trtr":
            of = made[(made.protocol == keys[0]) & (made.metric == keys[1])]
            yield _improvement("all", str(keys[0]), str(keys[1]), of)
            for dataset, its in mine.groupby("dataset", sort=False):
                yield _improvement(str(dataset), str(keys[0]), str(keys[1]), its)


def by_step(found_in: Sequence[Group]) -> Iterator[Figure]:
    """Curves of the headline metric over the proportion of synthetic rows, or over rounds."""
    for names, group, step, values in _stepped(found_in):
        marks: list[Mark] = []
        for arm in arms_in_order(group.arm):
            mine = group[(group.arm == arm) & group[step].notna()]
            if arm == "real" or mine.empty:
                continue
            by_unit = mine.groupby([step, "sample_seed"], dropna=False).value.mean()
            spread = by_unit.groupby(step).agg(["mean", "min", "max"]).reindex(values)
            marks.append(Line(arm, values, *(spread[c].tolist() for c in ("mean", "min", "max"))))
        real = group[group.pipeline == "real"].value
        if real.notna().any():
            marks.append(Rule("y", float(real.mean()), "real"))
        words = "proportion of synthetic rows added (share of the real ones)"
        yield Figure(
            "curves",
            f"{NAME[names['metric']]} by {step}",
            labels(names),
            Axis(words if step == "proportion" else "round (times that hard rows were dropped)"),
            Axis(UNIT[names["metric"]]),
            tuple(marks),
            "Lines are means over predictors and sampling seeds, bands from the lowest to the "
            "highest sampling seed; dashed: the real rows alone. " + said(counts(group)),
        )


def boxes_by_step(found_in: Sequence[Group]) -> Iterator[Figure]:
    """Box plots of the headline metric by proportion (or round) and arm."""
    for names, group, step, values in _stepped(found_in):
        marks: list[Mark] = []
        for arm in arms_in_order(group.arm):
            mine = group[(group.arm == arm) & group[step].notna() & group.value.notna()]
            if arm == "real" or mine.empty:
                continue
            by = {float(value): rows.to_numpy() for value, rows in mine.groupby(step).value}
            places = [f"{value:g}" for value in values if value in by]
            found = [np.quantile(by[value], QUANTILES).tolist() for value in values if value in by]
            marks.append(Boxes(arm, places, found))
        real = group[group.pipeline == "real"].value
        if real.notna().any():
            marks.append(Rule("x", float(real.median()), "real (median)"))
        yield Figure(
            "boxes",
            f"Spread of {NAME[names['metric']]} by {step}",
            labels(names),
            _axis(group.value, names["metric"]),
            Axis(step, "category", tuple(f"{value:g}" for value in values)),
            tuple(marks),
            "Boxes: quartiles and median over predictors and sampling seeds; whiskers: 5 to 95 %. "
            "Dashed: the median of the real rows alone. " + said(counts(group)),
        )


def _steps(group: pd.DataFrame) -> Iterator[tuple[tuple[Any, Any], pd.DataFrame]]:
    made = group[group.pipeline != "real"]
    if made.empty:
        yield (None, None), made
    yield from made.groupby(STEPS, dropna=False)


def _stepped(
    found_in: Sequence[Group],
) -> Iterator[tuple[dict[str, Any], pd.DataFrame, str, list[float]]]:
    for names, group in found_in:
        step = "round" if group["round"].notna().any() else "proportion"
        values = sorted(map(float, group[step].dropna().unique()))
        if len(values) > 1:
            yield names, group, step, values


def _named(proportion: Any, number: Any) -> dict[str, str]:
    steps = {"proportion": proportion, "round": number}
    return {name: f"{value:g}" for name, value in steps.items() if pd.notna(value)}


def _from_best(
    values: dict[str, dict[str, list[float]]], means: dict[str, dict[str, float]]
) -> list[str]:
    """Predictors from the least to the greatest of the baseline, or of the mean over arms."""
    names = sorted({name for by in values.values() for name in by})
    arms = [means["real"]] if "real" in means else list(means.values())
    levels = {name: [by[name] for by in arms if name in by] for name in names}
    known = {name: sum(found) / len(found) if found else math.inf for name, found in levels.items()}
    return sorted(names, key=lambda name: known[name])


def _predictor_marks(
    values: dict[str, dict[str, list[float]]],
    means: dict[str, dict[str, float]],
    order: list[str],
) -> Iterator[Mark]:
    lines = {arm: [by.get(name) for name in order] for arm, by in means.items()}
    if "real" in lines:
        yield Line("real", lines["real"], list(order))
    for arm, line in lines.items():
        found = [values[arm].get(name) for name in order]
        spans: list[list[Number]] = [[end(v) if v else None for v in found] for end in (min, max)]
        low, high = spans if spans[0] != spans[1] else ([], [])
        yield Points(arm, line, list(order), low, high)


def _axis(values: pd.Series, metric: str) -> Axis:
    present = values.dropna()
    wide = len(present) > 0 and present.min() > 0 and present.max() > WIDE * present.min()
    return Axis(UNIT[metric], "log" if wide else "linear")


def _improvement(dataset: str, protocol: str, metric: str, scores: pd.DataFrame) -> Figure:
    # Data sets count alike, whatever the number of their proportions, profilers or splits.
    by_set = scores.groupby(["dataset", "generator", "arm"]).over_traditional.mean()
    means = by_set.groupby(["generator", "arm"]).mean().unstack("arm")
    generators = tuple(map(str, means.index))
    marks: list[Mark] = []
    for arm in arms_in_order(means.columns):
        values = means[arm].reindex(list(generators))
        if arm == "real":
            marks.append(Points("real", values.tolist(), list(generators)))
            continue
        arrows = ["" if pd.isna(v) else f"{'▲' if v > 0 else '▼'} {abs(v):.2g}" for v in values]
        marks.append(Bars(arm, values.tolist(), list(generators), arrows))
    marks.append(Rule("x", 0.0, "traditional"))
    unit = "% less RMSE" if metric == "rmse" else "hundredths of AUC"
    sets = scores.dataset.nunique()
    ended = said({name: int(scores[name].sum()) for name in ("ran", "failed", "skipped", "absent")})
    return Figure(
        "improvement",
        "Mean improvement over traditional",
        {"dataset": dataset, "protocol": protocol, "metric": metric},
        Axis(f"improvement over traditional ({unit}, right is better)"),
        Axis("generator", "category", generators),
        tuple(marks),
        f"Means over predictors, seeds and steps, then over {sets} data set"
        f"{'s' if sets > 1 else ''}; ▲ better, ▼ worse than traditional; the mark of real is what "
        f"the real rows reach. {ended}",
    )
