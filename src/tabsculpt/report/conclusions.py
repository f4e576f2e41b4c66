"""The sentences below the tables: which pipeline did best, and whether that holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.markup import escape

from tabsculpt.analysis.answers import is_control
from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import HEADLINE
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, Estimate
from tabsculpt.analysis.pairs import pooled_together
from tabsculpt.analysis.row_noise import over_test_rows
from tabsculpt.report.numbers import column, number
from tabsculpt.report.shown import Shown
from tabsculpt.table import Task


@dataclass(frozen=True)
class Pair:
    """Two pipelines that are set against each other.

    Attributes:
        opening: of the sentence, with the first of them.
        first, second: their names.
        found: their difference, over all cells.
        looks: among how many pairs this one was chosen for its values, see `pairs.pooled`.
    """

    opening: str
    first: str
    second: str
    found: Estimate
    looks: int = 1

    @property
    def chosen(self) -> str:
        """What the choice does to the interval, in words."""
        return f", widened as it is the best of {self.looks}" if self.looks > 1 else ""


def on_test_rows(shown: Shown, store: Path) -> list[str]:
    """The best pipeline of a single split and fit, with what its test rows say."""
    try:
        text = [f"{pair.opening} {_against(shown, pair, store)}" for pair in _pairs(shown)]
    except FileNotFoundError:
        return [f"[dim]no intervals: {store} no longer has the predictions[/]"]
    last = (
        "[dim]These are intervals over the test rows of one split and fit; a verdict (better, "
        f"worse or practically equal) needs at least {LEAST_SPLITS} splits: "
        f"repeats={LEAST_SPLITS}[/]"
    )
    return [*text, last] if text else []


def over_splits(shown: Shown) -> Iterator[str]:
    """The best pipeline over several splits and fits, with the verdict on what it is set beside."""
    pairs = list(_pairs(shown))
    if not pairs:
        return
    yield f"[bold]{escape(shown.title)}[/], {_runs(*shown.size)}"
    for pair in pairs:
        over = pair.found.over
        ends = (over.low, over.high)
        text = _distance_to(HEADLINE[shown.names["task"]], over.mean, pair.second, ends)
        if over.splits >= LEAST_SPLITS:
            low, high = column(ends, sign=True, like=(over.mean, *ends))
            text += f" (95 % interval {low} to {high}{pair.chosen})"
        if (over.splits, over.fits) != shown.size:  # failed or never run elsewhere
            text += f", on the {_runs(over.splits, over.fits)} that both have values of"
        yield f"{pair.opening} {text}: [bold]{pair.found.words}[/]"
    width = number(pairs[0].found.rope)
    base = f"{100 * ROPE:g} % of {REAL if REAL in shown.arms else 'their mean'}"
    yield f"[dim]practically equal: within ± {width}, {base}; `tabsculpt tests` has every pair[/]"


def _runs(splits: int, fits: int) -> str:
    text = [f"{n} {word}{'s' * (n > 1)}" for n, word in ((splits, "split"), (fits, "fit"))]
    return " x ".join(text)


def _pairs(shown: Shown) -> Iterator[Pair]:
    """The best against the next, the best without synthetic rows and the real ones.

    And profile2gen against its control. Where no rows were made, ways to train on real rows.
    """
    metric = HEADLINE[shown.names["task"]]
    means = {a: one.mean for a, one in zip(shown.arms, shown.levels(metric), strict=True) if one.n}
    sign = 1 if shown.headline[0].direction == "min" else -1
    every = sorted((arm for arm in means if arm != REAL), key=lambda arm: sign * means[arm])
    rivals = [arm for arm in every if arm in shown.headline[0].on_real]
    made = ranked = [arm for arm in every if arm not in rivals] or rivals
    if not made:
        return
    candidates = [arm for arm in ranked if not is_control(arm)] or ranked
    best = candidates[0]
    others = [arm for arm in ranked if arm != best]
    named = escape(best)
    compared = []
    if others:
        besides = " but for controls" if len(candidates) < len(made) else ""
        opening = (
            f"[bold]{named}[/] has the best mean {metric} of the {_kind(made, rivals)}{besides},"
        )
        compared.append((opening, best, others[0], 1))
    if rivals and best not in rivals:
        compared.append((f"{named} is", best, rivals[0], len(candidates) * len(rivals)))
    if REAL in means:
        compared.append((f"{named} is", best, REAL, len(candidates)))
    control = ("profile2gen", "random_drop")
    if set(control) <= set(made) and len(made) > 2 and (best, others[0]) != control:
        compared.append(("profile2gen is", *control, 1))
    for opening, first, second, looks in compared:
        against = [(arm, shown.headline) for arm in (candidates if looks > 1 else [first])]
        found = pooled_together(against, second)[0]  # the first of the candidates is the best
        if found is not None:
            yield Pair(opening, first, second, found, looks)


def _kind(made: list[str], rivals: list[str]) -> str:
    return "ways to train on the real rows" if made == rivals else "synthetic pipelines"


def _against(shown: Shown, pair: Pair, store: Path) -> str:
    """What the test rows say of the headline metric, and of macro F1 of predicted classes."""
    metrics = [HEADLINE[shown.names["task"]]]
    if shown.names["task"] != Task.REGRESSION:
        metrics.append("macro_f1")
    return "; ".join(filter(None, (_in_metric(shown, pair, store, name) for name in metrics)))


def _in_metric(shown: Shown, pair: Pair, store: Path, metric: str) -> str:
    cells = shown.cells(metric)
    found = over_test_rows(cells, pair.first, pair.second, store, pair.looks) if cells else None
    if found is None:
        return ""
    ends = (found.low, found.high)
    text = _distance_to(metric, found.value, pair.second, ends)
    over = f"{found.n} test rows" + (f" in {found.units} groups" if found.units < found.n else "")
    if np.isnan(found.error):
        why = "are all of one group" if found.units < 2 else "hold one row alone of a class"
        return f"{text}: no interval, as the {found.n} test rows {why}"
    low, high = column(ends, sign=True, like=(found.value, *ends))
    return f"{text} (95 % interval {low} to {high} on these {over}{pair.chosen})"


def _distance_to(metric: str, value: float, second: str, like: tuple[float, float]) -> str:
    [size] = column([abs(value)], like=(value, *like))
    side = "below" if value < 0 else "above"
    return f"{size} {side} {escape(second)} in mean {metric}"
