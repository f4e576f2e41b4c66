"""What jobs cost: seconds, CPU seconds and peak memory by phase."""

from __future__ import annotations

import pandas as pd

from tabsculpt.results import PHASES, not_ok

SUMMED = ("seconds", "cpu_seconds")


def cost_table(rows: pd.DataFrame) -> pd.DataFrame:
    """What each job cost by phase, when its steps were computed.

    Scoring sums over the predictions of a job; the other phases are shared by all of them.

    Args:
        rows: of `Measurements`.

    Returns:
        A row per job: what it is of; ``seconds_PHASE`` (wall clock), ``cpu_seconds_PHASE`` (NaN
        where an earlier version did not measure it) and ``peak_mb_PHASE`` for each phase;
        ``cpu_seconds``: the sum of its phases, NaN where none was measured; ``not_ok``: how many of
        its rows did not end well.
    """
    if rows.empty:
        return pd.DataFrame()
    columns = [f"{what}_{phase}" for what in (*SUMMED, "peak_mb") for phase in PHASES]
    rows = rows.reindex(columns=list(dict.fromkeys([*rows, *columns])))
    shared = rows.groupby("job", sort=False)[columns].max()
    units = ["job", "predictor", "proportion", "sample_seed", "round"]
    scoring = [f"{what}_score" for what in SUMMED]
    scored = rows.groupby(units, dropna=False, sort=False)[scoring].max()
    shared[scoring] = scored.groupby("job", sort=False).sum(min_count=1)
    by_phase = shared[[f"cpu_seconds_{phase}" for phase in PHASES]]
    shared["cpu_seconds"] = by_phase.sum(axis=1, min_count=1)
    shared["not_ok"] = not_ok(rows).groupby(rows.job, sort=False).sum()
    names = rows.drop_duplicates("job").set_index("job")
    identity = ["dataset", "protocol", "generator", "profiler", "arm", "seed", "split_seed"]
    return names[identity].join(shared).reset_index()
