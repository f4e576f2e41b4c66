"""Measure `tabsculpt run` on a long table: CPU seconds by step, and peak memory.

    python scripts/benchmark_long_tables.py
    python scripts/benchmark_long_tables.py --rows 1000000 --generators marginal
    python scripts/benchmark_long_tables.py --task regression --format parquet -- split.seed=1

The table has 20 columns drawn by a seed: correlated decimals (some rounded, one with missing
values), whole numbers, yes/no, categories of few and of many levels, and the target, which the
features explain in part. What follows ``--`` goes to ``tabsculpt run``; the pipeline is
``traditional`` unless it says another. Each run is a process of its own with a folder of its own.
CPU is user and system time of its own process ("the run itself": imports, reading the file,
hashing, rows, printing) and of the steps, which the store has of the processes that did them; what
those needed to start is not counted. Peak is the highest resident memory of any of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

WORDS = ("north", "east", "south", "west", "centre")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--task", choices=("binary", "regression"), default="binary")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--generators", nargs="+", default=["marginal"])
    parser.add_argument("--seed", type=int, default=0, help="of the table")
    parser.add_argument("--profile", type=Path, help="folder for a cProfile file of each run")
    parser.add_argument("settings", nargs="*", help="more settings of tabsculpt run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"long.{given.format}"
        save(made(given.rows, given.task, given.seed), path)
        for generator in given.generators:
            outputs = Path(folder) / generator
            arguments = [
                f"dataset={given.format}", f"dataset.path={path}", "dataset.target=outcome",
                f"generator={generator}", "pipeline=traditional", *given.settings,
            ]  # fmt: skip
            profiled = given.profile / f"{generator}.prof" if given.profile else None
            report(f"{given.rows:,} x 20, {generator}", *run(arguments, outputs, profiled), outputs)


def made(rows: int, task: str, seed: int) -> pd.DataFrame:
    """A mixed table of 19 features and the target ``outcome``."""
    rng = np.random.default_rng(seed)
    base = rng.standard_normal((rows, 8)) @ rng.standard_normal((8, 12))
    noise = rng.standard_normal(rows)
    columns: dict[str, object] = {f"level_{i}": base[:, i] * 10.0**i for i in range(4)}
    columns |= {f"rounded_{i}": base[:, 4 + i].round(i + 1) for i in range(3)}
    columns["gappy"] = np.where(rng.random(rows) < 0.05, np.nan, base[:, 7])
    columns |= {f"count_{i}": rng.poisson(np.exp(base[:, 8 + i].clip(-3, 3))) for i in range(3)}
    columns["age"] = (50 + 12 * base[:, 11] / base[:, 11].std()).round().clip(18, 95).astype(int)
    columns |= {f"flag_{i}": np.where(base[:, i] > i - 1, "yes", "no") for i in range(3)}
    columns["region"] = np.array(WORDS)[rng.integers(len(WORDS), size=rows)]
    columns["grade"] = np.array(list("ABCD"))[np.digitize(base[:, 4], [-3, 0, 3])]
    columns["code"] = [f"c{k:02d}" for k in rng.zipf(1.5, rows).clip(max=60)]
    columns["unrelated"] = rng.exponential(3.0, rows)
    signal = base[:, 0] / base[:, 0].std() + (base[:, 4] > 0) + 0.5 * noise
    columns["outcome"] = signal if task == "regression" else (signal > 0.8).astype(int)
    return pd.DataFrame(columns)


def save(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)


def run(arguments: list[str], outputs: Path, profiled: Path | None) -> tuple[float, float]:
    """CPU seconds of the run's own process, and its peak in MB."""
    command = [sys.executable, "-m", "tabsculpt", "run", *arguments]
    if profiled:
        profiled.parent.mkdir(parents=True, exist_ok=True)
        command[1:1] = ["-m", "cProfile", "-o", str(profiled)]
    environment = {**os.environ, "TABSCULPT_OUTPUTS": str(outputs)}
    with outputs.with_suffix(".txt").open("w") as phrase:
        process = subprocess.Popen(command, env=environment, stdout=phrase, stderr=phrase)
        _, code, used = os.wait4(process.pid, 0)
    if code:
        raise SystemExit(outputs.with_suffix(".txt").read_text())
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


def report(title: str, own: float, own_peak: float, outputs: Path) -> None:
    steps: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for path in (outputs / "store").glob("*/*/*/manifest.json"):
        record = json.loads(path.read_text())
        name = f"{record['phase']:9}{record['step']} {record['description'].get('name', '')}"
        steps[name].append((record["cpu_seconds"], record["peak_mb"]))
    steps["the run itself"].append((own, own_peak))
    seconds = {name: sum(cpu for cpu, _ in found) for name, found in steps.items()}
    peak = max(mb for found in steps.values() for _, mb in found)
    print(f"\n{title}: {sum(seconds.values()):.1f} s of CPU, peak {peak:.0f} MB")
    for name in sorted(seconds, key=lambda name: -seconds[name]):
        mb = max(mb for _, mb in steps[name])
        print(f"  {name:44}{seconds[name]:8.1f} s {mb:7.0f} MB", flush=True)


if __name__ == "__main__":
    main()
