"""Figures of scores: by predictor, improvement over traditional, by proportion or round."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import GROUP, STEP, arms_in_order
from tabsculpt.analysis.levels import level, sampled
from tabsculpt.analysis.scores import counts, predictor_levels
from tabsculpt.report.figure import Axis, Bars, Boxes, Figure, Line, Mark, Number, Points, Rule
from tabsculpt.report.labels import gain_unit, labels, metric_axis, metric_name

QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
WIDE = 40.0
"""A log axis is used where the largest value is so many times the smallest."""
Levels = dict[str, dict[str, tuple[float, float, float]]]


def by_predictor(cells: Sequence[Cell]) -> Iterator[Figure]:
    """The headline metric per predictor and arm, the real baseline as a line."""
    for cell in cells:
        levels = predictor_levels(cell)
        every = [value for of in levels.values() for value, *_ in of.values()]
        if not every:
            continue
        names, order = cell.names, _from_best(levels)
        steps = {name: f"{names[name]:g}" for name in STEP if pd.notna(names[name])}
        yield Figure(
            "predictors",
            f"{metric_name(names['metric'])} by predictor",
            {**labels(names), **steps},
            _axis(every, cell),
            Axis("predictor", "category", tuple(order)),
            tuple(_predictor_marks(levels, order)),
            "Each mark is the mean over seeds and splits, its line from the least to the "
            "greatest; the line is the real baseline. " + counted(counts([cell])),
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


def by_step(cells: Sequence[Cell]) -> Iterator[Figure]:
    """Curves of the headline metric over the proportion of synthetic rows, or over rounds."""
    for group, step, values in _stepped(cells):
        names = group[0].names
        marks: list[Mark] = []
        for arm in arms_in_order(arm for cell in group for arm in cell.arms):
            found = [sampled([c for c in group if c.names[step] == v], arm) for v in values]
            if arm != REAL:
                of: list[list[Number]] = [[one[part] for one in found] for part in range(3)]
                marks.append(Line(arm, values, *of))
        real = level(group, REAL)
        if real.n:
            marks.append(Rule("y", real.mean, REAL))
        words = "proportion of synthetic rows added (share of the real ones)"
        yield Figure(
            "curves",
            f"{metric_name(names['metric'])} by {step}",
            labels(names),
            Axis(words if step == "proportion" else "round (times that hard rows were dropped)"),
            Axis(metric_axis(names["metric"], group[0].direction)),
            tuple(marks),
            "Lines are means over predictors and sampling seeds, bands from the lowest to the "
            "highest sampling seed; dashed: the real rows alone. " + counted(counts(group)),
        )


def boxes_by_step(cells: Sequence[Cell]) -> Iterator[Figure]:
    """Box plots of the headline metric by proportion (or round) and arm."""
    for group, step, values in _stepped(cells):
        names = group[0].names
        marks: list[Mark] = []
        every: list[float] = []
        for arm in arms_in_order(arm for cell in group for arm in cell.arms):
            by = {v: _known([c for c in group if c.names[step] == v], arm) for v in values}
            every += [value for found in by.values() for value in found]
            if arm == REAL:
                continue
            places = [f"{value:g}" for value in values if len(by[value])]
            found = [np.quantile(by[v], QUANTILES).tolist() for v in values if len(by[v])]
            marks.append(Boxes(arm, places, found))
        if len(real := _known(group, REAL)):
            marks.append(Rule("x", float(np.median(real)), "real (median)"))
        yield Figure(
            "boxes",
            f"Spread of {metric_name(names['metric'])} by {step}",
            labels(names),
            _axis(every, group[0]),
            Axis(step, "category", tuple(f"{value:g}" for value in values)),
            tuple(marks),
            "Boxes: quartiles and median over predictors and sampling seeds; whiskers: 5 to 95 %. "
            "Dashed: the median of the real rows alone. " + counted(counts(group)),
        )


def counted(found: dict[str, int]) -> str:
    """Counts in words."""
    skipped = f", {found['skipped']} skipped (see failures)" if found["skipped"] else ""
    ended = f"{found['ran']} values ran, {found['failed']} failed{skipped}"
    return f"{ended}, {found['absent']} absent."


def _known(cells: Sequence[Cell], arm: str) -> list[float]:
    """The values of an arm on the units that all arms of its cell have."""
    found = [c.values[c.shared, c.arms.index(arm)] for c in cells if arm in c.arms]
    every = np.concatenate([np.empty(0), *found])
    known: list[float] = every[~np.isnan(every)].tolist()
    return known


def _stepped(cells: Sequence[Cell]) -> Iterator[tuple[list[Cell], str, list[float]]]:
    """The cells that differ in the step of their protocol alone, and the steps in order."""
    by_group: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        key = tuple(str(cell.names[name]) for name in (*GROUP, "metric"))
        by_group.setdefault(key, []).append(cell)
    for group in by_group.values():
        step = "round" if any(pd.notna(cell.names["round"]) for cell in group) else "proportion"
        values = sorted({cell.names[step] for cell in group if pd.notna(cell.names[step])})
        if values:
            yield [cell for cell in group if pd.notna(cell.names[step])], step, values


def _from_best(levels: Levels) -> list[str]:
    """Predictors from the least to the greatest of the baseline, or of the mean over arms."""
    names = sorted({name for of in levels.values() for name in of})
    arms = [levels[REAL]] if levels.get(REAL) else list(levels.values())
    found = {name: [of[name][0] for of in arms if name in of] for name in names}
    known = {name: sum(of) / len(of) if of else math.inf for name, of in found.items()}
    return sorted(names, key=lambda name: known[name])


def _predictor_marks(levels: Levels, order: list[str]) -> Iterator[Mark]:
    if REAL in levels:
        yield Line(REAL, [levels[REAL][n][0] if n in levels[REAL] else None for n in order], order)
    for arm, of in levels.items():
        spans: list[list[Number]] = [
            [of[name][part] if name in of else None for name in order] for part in range(3)
        ]
        low, high = spans[1:] if spans[1] != spans[2] else ([], [])
        yield Points(arm, spans[0], list(order), low, high)


def _axis(values: Iterable[float], cell: Cell) -> Axis:
    present = list(values)
    wide = bool(present) and min(present) > 0 and max(present) > WIDE * min(present)
    return Axis(metric_axis(cell.names["metric"], cell.direction), "log" if wide else "linear")


def _improvement(dataset: str, protocol: str, metric: str, scores: pd.DataFrame) -> Figure:
    # Data sets count alike, whatever the number of their proportions, profilers or splits.
    by_set = scores.groupby(["dataset", "generator", "arm"]).over_traditional.mean()
    means = by_set.groupby(["generator", "arm"]).mean().unstack("arm")
    generators = tuple(map(str, means.index))
    marks: list[Mark] = []
    for arm in arms_in_order(means.columns):
        values = means[arm].reindex(list(generators))
        if arm == REAL:
            marks.append(Points(REAL, values.tolist(), list(generators)))
            continue
        arrows = ["" if pd.isna(v) else f"{'▲' if v > 0 else '▼'} {abs(v):.2g}" for v in values]
        marks.append(Bars(arm, values.tolist(), list(generators), arrows))
    marks.append(Rule("x", 0.0, "traditional"))
    direction = str(scores.direction.iloc[0])
    less = f"less {metric_name(metric)}" if direction == "min" else ""
    unit = " ".join(filter(None, [gain_unit(metric, direction), less]))
    sets = scores.dataset.nunique()
    ended = counted(
        {name: int(scores[name].sum()) for name in ("ran", "failed", "skipped", "absent")}
    )
    return Figure(
        "improvement",
        "Mean improvement over traditional",
        {"dataset": dataset, "protocol": protocol, "metric": metric},
        Axis(f"improvement over traditional ({unit}, right is better)"),
        Axis("generator", "category", generators),
        tuple(marks),
        f"Each cell compared over the units that both have; means over cells, then {sets} data set"
        f"{'s' if sets > 1 else ''}; ▲ better, ▼ worse than traditional; the mark of real is what "
        f"the real rows reach. {ended}",
    )
