"""Measure KNN-Shapley: CPU seconds and peak memory, and equality with the plain double loop.

    python scripts/benchmark_knn_shapley.py
    python scripts/benchmark_knn_shapley.py --large

Each case runs in a process of its own with one thread; imports are not in the seconds, but in the
memory. The double loop is the recursion as published, in Python and float64; its values must
agree to 1e-6, or the script fails. ``--large`` adds 100,000 rows against 5,000.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.profilers.knn_shapley import knn_shapley_values
from tabsculpt.table import FloatArray, Task

NEIGHBOURS = 5
FEATURES = 20
Rows = tuple[FloatArray, npt.NDArray[Any], FloatArray, npt.NDArray[Any]]


def draw(train: int, validation: int, task: Task) -> Rows:
    """Normal features, and a target that the first of them half determines."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(train + validation, FEATURES))
    target: npt.NDArray[Any] = features[:, 0] + rng.normal(size=len(features))
    if task is not Task.REGRESSION:
        target = (target > 0).astype(np.int64)
    return features[:train], target[:train], features[train:], target[train:]


def vectorised(rows: Rows, task: Task) -> FloatArray:
    """The values by the library."""
    return knn_shapley_values(*rows, k=NEIGHBOURS, task=task)


def double_loop(rows: Rows, task: Task) -> FloatArray:
    """The values of a classification by the recursion, one training row after the other."""
    features, target, held, truth = rows
    n, total = len(features), np.zeros(len(features))
    for point, label in zip(held, truth, strict=True):
        order = np.argsort(((features - point) ** 2).sum(axis=1), kind="stable")
        match = (target[order] == label).astype(float)
        value = match[-1] / n
        total[order[-1]] += value
        for i in range(n - 1, 0, -1):
            value += (match[i - 1] - match[i]) / NEIGHBOURS * min(NEIGHBOURS, i) / i
            total[order[i - 1]] += value
    return total / len(truth)


Method = Callable[[Rows, Task], FloatArray]


def measure(
    method: Method, train: int, validation: int, task: Task
) -> tuple[float, float, FloatArray]:
    """CPU seconds, peak MB of the process, and the values."""
    knn_shapley_values(*draw(10, 2, task), k=1, task=task)  # imports
    rows = draw(train, validation, task)
    start = time.process_time()
    values = method(rows, task)
    seconds = time.process_time() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, values


def alone(method: Method, train: int, validation: int, task: Task) -> FloatArray:
    """`measure` in a fresh process, printed as one line."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        seconds, peak, values = pool.submit(measure, method, train, validation, task).result()
    size = f"{train:>7,} x {validation:>5,} x {FEATURES}"
    print(f"{method.__name__:<12}{task:<12}{size}{seconds:>9.2f} CPU s{peak:>7.0f} MB", flush=True)
    return values


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="also 100,000 rows against 5,000")
    large = parser.parse_args().large
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    plain = alone(double_loop, 10_000, 100, Task.BINARY)
    apart = np.abs(alone(vectorised, 10_000, 100, Task.BINARY) - plain).max()
    print(f"largest difference {apart:.1e}")
    for task in (Task.BINARY, Task.REGRESSION):
        alone(vectorised, 10_000, 500, task)
        if large:
            alone(vectorised, 100_000, 5_000, task)
    if apart > 1e-6:
        raise SystemExit("the values differ from those of the double loop by more than 1e-6")


if __name__ == "__main__":
    main()
