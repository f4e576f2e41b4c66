"""Measures the main job: start-up, time, memory, and what a job costs whose steps are all cached.

    python scripts/measure_main_job.py [--repeats 5]

Prints CPU seconds (user + system of the process and its children) and wall clock. CPU seconds are
the figures to quote where machines are shared.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SWEEP = ["sweep", "dataset=sklearn_diabetes", "generator=tvae",
         "pipeline=real,traditional,preprocess,profile2gen,random_drop"]  # fmt: skip

CACHED = """
import io, sys, time
from rich.console import Console
from tabsculpt.launch.sweep import prepare_sweep, run_sweep
from tabsculpt.report.terminal import show
from tabsculpt.results import read_rows

def once():
    wall, cpu = time.perf_counter(), time.process_time()
    job = ["dataset=sklearn_diabetes", "generator=tvae", "pipeline=profile2gen", "baseline=false"]
    console = Console(file=io.StringIO())
    grid = prepare_sweep([*job, "repeats=1", "hydra/launcher=serial"], None, console)
    run_sweep(grid, console)
    rows = read_rows(grid.outputs / "results", list(grid.batch.titles))
    show(rows, grid.outputs / "store", console)
    return time.perf_counter() - wall, time.process_time() - cpu

first, rest = once(), [once() for _ in range(int(sys.argv[1]))]
print(*(sorted(values)[len(rest) // 2] for values in zip(*rest)), *first)
"""


def timed(arguments: list[str]) -> tuple[float, float, float]:
    """Wall clock and CPU seconds of a command, and the peak memory of all children so far, MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1000


def report(what: str, runs: list[tuple[float, float, float]]) -> None:
    wall, cpu = (statistics.median(run[i] for run in runs) for i in (0, 1))
    print(f"{what}: {cpu:.2f} s CPU, {wall:.2f} s wall (median of {len(runs)})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    program = [sys.executable, "-m", "tabsculpt"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TABSCULPT_OUTPUTS"] = folder
        report("tabsculpt --help", [timed([*program, "--help"]) for _ in range(repeats)])
        wall, cpu, peak = timed([*program, *SWEEP])
        print(f"main job, nothing cached: {cpu:.1f} s CPU, {wall:.1f} s wall, peak {peak:.0f} MB")
        report("main job, all cached", [timed([*program, *SWEEP]) for _ in range(repeats)])
        command = [sys.executable, "-c", CACHED, str(repeats)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        wall, cpu, first_wall, first_cpu = map(float, done.stdout.split())
        print(
            f"one cached job beyond imports: {cpu:.2f} s CPU, {wall:.2f} s wall "
            f"(its first run, imports within: {first_cpu:.2f} s CPU, {first_wall:.2f} s wall)"
        )


if __name__ == "__main__":
    main()
