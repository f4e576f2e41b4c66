"""Measures the label-flip search with the grid of the paper: 6 flip rates x 6 thresholds.

    TABSCULPT_DATA=... python scripts/benchmark_selection.py [--dataset parkinson] [--rows 3936]

Prints CPU seconds beyond imports and the peak memory of a process of its own for each pair of
candidates: cleanlab with dataiq's published form (linear learners, as published), and both with
boosted trees. One fit per profiler and flip rate; all thresholds are read off it.
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from tabsculpt.config.compose import load
from tabsculpt.engine.runner import one_thread
from tabsculpt.jobs.job import Job
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.cleanlab import Cleanlab
from tabsculpt.profilers.cleanlab import Learner as CleanlabLearner
from tabsculpt.profilers.dataiq import DataIQ, Form
from tabsculpt.profilers.dynamics.learners import Learner
from tabsculpt.profilers.selection import search_cells

CANDIDATES = {
    "linear, dataiq as published": {
        "cleanlab": Cleanlab(),
        "dataiq": DataIQ(form=Form.PUBLISHED),
    },
    "linear, dataiq calibrated": {
        "cleanlab": Cleanlab(),
        "dataiq": DataIQ(learner=Learner.LINEAR),
    },
    "boosted trees": {
        "cleanlab": Cleanlab(learner=CleanlabLearner.BOOSTED),
        "dataiq": DataIQ(learner=Learner.BOOSTED),
    },
}


def measure(which: str, dataset: str, rows: int) -> tuple[float, float, float]:
    """CPU seconds, wall clock and peak MB of one search, imports excluded."""
    table = Job.of(load([f"dataset={dataset}"])).source.load().table
    table = table.take(np.arange(min(rows, len(table))))
    search = Auto().search
    with one_thread():
        search_cells(CANDIDATES[which], search, table.take(np.arange(60)), 0)  # imports
        wall, cpu = time.perf_counter(), time.process_time()
        search_cells(CANDIDATES[which], search, table, 0)
        seconds = time.process_time() - cpu, time.perf_counter() - wall
    return (*seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="parkinson")
    parser.add_argument("--rows", type=int, default=3936)
    given = parser.parse_args()
    for which in CANDIDATES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            cpu, wall, peak = pool.submit(measure, which, given.dataset, given.rows).result()
        print(f"{which}: {cpu:.1f} s CPU, {wall:.1f} s wall, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
