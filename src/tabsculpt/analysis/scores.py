"""The table of scores: each arm of each cell with its distance from the two baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CELL
from tabsculpt.analysis.estimates import turned_round, words
from tabsculpt.analysis.levels import level
from tabsculpt.analysis.pairs import mean
from tabsculpt.table import FloatArray

BASES = ("traditional", REAL)
KEY = (*CELL, "metric")


def score_table(cells: Sequence[Cell], tests: pd.DataFrame) -> pd.DataFrame:
    """A row per cell and arm.

    Args:
        cells: see `Measurements.cells`.
        tests: what `compare_cells` gives for them.

    Returns:
        The columns of `columns.CELL`, ``metric``, ``direction``, ``arm``; ``mean`` over the units
        that all arms of the cell have and ``deviation`` of the predictors' means; ``ran``,
        ``failed``, ``skipped``, ``absent``; of the comparison with each baseline, over the units
        that the two have: ``over_traditional`` and ``over_real``, see `improvement`,
        ``verdict_traditional`` and ``verdict_real`` in words, ``p_traditional`` and ``p_real``
        (Holm's), ``n`` of the first there is; ``jobs``: names.
    """
    pairs = {}
    for pair in tests.to_dict("records"):
        key = tuple(_key(pair[name]) for name in KEY)
        pairs[(*key, pair["first"], pair["second"])] = pair
    records = [_record(cell, arm, pairs) for cell in cells for arm in cell.arms]
    numbers = [f"{what}_{base}" for what in ("over", "p") for base in BASES]
    return pd.DataFrame(records).astype(dict.fromkeys([*numbers, "n"], float)) if records else (
        pd.DataFrame())  # fmt: skip


def improvement(
    arm: float | FloatArray | pd.Series, base: float | FloatArray | pd.Series, direction: str
) -> Any:
    """How much better: percent of the baseline's error, or points where higher is better."""
    return 100 * (base - arm) / abs(base) if direction == "min" else 100 * (arm - base)


def predictor_levels(cell: Cell) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Mean, least and greatest value of each predictor, by arm.

    Of a predictor those units count that every arm with some value of it has one on.
    """
    who = cell.units(["predictor"]).predictor.to_numpy()
    found: dict[str, dict[str, tuple[float, float, float]]] = {arm: {} for arm in cell.arms}
    for name in dict.fromkeys(who):
        values = cell.values[who == name]
        some = ~np.isnan(values).all(axis=0)
        whole = ~np.isnan(values[:, some]).any(axis=1)
        values = values[whole] if whole.any() else values
        for arm, mine in zip(cell.arms, values.T, strict=True):
            known = mine[~np.isnan(mine)]
            if len(known):
                found[arm][name] = (mean(known), float(known.min()), float(known.max()))
    return found


def counts(cells: Sequence[Cell]) -> dict[str, int]:
    """How many values ran, failed, were skipped, and are absent; the baseline counts once."""
    total = dict.fromkeys(("ran", "failed", "skipped", "absent"), 0)
    for number, cell in enumerate(cells):
        for arm in cell.arms:
            if arm not in cell.on_real or not number:
                total = {name: n + cell.counts(arm)[name] for name, n in total.items()}
    return total


def _record(cell: Cell, arm: str, pairs: dict[tuple[Any, ...], Any]) -> dict[str, Any]:
    of = level([cell], arm)
    record = {**cell.names, "direction": cell.direction, "arm": arm}
    record |= {"mean": of.mean, "deviation": of.deviation, **cell.counts(arm), "n": None}
    key = tuple(_key(cell.names[name]) for name in KEY)
    for base in BASES:
        turned = (*key, base, arm) in pairs
        pair = pairs.get((*key, base, arm) if turned else (*key, arm, base))
        record |= {f"over_{base}": None, f"verdict_{base}": None, f"p_{base}": None}
        if pair is not None:
            own, its = ("second", "first") if turned else ("first", "second")
            gain = improvement(pair[f"mean_{own}"], pair[f"mean_{its}"], cell.direction)
            record |= {f"over_{base}": gain, f"p_{base}": pair["p_holm"]}
            verdict = turned_round(pair["verdict"]) if turned else pair["verdict"]
            verdict_words = words(verdict, pair["splits"], pair["splits_needed"])
            record |= {f"verdict_{base}": verdict_words}
            record["n"] = record["n"] or pair["n"]
    jobs = cell.of.rows.job.iloc[cell.own(arm)].unique()
    return {**record, "jobs": ",".join(jobs)}


def _key(value: Any) -> Any:
    return None if pd.isna(value) else value
