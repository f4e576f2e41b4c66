"""Measure what it costs to go through Slurm, Ray or submitit instead of the processes of a machine.

Run as ``python scripts/benchmark_cluster.py [workers submitit_slurm ray ...] --jobs 60 --outputs
FOLDER``, on a machine that is all of the cluster: the same small jobs (wine, bootstrap, quick
predictors) by each launcher, into a folder of its own. Printed are wall clock and CPU seconds, of
the jobs and of everything else that was started for them, each also as a ratio to the first.

CPU seconds of what is no job are read twice a second from the processes themselves, so up to half a
second of each is missed. Add ``hydra.launcher.batch=1`` and the like for other settings of all but
the first launcher.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tabsculpt.launch.status import read_states

GRID = ["dataset=wine", "generator=bootstrap", "pipeline=traditional", "baseline=false"]
SERVER = "multiprocessing.forkserver"


@dataclass(frozen=True)
class Cost:
    """Seconds: of wall clock, of CPU in jobs, and of CPU in everything else."""

    wall: float
    jobs: float
    beside: float


def measure(launcher: str, jobs: int, settings: Sequence[str], outputs: Path) -> Cost:
    """Run the sweep by one launcher."""
    shutil.rmtree(outputs, ignore_errors=True)
    environment = {**os.environ, "TABSCULPT_OUTPUTS": str(outputs)}
    command = [sys.executable, "-m", "tabsculpt", "sweep", *GRID, f"seed=range(0,{jobs})"]
    command += ["predictors=quick", "repeats=1", f"hydra/launcher={launcher}", *settings]
    beside: dict[tuple[int, float], float] = {}
    outputs.parent.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with outputs.with_suffix(".txt").open("w") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        while process.poll() is None:
            look(str(outputs), beside)
            time.sleep(0.5)
    wall = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{launcher} ended with {process.returncode}, see {file.name}")
    [state] = read_states(outputs)
    return Cost(wall, state.cpu_seconds, sum(beside.values()))


def look(outputs: str, beside: dict[tuple[int, float], float]) -> None:
    """Note the CPU seconds of the processes of a sweep that are no job."""
    for process in psutil.process_iter(["create_time"]):
        with suppress(psutil.Error):
            if process.environ().get("TABSCULPT_OUTPUTS") != outputs or _is_job(process):
                continue
            used = process.cpu_times()
            beside[process.pid, process.info["create_time"]] = used.user + used.system


def _is_job(process: psutil.Process) -> bool:
    """Whether it was forked from the server of imports."""
    parent = process.parent()
    return parent is not None and any(SERVER in part for part in parent.cmdline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["workers", "submitit_slurm", "ray"])
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--outputs", type=Path, required=True)
    given = parser.parse_args()
    launchers = [each for each in given.what if "=" not in each]
    settings = [each for each in given.what if "=" in each]
    first: Cost | None = None
    for launcher in launchers:
        own = settings if first is not None else []
        cost = measure(launcher, given.jobs, own, given.outputs / launcher)
        first = first or cost
        cpu, whole = cost.jobs + cost.beside, first.jobs + first.beside
        print(
            f"{launcher}: {given.jobs} jobs in {cost.wall:.1f} s ({cost.wall / first.wall:.2f}), "
            f"CPU {cpu:.1f} s ({cpu / whole:.2f}), {cost.jobs:.1f} s of it in jobs; "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
