"""Pairs of arms over several data sets: the hierarchical model, beside the ranks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.columns import GROUP
from tabsculpt.analysis.estimates import ROPE, Estimate
from tabsculpt.analysis.pairs import pooled
from tabsculpt.analysis.rankings import BLOCK
from tabsculpt.stats.hierarchical import LEAST_DATASETS, Hierarchical, hierarchical_difference
from tabsculpt.stats.resampled import LEAST_SPLITS, Verdict


@dataclass(frozen=True)
class OverDatasets:
    """Two arms over several data sets.

    Attributes:
        names: what is held fixed: predictors, evaluation, generator, profiler, protocol, metric.
        first, second: the arms.
        found: the difference, first less second, as a share of the real baseline's mean on each
            data set (of the two arms, where it was not run); proportions and rounds are averaged.
        direction: "min" or "max", of the metric.
    """

    names: dict[str, Any]
    first: str
    second: str
    found: Hierarchical
    direction: str

    @property
    def verdict(self) -> Verdict:
        """What is predicted for the first on a further data set."""
        return self.found.verdict(self.direction)


def over_datasets(cells: Iterable[Cell], rope: float = ROPE) -> list[OverDatasets]:
    """Every pair of arms that at least three data sets have, on at least three splits of each.

    Args:
        cells: of one metric, see `Measurements.cells`.
        rope: region of practical equivalence, as a share of the baseline's mean.
    """
    groups: dict[tuple[Any, ...], dict[str, list[Cell]]] = {}
    for cell in cells:
        key = tuple(cell.names[name] for name in (*GROUP, "metric") if name not in BLOCK)
        groups.setdefault(key, {}).setdefault(cell.names["data"], []).append(cell)
    found = []
    for by_data in groups.values():
        one = next(iter(by_data.values()))[0]
        names = {name: one.names[name] for name in (*GROUP, "metric") if name not in BLOCK}
        arms = dict.fromkeys(arm for of in by_data.values() for cell in of for arm in cell.arms)
        for first, second in combinations(arms, 2):
            estimates = [pooled(of, first, second, rope=rope) for of in by_data.values()]
            pair = _over([each for each in estimates if each is not None], rope)
            if pair is not None:
                found.append(OverDatasets(names, first, second, pair, one.direction))
    return found


def _over(estimates: list[Estimate], rope: float) -> Hierarchical | None:
    known = [e for e in estimates if e.over.splits >= LEAST_SPLITS and np.isfinite(e.over.error)]
    if len(known) < LEAST_DATASETS or any(not e.rope for e in known):
        return None
    base = np.array([e.rope / rope for e in known])
    means, errors = (
        np.array([getattr(e.over, name) for e in known]) / base for name in ("mean", "error")
    )
    return hierarchical_difference(means, errors, np.array([e.over.freedom for e in known]), rope)
