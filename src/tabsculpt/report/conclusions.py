"""The sentences below the tables: which pipeline did best, and whether that holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.markup import escape

from tabsculpt.analysis.columns import HEADLINE
from tabsculpt.analysis.comparisons import pooled
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, Estimate
from tabsculpt.analysis.measurements import REAL
from tabsculpt.analysis.row_noise import over_test_rows
from tabsculpt.report.numbers import column, number
from tabsculpt.report.shown import Shown


@dataclass(frozen=True)
class Pair:
    """Two pipelines that are set against each other.

    Attributes:
        opening: of the sentence, with the first of them.
        first, second: their names.
        found: their difference, over all cells.
    """

    opening: str
    first: str
    second: str
    found: Estimate


def on_test_rows(shown: Shown, store: Path) -> list[str]:
    """The best pipeline of a single split and fit, with what its test rows say."""
    try:
        said = [f"{pair.opening} {_against(shown, pair, store)}" for pair in _pairs(shown)]
    except FileNotFoundError:
        return [f"[dim]no intervals: {store} no longer has the predictions[/]"]
    last = (
        "[dim]These are intervals over the test rows of one split and fit; a verdict (better, "
        f"worse or practically equal) needs at least {LEAST_SPLITS} splits: "
        f"repeats={LEAST_SPLITS}[/]"
    )
    return [*said, last] if said else []


def over_splits(shown: Shown) -> Iterator[str]:
    """The best pipeline over several splits and fits, with the verdict on what it is set beside."""
    pairs = list(_pairs(shown))
    if not pairs:
        return
    yield f"[bold]{escape(shown.title)}[/], {_runs(*shown.size)}"
    for pair in pairs:
        over = pair.found.over
        ends = (over.low, over.high)
        said = _distance_to(shown, over.mean, pair.second, ends)
        if over.splits >= LEAST_SPLITS:
            low, high = column(ends, sign=True, like=(over.mean, *ends))
            said += f" (95 % interval {low} to {high})"
        if (over.splits, over.fits) != shown.size:  # failed or never run elsewhere
            said += f", on the {_runs(over.splits, over.fits)} that both have values of"
        yield f"{pair.opening} {said}: [bold]{pair.found.words}[/]"
    width = number(pairs[0].found.rope)
    base = f"{100 * ROPE:g} % of {REAL if REAL in shown.arms else 'their mean'}"
    yield f"[dim]practically equal: within ± {width}, {base}; `tabsculpt tests` has every pair[/]"


def _runs(splits: int, fits: int) -> str:
    said = [f"{n} {word}{'s' * (n > 1)}" for n, word in ((splits, "split"), (fits, "fit"))]
    return " x ".join(said)


def _pairs(shown: Shown) -> Iterator[Pair]:
    """The best against the next and the real rows, profile2gen against its control."""
    metric = HEADLINE[shown.names["task"]]
    means = {a: one.mean for a, one in zip(shown.arms, shown.levels(metric), strict=True) if one.n}
    made = [arm for arm in means if arm != REAL]
    if not made:
        return
    sign = 1 if shown.headline[0].direction == "min" else -1
    best, *others = sorted(made, key=lambda arm: sign * means[arm])
    named = escape(best)
    wanted = []
    if others:
        opening = f"[bold]{named}[/] has the best mean {metric} of the synthetic pipelines,"
        wanted.append((opening, best, others[0]))
    if REAL in means:
        wanted.append((f"{named} is", best, REAL))
    control = ("profile2gen", "random_drop")
    if set(control) <= set(made) and len(made) > 2 and (best, others[0]) != control:
        wanted.append(("profile2gen is", *control))
    for opening, first, second in wanted:
        found = pooled(shown.headline, first, second)
        if found is not None:
            yield Pair(opening, first, second, found)


def _against(shown: Shown, pair: Pair, store: Path) -> str:
    found = over_test_rows(shown.headline, pair.first, pair.second, store)
    assert found is not None  # they share a unit, see `_pairs`
    ends = (found.low, found.high)
    said = _distance_to(shown, found.value, pair.second, ends)
    over = f"{found.n} test rows" + (f" in {found.units} groups" if found.units < found.n else "")
    if np.isnan(found.error):
        why = "are all of one group" if found.units < 2 else "hold one row alone of a class"
        return f"{said}: no interval, as the {found.n} test rows {why}"
    low, high = column(ends, sign=True, like=(found.value, *ends))
    return f"{said} (95 % interval {low} to {high} on these {over})"


def _distance_to(shown: Shown, value: float, second: str, like: tuple[float, float]) -> str:
    [size] = column([abs(value)], like=(value, *like))
    side = "below" if value < 0 else "above"
    return f"{size} {side} {escape(second)} in mean {shown.headline[0].names['metric']}"
