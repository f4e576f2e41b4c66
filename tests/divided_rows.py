"""Made-up result rows of sweeps that were not run alike: splits missing, jobs repeated."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import numpy as np

from tabsculpt.results import Row, Status, write_rows

PREDICTORS = ("linear", "random_forest", "lightgbm", "knn")
LEVEL = {"real": 0.0, "traditional": -0.02, "preprocess": -0.01, "profile2gen": 0.015}
SPLIT = (-0.12, -0.10, 0.02, 0.09, 0.11)
"""What each split adds: more than what any pipeline does."""


def job(arm: str, split: int, predictors: Iterable[str] = PREDICTORS, **more) -> list[Row]:
    """The rows of a job: AUC and macro F1 of each predictor, and the distance of its table."""
    real = arm == "real"
    status, level, minute = more.pop("status", Status.OK), more.pop("level", {}), more.pop("at", 0)
    common = {
        "dataset": "cohort", "task": "binary", "split_seed": split, "seed": 0, "device": "cpu",
        "profiler": "none" if arm in ("real", "traditional") else "dataiq", "pipeline": arm,
        "generator": "none" if real else "arf", "protocol": "trtr" if real else "tstr",
        "data": "cohort", "started": f"2026-01-02T03:{minute:02d}:00", "predictors": "quick",
        "evaluation": "test_size=0.33, missing=drop", "n_train": 300, "n_test": 150,
    } | more  # fmt: skip
    named = [common, sorted(predictors)]
    common["job"] = sha256(repr(named).encode()).hexdigest()[:16]
    failed = {"status": status, "phase": "generate", "reason": "it burst"}
    common |= {} if status == Status.OK else failed
    rows = [] if real else [Row(**common, metric="wasserstein", direction="min", value=0.1)]
    for name in predictors:
        place = PREDICTORS.index(name)
        noise = np.random.default_rng([split, place, len(arm)]).normal(0, 0.002)
        value = 0.7 + LEVEL.get(arm, 0.0) + level.get(arm, 0) + SPLIT[split] + 0.03 * place + noise
        for metric, less in (("auc_roc", 0.0), ("macro_f1", 0.08)):
            score = None if status != Status.OK else float(value - less)
            row = {"predictor": name, "metric": metric, "direction": "max", "value": score}
            rows.append(Row(**common, **row))
    return rows


def write(folder: Path, jobs: Iterable[list[Row]]) -> None:
    """Write jobs as the tool writes them."""
    for rows in jobs:
        write_rows(rows, folder / "results")


def missing_splits() -> list[list[Row]]:
    """Five splits of two arms, two of a third."""
    whole = [job(arm, split) for arm in ("real", "traditional") for split in range(5)]
    return [*whole, *(job("profile2gen", split, at=1) for split in range(2))]


def fewer_predictors() -> list[list[Row]]:
    """The same jobs once more under a suite without two predictors."""
    whole = [job(arm, split) for arm in ("real", "traditional") for split in range(5)]
    again = [
        job(arm, split, PREDICTORS[1:3], at=1)
        for arm in ("real", "traditional")
        for split in (0, 1)
    ]
    return [*whole, *again]


def two_profilers() -> list[list[Row]]:
    """A large difference between profilers, none between pipelines."""
    arms = ("preprocess", "profile2gen")
    return [
        job(arm, split, profiler=name, level={"preprocess": shift, "profile2gen": shift - 0.025})
        for arm in arms
        for split in range(3)
        for name, shift in (("dataiq", -0.3), ("cleanlab", 0.2))
    ]


def two_test_sizes() -> list[list[Row]]:
    """Three data sets, the order of the arms turned round at the second test size."""
    sizes = {"test_size=0.33, missing=drop": 1, "test_size=0.5, missing=drop": -1}
    arms = ("real", "traditional", "profile2gen")
    return [
        job(arm, 0, dataset=name, data=name, evaluation=text,
            level={a: (sign - 1) * LEVEL[a] for a in arms})
        for name in ("cohort", "ward", "clinic")
        for text, sign in sizes.items()
        for arm in arms
    ]  # fmt: skip
