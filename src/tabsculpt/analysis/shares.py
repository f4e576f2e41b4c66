"""How much of a metric's variance comes from the split, the seeds, the predictor, the pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import GROUP, SPLIT
from tabsculpt.analysis.measurements import Measurements, groups
from tabsculpt.stats.components import variance_components

SOURCES = {
    "split": SPLIT,
    "profiler and fit": ("seed",),
    "sampling": ("sample_seed",),
    "predictor": ("predictor",),
    "pipeline": ("arm",),
    "proportion": ("proportion",),
    "round": ("round",),
}


def variance_shares(found: Measurements, metric: str) -> pd.DataFrame:
    """Split the variance of a metric over the synthetic arms by its source.

    Variance components of a model with a random effect for each source, by restricted maximum
    likelihood, whatever combinations of levels were run: a share is what a source adds to the
    variance of a value whose levels are all drawn anew. Interactions are in the residual. Shares
    cannot be negative, so that of a source without any effect is somewhat above zero on average;
    with two or three levels a share is hardly known.

    Args:
        found: measurements.
        metric: its name.

    Returns:
        A row per group of `columns.GROUP` (data set, generator, profiler, protocol, ...): ``n``
        values, ``deviation`` (n - 1) in the metric's unit, a share in [0, 1] for each source that
        varies (null for one that does not), with ``levels_`` before its name how many levels it
        has; ``residual``. The shares and the residual add up to one.

    References:
        See `tabsculpt.stats.components.variance_components`.
    """
    rows = found.scored[found.scored.metric == metric]
    records = []
    for names, group in groups(rows, ["metric"]):
        made = group[(group.arm != REAL) & group.value.notna()]
        if len(made):
            records.append({**{name: names[name] for name in (*GROUP, "metric")}, **_shares(made)})
    return pd.DataFrame(records)


def _shares(group: pd.DataFrame) -> dict[str, float | int | None]:
    value = group.value.to_numpy(dtype=np.float64)
    shares: dict[str, float | None] = dict.fromkeys([*SOURCES, "residual"])
    levels = {
        source: group.groupby(list(columns), dropna=False, sort=False).ngroup().to_numpy(np.int64)
        for source, columns in SOURCES.items()
    }
    counts = {source: int(codes.max()) + 1 for source, codes in levels.items()}
    varying = [source for source, count in counts.items() if count > 1]
    if varying and len(value) > 2 and np.ptp(value) > 0:
        found = variance_components(value, [levels[source] for source in varying])
        shares |= {s: part / found.total for s, part in zip(varying, found.sources, strict=True)}
        shares["residual"] = found.residual / found.total
    return {
        "n": len(group),
        "deviation": float(np.std(value, ddof=1)) if len(value) > 1 else float("nan"),
        **shares,
        **{f"levels_{source}": count for source, count in counts.items()},
    }
