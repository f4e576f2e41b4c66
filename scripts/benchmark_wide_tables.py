"""Measure `tabsculpt generate` on a table with many more columns than rows.

    python scripts/benchmark_wide_tables.py [--columns 2000] [--rows 300] [--generators arf]

The table is drawn by a seed: numbers that depend on five hidden ones, twenty categories, and a
class. Each generator writes as many rows as there are, with their card, in a process of its own;
CPU is user and system time, peak the highest resident memory. One that does not end within
``--minutes`` is interrupted, and said to be.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pandas as pd

NAMES = ("bootstrap", "marginal", "gaussian_copula", "arf", "bayesian_network")
CATEGORIES = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--columns", type=int, default=2000, help="the target not counted")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--generators", nargs="+", default=list(NAMES))
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    print("| generator | CPU s | peak MB | |\n|---|---:|---:|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wide.csv"
        table(given.rows, given.columns).to_csv(path, index=False)
        for name in given.generators:
            cpu, peak, end = generate(name, path, given.minutes)
            print(f"| {name} | {cpu:.0f} | {peak:.0f} | {end} |", flush=True)


def table(rows: int, columns: int) -> pd.DataFrame:
    """The table, its class ``y`` last."""
    rng = np.random.default_rng(0)
    numbers = columns - CATEGORIES
    hidden = rng.normal(size=(rows, 5))
    seen = hidden @ rng.normal(size=(5, numbers)) + rng.normal(size=(rows, numbers))
    frame = pd.DataFrame(seen.round(3)).rename(columns="x{}".format)
    letters = rng.choice(list("abcd"), size=(rows, CATEGORIES))
    case = hidden[:, 0] + rng.normal(0, 0.5, rows) > 0
    own = pd.DataFrame(letters).rename(columns="c{}".format)
    return pd.concat([frame, own, pd.Series(np.where(case, "case", "control"), name="y")], axis=1)


def generate(name: str, path: Path, minutes: float) -> tuple[float, float, str]:
    """CPU seconds, peak MB and how it ended."""
    folder = path.parent / name
    settings = ["dataset=csv", f"dataset.path={path}", "dataset.target=y", f"generator={name}"]
    command = [sys.executable, "-m", "tabsculpt", "generate", *settings]
    log = path.with_suffix(".log")
    with log.open("w") as phrase:
        process = subprocess.Popen(
            [*command, f"paths.outputs={folder}", "--out", str(path.parent / f"{name}.parquet")],
            env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=phrase, stderr=phrase,
        )  # fmt: skip
        limit = threading.Timer(60 * minutes, process.send_signal, [signal.SIGINT])
        limit.start()
        _, code, used = os.wait4(process.pid, 0)
        limit.cancel()
    last = log.read_text().strip().splitlines()
    end = "written" if code == 0 else last[-1] if last else "no word"
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, end


if __name__ == "__main__":
    main()
