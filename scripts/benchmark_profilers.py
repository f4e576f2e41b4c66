"""Measure the profilers: how well each finds planted label errors in regressions, at what cost.

    python scripts/benchmark_profilers.py
    python scripts/benchmark_profilers.py --profilers dataiq cleanlab --repeats 2 plasma bodyfat
    TABSCULPT_DATA=... python scripts/benchmark_profilers.py --repeats 5

On the train part of each set the targets of some rows are replaced by those of others, at least
half a standard deviation away. Columns, averaged over flip rates and repeats: F1 of the hard rows
against the flipped ones at each threshold and at the best one, as a profiler's own cut has it; F1
of as many hardest rows as were flipped ("known share"); average precision; share of hard rows at
the best threshold where nothing is flipped; CPU seconds of one profile, recording included.
"random" and "all hard" are the floors, "dataiq published" the form of the paper.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tabsculpt.config.components import instantiate
from tabsculpt.config.compose import choices, conf_folder, load
from tabsculpt.datasets.split import split_rows
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.jobs.job import Job
from tabsculpt.profilers import Segment, SegmentRule
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Table

THRESHOLDS = (0.1, 0.125, 0.15, 0.175, 0.2, 0.25)
RATES = (0.0, 0.08, 0.1, 0.2, 0.25)
MEDICAL = ("diabetes_numeric", "urinary", "bodyfat", "cholesterol", "plasma", "parkinson")
OVERRIDES = {"bodyfat": ["dataset.drop=[Density]"]}  # Density determines the target


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    local = MEDICAL if "TABSCULPT_DATA" in os.environ else ()
    names = [name for name in choices("profiler") if name != "auto"]
    parser.add_argument("datasets", nargs="*", default=["sklearn_diabetes", *local])
    parser.add_argument("--profilers", nargs="*", default=["dataiq published", *names])
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in given.datasets:
        table = train_part(name)
        cells = [cell for p in given.profilers for cell in measured(p, table, given.repeats)]
        print(f"\n{name}: {len(table)} rows, all hard F1 {all_hard():.3f}")
        print(summary(pd.DataFrame(cells)).to_string(float_format="%.3f"), flush=True)


def train_part(name: str) -> Table:
    dataset = Job.of(load([f"dataset={name}", *OVERRIDES.get(name, [])])).source.load()
    return dataset.table.take(split_rows(dataset, 0.33, 0).train)


def all_hard() -> float:
    return float(np.mean([2 * rate / (1 + rate) for rate in RATES if rate > 0]))


def made(name: str) -> Any:
    file, *form = name.split()
    node = yaml.safe_load((conf_folder() / "profiler" / f"{file}.yaml").read_text())
    return instantiate({**node, **({"form": form[0]} if form else {})}, "profiler")


def measured(name: str, table: Table, repeats: int) -> Iterator[dict[str, Any]]:
    """One cell per flip rate and repeat."""
    from sklearn.metrics import average_precision_score

    profiler = made(name)
    for rate in RATES:
        for repeat in range(repeats):
            seed = derive_seed("benchmark", rate, repeat)
            flipped, wrong = flip_labels(table, rate, Flip.PERMUTE, 0.5, seed)
            start = time.process_time()
            recorder = profiler.recorder
            dynamics = recorder.record(flipped, seed) if recorder is not None else None
            scores = profiler.score(flipped, dynamics, seed)
            cell = {"profiler": name, "rate": rate, "cpu": time.process_time() - start}
            for t in THRESHOLDS:
                hard = hard_rows(profiler, scores, t)
                cell |= {f"{t:g}": f1(hard, wrong), f"share {t:g}": hard.mean()}
            if wrong.any():
                hardness = cut_scores(profiler, scores).hardness
                known = replace(profiler, cut=SegmentRule.FRACTION, threshold=wrong.mean())
                hardest = cut_scores(known, scores).segment == Segment.HARD
                cell |= {"known": f1(hardest, wrong)}
                cell |= {"AP": average_precision_score(wrong, hardness)}
            yield cell


def hard_rows(profiler: Any, scores: Any, threshold: float) -> Any:
    return cut_scores(replace(profiler, threshold=threshold), scores).segment == Segment.HARD


def f1(hard: Any, wrong: Any) -> float:
    return 2 * float((hard & wrong).sum()) / max(1, int(hard.sum() + wrong.sum()))


def summary(cells: pd.DataFrame) -> pd.DataFrame:
    columns = [f"{t:g}" for t in THRESHOLDS]
    planted, clean = (cells[(cells.rate > 0) == side] for side in (True, False))
    table = planted.groupby("profiler", sort=False)[[*columns, "known", "AP", "cpu"]].mean()
    best = table[columns].idxmax(axis=1)
    shares = clean.groupby("profiler", sort=False)[[f"share {c}" for c in columns]].mean()
    table.insert(len(columns), "best", table[columns].max(axis=1))
    table["clean hard"] = [shares.loc[name, f"share {c}"] for name, c in best.items()]
    return table


if __name__ == "__main__":
    main()
