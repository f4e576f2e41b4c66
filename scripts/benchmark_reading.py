"""Measure what it costs to read a long CSV: CPU seconds and peak memory.

    python scripts/benchmark_reading.py
    python scripts/benchmark_reading.py --gigabytes 0.1

The file has 21 columns drawn by a seed: decimals, whole numbers, categories and a target. "read" is
`tabsculpt.datasets.read_csv.read_csv` alone, "load" is the data set that `audit`, `generate` and
`run` begin with, and "generate" writes 1,000 rows of ``generator=bootstrap``; each is a process of
its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

CODE = {
    "read": (
        "from pathlib import Path; import sys; from tabsculpt.datasets.read_csv import read_csv; "
        "read_csv(Path(sys.argv[1]))"
    ),
    "load": (
        "import sys; from tabsculpt.datasets.files import Csv; "
        "Csv(path=sys.argv[1], target='y').load()"
    ),
}
CHUNK = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=1.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        rows = write(path, given.gigabytes)
        print(f"{path.stat().st_size / 1e9:.2f} GB, {rows:,} rows")
        for name, code in CODE.items():
            show(name, [sys.executable, "-c", code, str(path)])
        out = Path(folder) / "made.csv"
        settings = ["dataset=csv", f"dataset.path={path}", "dataset.target=y", "rows=1000"]
        command = ["generate", *settings, "generator=bootstrap", f"paths.outputs={folder}/outputs"]
        show("generate", [sys.executable, "-m", "tabsculpt", *command, "--out", str(out)])


def write(path: Path, gigabytes: float) -> int:
    """Write the table until it is long enough; the number of rows."""
    rows, rng = 0, np.random.default_rng(0)
    while not rows or path.stat().st_size < gigabytes * 1e9:
        numbers = {f"x{k}": rng.normal(size=CHUNK).round(4) for k in range(12)}
        counts = {f"n{k}": rng.integers(0, 1000, CHUNK) for k in range(4)}
        words = {f"c{k}": rng.choice(["north", "east", "south", "west"], CHUNK) for k in range(4)}
        frame = pd.DataFrame({**numbers, **counts, **words, "y": rng.integers(0, 2, CHUNK)})
        frame.to_csv(path, mode="a", header=not rows, index=False)
        rows += CHUNK
    return rows


def show(name: str, command: list[str]) -> None:
    """Run a command and print its CPU seconds and peak memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = sum(getattr(after, of) - getattr(before, of) for of in ("ru_utime", "ru_stime"))
    end = "" if done.returncode == 0 else f"; failed: {done.stderr.strip().splitlines()[-1:]}"
    # The peak is that of the largest process so far: the commands come in the order of their needs.
    print(f"{name}: {cpu:.1f} CPU s, peak {after.ru_maxrss / 1e6:.2f} GB{end}", flush=True)


if __name__ == "__main__":
    main()
