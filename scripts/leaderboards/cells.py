"""What the jobs of the leaderboard came to: one record per table, generator, split and measure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from leaderboards.tables import TUNE
from tabsculpt.engine.artifacts import read_frame
from tabsculpt.engine.store import Store, read_manifest
from tabsculpt.results import read_rows

SCORES = {"regression": "rmse", "binary": "auc_roc", "multiclass": "auc_roc"}
IN_UNITS = ("lightgbm", "random_forest")
"""Predictors whose own scores are kept besides, in the unit of the target or as an AUC."""
QUALITY = (
    "wasserstein", "detection_auc", "correlation", "association", "sdmetrics_quality",
    "closer_to_train", "exact_copies",
)  # fmt: skip


def collect(outputs: Path) -> pd.DataFrame:
    """Read what has run so far.

    Returns:
        Columns table, role, generator, split, measure, value, reference, status, reason, notes,
        versions. The measure ``tstr`` is the score on synthetic over that on real rows, the mean
        over the predictors: RMSE of real over RMSE of synthetic, or AUC of synthetic over that of
        real; 1 is as good as real rows, higher is better. `IN_UNITS` names measures of single
        predictors, whose reference is the score on real rows.
    """
    rows = read_rows(outputs / "results")
    cells = [*_scored(rows), *_measured(outputs), *_costs(outputs)]
    reported = rows.drop_duplicates(["dataset", "generator", "split_seed"])
    about = {
        (r.dataset, r.generator, r.split_seed): {"notes": r.notes, "versions": r.versions}
        for r in reported.itertuples()
    }
    for cell in cells:
        cell["role"] = "tune" if cell["table"] in TUNE else "judge"
        cell |= about.get((cell["table"], cell["generator"], cell["split"]), {})
    found = pd.DataFrame(cells)
    return found.sort_values(["table", "generator", "split", "measure"], ignore_index=True)


def keep(cells: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Write cells; they replace those of the same table, generator and split, whole."""
    keys = ["table", "generator", "split"]
    if path.exists():
        before = read_frame(path)
        new = pd.MultiIndex.from_frame(cells[keys])
        stays = ~pd.MultiIndex.from_frame(before[keys]).isin(new)
        cells = pd.concat([before[stays], cells])
    cells = cells.sort_values([*keys, "measure"], ignore_index=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    cells.to_parquet(path, index=False, compression="zstd")
    return cells


def _scored(rows: pd.DataFrame) -> list[dict[str, Any]]:
    found = []
    chosen = rows[rows.metric == rows.task.map(SCORES)]
    for (table, split), part in chosen.groupby(["dataset", "split_seed"]):
        real = part[part.pipeline == "real"].set_index("predictor").value
        for generator, made in part[part.pipeline != "real"].groupby("generator"):
            value = made.set_index("predictor").value
            ratio = real / value if made.metric.iloc[0] == "rmse" else value / real
            key = {"table": table, "generator": generator, "split": split}
            found += [
                {**key, "measure": name, "value": value[name], "reference": real[name]}
                for name in IN_UNITS
                if name in value and name in real
            ]
            bad = made[made.status != "ok"]
            whole = len(ratio) == len(real) and not ratio.isna().any()
            found.append(
                {
                    **key, "measure": "tstr",
                    "value": float(ratio.mean()) if whole else np.nan,
                    "status": bad.status.iloc[0] if len(bad) else "ok",
                    "reason": bad.reason.iloc[0] if len(bad) else "",
                }
            )  # fmt: skip
    return found


def _measured(outputs: Path) -> list[dict[str, Any]]:
    files = [read_frame(path) for path in sorted((outputs / "quality").glob("*.parquet"))]
    whole = [part[part["column"].isna() & part.metric.isin(QUALITY)] for part in files]
    return [
        {
            "table": r.dataset, "generator": r.generator, "split": r.split_seed,
            "measure": r.metric, "value": r.value, "reference": r.reference,
            "status": "ok", "reason": r.reason,
        }
        for part in whole
        for r in part.itertuples()
    ]  # fmt: skip


def _costs(outputs: Path) -> list[dict[str, Any]]:
    """CPU seconds and peak memory of fit and sample, as the store has them."""
    store = Store(outputs / "store")
    found = []
    for path in sorted((outputs / "jobs").glob("*.parquet")):
        job = read_frame(path).iloc[0]
        places = [store.place(k, key) for key in json.loads(job.steps) for k in ("Fit", "Sample")]
        made = [read_manifest(place) for place in places if place.exists()]
        if not made or job.status != "ok":
            continue
        cost = {
            "cpu_seconds": sum(record.cpu_seconds for record in made),
            "peak_mb": max(record.peak_mb for record in made),
        }
        for measure, value in cost.items():
            found.append(
                {
                    "table": job.dataset, "generator": job.generator, "split": job.split_seed,
                    "measure": measure, "value": value, "status": "ok", "reason": "",
                }
            )  # fmt: skip
    return found
