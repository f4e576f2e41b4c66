"""How much of a metric's variance comes from the split, the seeds, the predictor, the pipeline."""

from __future__ import annotations

import pandas as pd

from tabsculpt.stats.cells import SAME

SOURCES = {
    "split": ["split_seed", "fold"],
    "profiler and fit": ["seed"],
    "sampling": ["sample_seed"],
    "predictor": ["predictor"],
    "pipeline": ["arm"],
    "proportion": ["proportion"],
}


def variance_shares(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Split the variance of a metric over the synthetic arms by its source.

    Main effects of a fixed-effects analysis of variance: the share of the sum of squares that lies
    between the levels of a source; what they leave, interactions included, is the residual. With
    every combination of levels present ("balanced") the shares add up to one; otherwise effects
    overlap, and the table says so.

    Args:
        rows: result rows.
        metric: its name.

    Returns:
        A row per data set and generator: ``n`` values, ``deviation`` in the metric's unit, a share
        in [0, 1] for each source that varies (null for one that does not), ``residual``,
        ``balanced``.

    References:
        Statistical Methods for Research Workers, Fisher, 1925, chapter VII
    """
    scored = rows[(rows.metric == metric) & (rows.pipeline != "real") & rows.value.notna()]
    scored = scored.assign(arm=(scored.pipeline + " " + scored.pipeline_settings).str.strip())
    keys = [*SAME, "generator", "generator_settings", "profiler_settings", "protocol"]
    keys.remove("device")
    return pd.DataFrame(
        [
            {**dict(zip(keys, names, strict=True)), "metric": metric, **_shares(group)}
            for names, group in scored.groupby(keys, sort=False)
        ]
    )


def _shares(group: pd.DataFrame) -> dict[str, float | int | bool | None]:
    whole = float(((group.value - group.value.mean()) ** 2).sum())
    levels = 1
    used: list[str] = []
    shares: dict[str, float | None] = {}
    for source, columns in SOURCES.items():
        by = group.groupby(columns, dropna=False).value
        shares[source] = None
        if by.ngroups > 1 and whole > 0:
            between = (by.count() * (by.mean() - group.value.mean()) ** 2).sum()
            shares[source] = float(between) / whole
            levels *= by.ngroups
            used += columns
    cells = group.groupby(used, dropna=False).value.count() if used else group.value
    residual = 1 - sum(share for share in shares.values() if share is not None)
    return {
        "n": len(group),
        "deviation": float(group.value.std(ddof=0)),
        **shares,
        "residual": residual if whole > 0 else None,
        "balanced": bool(not used or (len(cells) == levels and cells.nunique() == 1)),
    }
