"""Measure sweeps: how well they use the cores, what resuming costs, and whether that grows.

Run as ``python scripts/benchmark_sweep.py [efficiency] [resume] [growth] --outputs FOLDER``.

efficiency: 240 jobs, two data sets x three generators x four pipelines x tstr and augmentation x
    five seeds, quick predictors. CPU seconds of the distinct steps over (cores x wall clock), and
    the CPU seconds per job that are spent on anything but steps.
resume: 2,000 finished jobs again, half of them augmentation with its 17 evaluations (about a
    million rows). The first 48 are run; the others are copies of their files
    under the names and completion keys that they would have, as running them would take hours.
growth: CPU time of resuming 120 jobs where 120, 1,000 and 10,000 are stored.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.jobs.completion import completion_key
from tabsculpt.jobs.graph import build_graph
from tabsculpt.launch.status import read_states
from tabsculpt.launch.sweep import prepare_sweep

GRID = [
    "dataset=sklearn_diabetes,breast_cancer",
    "generator=bootstrap,marginal,arf",
    "pipeline=traditional,preprocess,profile2gen,random_drop",
]
BOTH = ["protocol=tstr,augmentation"]
SHORT = ["protocol=tstr"]


def sweep(arguments: Sequence[str], outputs: Path) -> tuple[float, float, float]:
    """Wall clock and CPU seconds of a sweep with all its processes, and its own peak MB."""
    report = outputs.with_suffix(".txt")
    environment = {**os.environ, "TABSCULPT_OUTPUTS": str(outputs)}
    command = [sys.executable, "-m", "tabsculpt", "sweep", *arguments]
    began = time.perf_counter()
    with report.open("w") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        _, code, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if code:
        raise SystemExit(f"the sweep ended with {code}, see {report}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


def of_steps(outputs: Path) -> float:
    """CPU seconds of all stored steps."""
    manifests = (outputs / "store").glob("*/*/*/manifest.json")
    return sum(json.loads(path.read_text())["cpu_seconds"] for path in manifests)


def efficiency(outputs: Path, seeds: int) -> None:
    cores = len(os.sched_getaffinity(0))
    wall, launching, peak = sweep([*GRID, *BOTH, f"seed=range(0,{seeds})"], outputs)
    [state] = read_states(outputs)
    steps, all_cpu = of_steps(outputs), launching + state.cpu_seconds
    print(f"{state.jobs} jobs on {cores} cores: {wall:.0f} s wall, load {os.getloadavg()[1]:.1f}")
    print(f"distinct steps: {steps:.0f} s of CPU; efficiency {steps / cores / wall:.2f}")
    print(
        f"of {all_cpu:.0f} s of CPU in all, steps are {steps / all_cpu:.2f}; the rest is "
        f"{(all_cpu - steps) / state.jobs:.2f} s per job, {launching / state.jobs:.2f} s of it "
        f"in the launching process ({peak:.0f} MB)"
    )


def resume(outputs: Path, jobs: int) -> None:
    both = [*GRID, *BOTH]
    sweep([*both, "seed=range(0,1)"], outputs)
    many = [*both, f"seed=range(0,{-(-jobs // 48)})"]
    clone(outputs, many)
    wall, cpu, peak = sweep(many, outputs)
    last = outputs.with_suffix(".txt").read_text().splitlines()
    print(next(line for line in last if "finished before" in line))
    print(f"resumed in {wall:.1f} s wall, {cpu:.1f} s of CPU, {peak:.0f} MB")


def growth(outputs: Path) -> None:
    few = [*GRID, *SHORT, "seed=range(0,5)"]
    sweep([*GRID, *SHORT, "seed=range(0,1)"], outputs)
    clone(outputs, few)
    for stored in (120, 1000, 10_000):
        pad(outputs, stored)
        _, cpu, _ = sweep(few, outputs)
        print(f"{stored} jobs stored: {cpu:.1f} s of CPU to resume 120 of them")


def clone(outputs: Path, arguments: Sequence[str]) -> None:
    """Give every job of a grid that was not run the files of one of the same cell that was."""
    os.environ["TABSCULPT_OUTPUTS"] = str(outputs)
    grid = prepare_sweep(arguments, None, Console(quiet=True))
    run = {cell(grid.batch.titles[job]): job for job in grid.batch.finished}
    for task in grid.batch.tasks:
        source = run[cell(task.title)]
        runner = Runner(Store(outputs / "store"), lambda _step, _done: None)
        steps = build_graph(task.job, task.dataset, runner.result).steps()
        completion = completion_key(task.job, task.dataset, steps.values())
        copy(outputs, source, task.id, {"seed": task.job.seed}, {"completion": completion})


def cell(title: str) -> str:
    return title.partition(" seed ")[0]


def pad(outputs: Path, jobs: int) -> None:
    """Fill up with copies under names that no job has."""
    names = sorted(path.stem for path in (outputs / "jobs").glob("*.parquet"))
    for number in range(len(names), jobs):
        copy(outputs, names[number % len(names)], f"{number:016x}", {}, {})


def copy(
    outputs: Path, source: str, name: str, both: dict[str, object], record: dict[str, object]
) -> None:
    for folder, values in (("results", both), ("jobs", {**both, **record})):
        table = pq.read_table(outputs / folder / f"{source}.parquet", partitioning=None)
        for column, value in {**values, "job": name}.items():
            index = table.schema.get_field_index(column)
            field = table.schema.field(index)
            filled = pa.array([value] * len(table), field.type)
            table = table.set_column(index, field, filled)
        pq.write_table(table, outputs / folder / f"{name}.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["efficiency", "resume", "growth"])
    parser.add_argument("--outputs", type=Path, required=True, help="An empty folder.")
    parser.add_argument(
        "--seeds", type=int, default=5, help="Of the efficiency sweep; 48 jobs each."
    )
    parser.add_argument("--jobs", type=int, default=2000, help="Of the sweep that is resumed.")
    asked = parser.parse_args()
    asked.outputs.mkdir(parents=True, exist_ok=True)
    for what in asked.what:
        match what:
            case "efficiency":
                efficiency(asked.outputs / what, asked.seeds)
            case "resume":
                resume(asked.outputs / what, asked.jobs)
            case "growth":
                growth(asked.outputs / what)


if __name__ == "__main__":
    main()
