"""The sentences below the tables: which pipeline did best, and whether that holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.markup import escape

from tabsculpt.analysis.columns import HEADLINE
from tabsculpt.analysis.comparisons import pooled
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE
from tabsculpt.analysis.measurements import REAL
from tabsculpt.analysis.row_noise import over_test_rows
from tabsculpt.report.numbers import column, number
from tabsculpt.report.shown import Shown


def on_test_rows(shown: Shown, store: Path) -> list[str]:
    """The best pipeline of a single split and fit, with what its test rows say."""
    try:
        said = [
            sentence.format(_against(shown, first, second, store))
            for sentence, first, second in _told_apart(shown)
        ]
    except FileNotFoundError:
        return [f"[dim]no intervals: {store} no longer has the predictions[/]"]
    last = (
        "[dim]These are intervals over the test rows of one split and fit; a verdict (better, "
        f"worse or practically equal) needs at least {LEAST_SPLITS} splits: "
        f"split.repeats={LEAST_SPLITS}[/]"
    )
    return [*said, last] if said else []


def over_splits(shown: Shown) -> Iterator[str]:
    """The best pipeline over several splits and fits, with the verdict on what it is set beside."""
    told = list(_told_apart(shown))
    found = [(s, second, pooled(shown.headline, first, second)) for s, first, second in told]
    known = [(sentence, second, one) for sentence, second, one in found if one is not None]
    if not known:
        return
    over = known[0][2].over
    yield f"[bold]{escape(shown.title)}[/], {over.splits} splits x {over.fits} fits"
    for sentence, second, one in known:
        ends = (one.over.low, one.over.high)
        said = _distance_to(shown, one.over.mean, second, ends)
        if one.over.splits >= LEAST_SPLITS:
            low, high = column(ends, sign=True, like=(one.over.mean, *ends))
            said += f" (95 % interval {low} to {high})"
        yield sentence.format(f"{said}: {one.words}")
    width = number(known[0][2].rope)
    base = f"{100 * ROPE:g} % of {REAL if REAL in shown.arms else 'their mean'}"
    yield f"[dim]practically equal: within ± {width}, {base}; `tabsculpt tests` has every pair[/]"


def _told_apart(shown: Shown) -> Iterator[tuple[str, str, str]]:
    """Which two pipelines are set against each other, and the sentence around what is said."""
    metric = HEADLINE[shown.names["task"]]
    means = {a: one.mean for a, one in zip(shown.arms, shown.levels(metric), strict=True) if one.n}
    made = [arm for arm in means if arm != REAL]
    if not made:
        return
    sign = 1 if shown.headline[0].direction == "min" else -1
    best, *others = sorted(made, key=lambda arm: sign * means[arm])
    pairs = []
    if others:
        of = f"[bold]{best}[/] has the best mean {metric} of the synthetic pipelines, {{}}"
        pairs.append((of, best, others[0]))
    if REAL in means:
        pairs.append((f"{best} is {{}}", best, REAL))
    control = ("profile2gen", "random_drop")
    if set(control) <= set(made) and len(made) > 2 and (best, others[0]) != control:
        pairs.append(("profile2gen is {}", *control))
    for sentence, first, second in pairs:
        if pooled(shown.headline, first, second) is not None:
            yield sentence, first, second


def _against(shown: Shown, first: str, second: str, store: Path) -> str:
    found = over_test_rows(shown.headline, first, second, store)
    assert found is not None  # they share a unit, see `_told_apart`
    ends = (found.low, found.high)
    said = _distance_to(shown, found.value, second, ends)
    over = f"{found.n} test rows" + (f" in {found.units} groups" if found.units < found.n else "")
    if np.isnan(found.error):
        why = "are all of one group" if found.units < 2 else "hold one row alone of a class"
        return f"{said}: no interval, as the {found.n} test rows {why}"
    low, high = column(ends, sign=True, like=(found.value, *ends))
    return f"{said} (95 % interval {low} to {high} on these {over})"


def _distance_to(shown: Shown, value: float, second: str, like: tuple[float, float]) -> str:
    [size] = column([abs(value)], like=(value, *like))
    side = "below" if value < 0 else "above"
    return f"{size} {side} {second} in mean {shown.headline[0].names['metric']}"
