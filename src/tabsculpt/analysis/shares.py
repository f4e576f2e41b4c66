"""How much of a metric's variance comes from the split, the seeds, the predictor, the pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.analysis.columns import GROUP, SPLIT
from tabsculpt.analysis.measurements import REAL, Measurements, groups

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

    Main effects of a fixed-effects analysis of variance: the share of the sum of squares that lies
    between the levels of a source; what they leave, interactions included, is the residual. With
    every combination of levels present ("balanced") the shares add up to one; otherwise effects
    overlap, and the table says so.

    Args:
        found: measurements.
        metric: its name.

    Returns:
        A row per group of `columns.GROUP` (data set, generator, profiler, protocol, ...): ``n``
        values, ``deviation`` (n - 1) in the metric's unit, a share in [0, 1] for each source that
        varies (null for one that does not), with ``chance_`` before its name the share that a
        source without any effect has on average, (levels - 1) / (n - 1); ``residual``,
        ``balanced``.

    References:
        Statistical Methods for Research Workers, Fisher, 1925, chapter VII
    """
    rows = found.scored[found.scored.metric == metric]
    records = []
    for names, group in groups(rows, ["metric"]):
        made = group[(group.arm != REAL) & group.value.notna()]
        if len(made):
            records.append({**{name: names[name] for name in (*GROUP, "metric")}, **_shares(made)})
    return pd.DataFrame(records)


def _shares(group: pd.DataFrame) -> dict[str, float | int | bool | None]:
    value = group.value.astype(float)
    whole = float(((value - value.mean()) ** 2).sum())
    used: list[str] = []
    shares: dict[str, float | None] = {}
    chance: dict[str, float | None] = {}
    levels = 1
    for source, columns in SOURCES.items():
        by = value.groupby([group[name] for name in columns], dropna=False)
        shares[source] = chance[f"chance_{source}"] = None
        if by.ngroups > 1 and whole > 0:
            between = (by.count() * (by.mean() - value.mean()) ** 2).sum()
            shares[source] = float(between) / whole
            chance[f"chance_{source}"] = (by.ngroups - 1) / (len(group) - 1)
            levels *= by.ngroups
            used += columns
    counts = group.groupby(used, dropna=False).size() if used else np.ones(1)
    residual = 1 - sum(share for share in shares.values() if share is not None)
    return {
        "n": len(group),
        "deviation": float(value.std(ddof=1)),
        **shares,
        **chance,
        "residual": residual if whole > 0 else None,
        "balanced": bool(len(counts) == levels and len(np.unique(counts)) == 1),
    }
