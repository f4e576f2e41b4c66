"""Measure `tabsculpt report` on made-up results: time, memory, and the size of the page.

Run as ``python scripts/benchmark_report.py [zero] [one] [failed] [rows] [jobs] --outputs FOLDER``.

zero, one, failed: no result row, a single one, and 24 jobs that all failed.
rows: 50,000 result rows. jobs: 2,000 jobs (about 2 million rows), half of them augmentation at
four proportions and four sampling seeds. Both have the tables of quality and distributions, the
profiles and the configurations that a sweep leaves.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tabsculpt.results import Row, Status, as_record, schema, write_rows, write_table

PREDICTORS = ("linear", "random_forest", "lightgbm", "knn")
PIPELINES = ("traditional", "preprocess", "profile2gen")
PROPORTIONS = (0.227, 0.454, 0.682, 0.909)
SAMPLE_SEEDS = (333, 555, 666, 888)
STRATA = 31
"""Metrics of a prediction besides the headline metric and its companion, as the quick suite has."""
COLUMNS = 12


@dataclass(frozen=True)
class Grid:
    """Sizes of a made-up sweep; half of the data sets are regression."""

    datasets: int
    generators: int
    seeds: int
    protocols: tuple[str, ...] = ("tstr", "augmentation")
    strata: int = STRATA
    fail: int | None = None
    """Every so many-th job fails; 1 for all of them, None for none."""

    def jobs(self) -> Iterator[Row]:
        """The first row of each job: what it is, without a value."""
        for place, seed in product(range(self.datasets), range(self.seeds)):
            shared = Row(
                job=f"real-{place}-{seed}", dataset=f"table_{place}", split_seed=seed, seed=seed,
                task="binary" if place % 2 else "regression", profiler="none", generator="none",
                pipeline="real", protocol="trtr", device="cpu", data=f"data-{place}",
                started=f"2026-01-{1 + seed:02d}T10:00:00+00:00", predictors="quick",
                evaluation="test_size=0.33, missing=drop", n_train=300, n_test=150,
                ended=f"2026-01-{1 + seed:02d}T10:01:00+00:00", versions="{}",
            )  # fmt: skip
            yield shared
            for protocol, number, pipeline in product(
                self.protocols, range(self.generators), PIPELINES
            ):
                profiled = pipeline != "traditional"
                keys = {"profile_real": f"profile-{place}-{seed}"} if profiled else {}
                yield replace(
                    shared,
                    job=f"{protocol}-{place}-{seed}-{number}-{pipeline}",
                    protocol=protocol, generator=f"generator_{number}", pipeline=pipeline,
                    profiler="dataiq" if profiled else "none",
                    keys=json.dumps(keys),
                    n_dropped=30 if pipeline == "profile2gen" else 0, n_synthetic=270,
                )  # fmt: skip


def make_outputs(grid: Grid, folder: Path) -> int:
    """Write the results of a made-up sweep and the tables beside them.

    Returns:
        How many result rows there are.
    """
    count = 0
    for place, first in enumerate(grid.jobs()):
        fails = grid.fail is not None and place % grid.fail == grid.fail - 1
        rng = np.random.default_rng([ord(letter) for letter in first.job])
        write_table([_job(first, fails)], folder / "jobs" / f"{first.job}.parquet")
        if fails:
            count += _write_failure(first, folder)
            continue
        count += _write_results(first, grid, rng, folder)
        if first.pipeline != "real":
            _write_tables(first, rng, folder)
        if first.profiler != "none":
            _write_profile(first, rng, folder)
    return count


def _write_failure(first: Row, folder: Path) -> int:
    failed = replace(first, status=Status.FAILED, phase="generate", reason="it burst")
    metric, direction = ("auc_roc", "max") if first.task == "binary" else ("rmse", "min")
    steps = list(product(PROPORTIONS, SAMPLE_SEEDS)) if first.protocol == "augmentation" else [()]
    rows = [replace(failed, metric="wasserstein", direction="min")]
    for predictor, step in product(PREDICTORS, steps):
        where = dict(zip(("proportion", "sample_seed"), step, strict=False))
        row = replace(failed, predictor=predictor, metric=metric, direction=direction)
        rows.append(replace(row, **where))
    write_rows(rows, folder / "results")
    return len(rows)


def _write_results(first: Row, grid: Grid, rng: np.random.Generator, folder: Path) -> int:
    metrics = ["auc_roc", "auc_pr"] if first.task == "binary" else ["rmse", "r2"]
    metrics += [f"{metrics[0]}_stratum_{i}" for i in range(grid.strata)]
    augmented = first.protocol == "augmentation"
    steps = list(product(PROPORTIONS, SAMPLE_SEEDS)) if augmented else [(None, None)]
    units = [
        (predictor, metric, *step)
        for step in steps
        for predictor in PREDICTORS
        for metric in metrics
    ]
    frame = pd.DataFrame([as_record(first)]).loc[[0] * (len(units) + 1)].reset_index(drop=True)
    names = ["predictor", "metric", "proportion", "sample_seed"]
    frame.loc[1:, names] = pd.DataFrame(units, columns=names, index=range(1, len(units) + 1))
    frame.loc[0, "metric"], frame["direction"] = "wasserstein", "min"
    frame.loc[frame.metric.str.startswith("auc"), "direction"] = "max"
    ability = frame.predictor.map(dict(zip(PREDICTORS, (0, 2, 3, 1), strict=True))).fillna(0)
    loss = {"real": 0.0, "traditional": 3.0, "preprocess": 2.0, "profile2gen": 2.5}[first.pipeline]
    level = ability - loss - len(first.generator) % 3 + rng.normal(0, 0.7, len(frame))
    better = 0.85 + level / 100 if first.task == "binary" else 60 - level
    frame["value"] = np.where(frame.predictor.isna(), 0.1 + rng.random() / 20, better)
    for phase, seconds in (("data", 0.1), ("generate", 20.0), ("score", 0.5)):
        frame[f"seconds_{phase}"], frame[f"peak_mb_{phase}"] = seconds, 300.0
    if first.pipeline == "real":
        frame = frame.iloc[1:]
    table = pa.Table.from_pandas(frame, schema=schema(), preserve_index=False)
    (folder / "results").mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "results" / f"{first.job}.parquet")
    return len(frame)


def _write_tables(first: Row, rng: np.random.Generator, folder: Path) -> None:
    names = (
        "job",
        "dataset",
        "profiler",
        "generator",
        "pipeline",
        "protocol",
        "predictors",
        "seed",
    )
    shared = {name: getattr(first, name) for name in (*names, "split_seed", "fold", "round")}
    measured = [
        {**shared, "metric": f"measure_{i}" if i else "wasserstein", "column": column,
         "value": float(rng.random()), "reference": 0.1, "direction": "min", "reason": ""}
        for i in range(30) for column in (None, *(["x0"] if i < 3 else []))
    ]  # fmt: skip
    write_table(measured, folder / "quality" / f"{first.job}.parquet")
    columns = []
    for place, table in product(range(COLUMNS), ("train", "synthetic")):
        counts = np.histogram(rng.normal(place % 3, 1.0, 300), np.linspace(-4, 6, 41))[0]
        columns.append(
            {**shared, "column": f"x{place}", "role": "feature" if place else "target",
             "table": table, "rows": 300, "edges": np.linspace(-4, 6, 41).tolist(),
             "categories": [], "shares": (counts / 300).tolist(), "below": 0.0, "above": 0.0,
             "quantiles": [-2.0, -0.7, 0.0, 0.7, 2.0]}
        )  # fmt: skip
    write_table(columns, folder / "distributions" / f"{first.job}.parquet")


def _write_profile(first: Row, rng: np.random.Generator, folder: Path) -> None:
    key = json.loads(first.keys)["profile_real"]
    path = folder / "profiles" / f"{key}.parquet"
    if path.exists():
        return
    score = rng.random(300)
    segment = np.select([score > 0.7, score > 0.2], ["easy", "ambiguous"], "hard")
    frame = {
        "dataset": first.dataset, "profiler": first.profiler, "of": "real", "row": np.arange(300),
        "hardness": -score, "score": score, "uncertainty": score * (1 - score), "segment": segment,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(frame).to_parquet(path)


def _job(first: Row, failed: bool) -> dict[str, Any]:
    groups = ("dataset", "generator", "pipeline", "predictors", "profiler", "protocol")
    names = {group: getattr(first, group) for group in groups}
    settings = {
        "names": names,
        "parts": {"generator": {"is": first.generator, "epochs": 300, "batch": 500}},
        "suite": {name: {"is": name, "trees": 100, "leaves": 31} for name in PREDICTORS},
        "split": {"seed": first.split_seed, "test_size": 0.33},
        "seed": first.seed,
    }
    kept = {"job": first.job, **names, "seed": first.seed, "split_seed": first.split_seed}
    return {**kept, "rows": 134, "not_ok": int(failed), "settings": json.dumps(settings)}


CASES = {
    "zero": Grid(0, 0, 0),
    "one": Grid(1, 0, 1, strata=0),
    "failed": Grid(2, 2, 2, fail=1),
    "rows": Grid(4, 2, 1),
    "jobs": Grid(12, 7, 4),
}
"""Named inputs; "one" is cut down to a single row."""


def measure(outputs: Path) -> tuple[float, float, float, int]:
    """Wall clock and CPU seconds, peak MB and bytes of the page of a report of its own process."""
    command = [sys.executable, "-m", "tabsculpt", "report", "--outputs", str(outputs)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, code, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if code:
        raise SystemExit(f"the report of {outputs} ended with {code}")
    size = (outputs / "reports" / "all" / "report.html").stat().st_size
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--outputs", type=Path, help="keeps what was made; default: nothing kept")
    given = parser.parse_args()
    print("| input | jobs | rows | wall s | CPU s | peak MB | page MB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for name in given.cases or CASES:
            folder = (given.outputs or Path(temporary)) / name
            if not folder.exists():
                make_outputs(CASES[name], folder)
            paths = sorted((folder / "results").glob("*.parquet"))
            if name == "one":
                pq.write_table(pq.read_table(paths[0]).slice(0, 1), paths[0])
            rows = sum(pq.read_metadata(path).num_rows for path in paths)
            wall, cpu, peak, size = measure(folder)
            numbers = f"{len(paths):,} | {rows:,} | {wall:.1f} | {cpu:.1f} | {peak:.0f}"
            print(f"| {name} | {numbers} | {size / 1e6:.2f} |", flush=True)


if __name__ == "__main__":
    main()
