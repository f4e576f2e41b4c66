"""Measure `tabsculpt generate` of a million rows: CPU seconds and peak memory of sampling.

    python scripts/benchmark_generate.py --data FOLDER [--rows 1000000] [--generators arf ddpm]

The generator is fitted on the census table first (``dataset=adult``, from ``FOLDER/more``), its fit
and a file of one row kept in the store. The second run is the one that is measured: it loads the
fit, samples, writes the file and its card. Each is a process of its own; CPU is user and system
time, peak the highest resident memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("bayesian_network", "gaussian_copula", "arf", "ddpm")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--generators", nargs="+", default=list(NAMES))
    parser.add_argument("--outputs", type=Path, help="folder of the store; a temporary one if none")
    parser.add_argument("--suffix", default=".csv")
    given = parser.parse_args()
    print("| generator | rows | fit, CPU s | CPU s | wall s | peak MB |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        outputs = given.outputs or Path(scratch) / "outputs"
        for name in given.generators:
            file = Path(scratch) / f"{name}{given.suffix}"
            fit, *_ = generate(name, 1, file, outputs, given.data)
            cpu, wall, peak = generate(name, given.rows, file, outputs, given.data)
            cells = f"{given.rows:,} | {fit:.0f} | {cpu:.0f} | {wall:.0f} | {peak:.0f}"
            print(f"| {name} | {cells} |", flush=True)


def generate(
    name: str, rows: int, file: Path, outputs: Path, data: Path
) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak MB of one command."""
    command = [
        *(sys.executable, "-m", "tabsculpt", "generate", "dataset=adult", f"generator={name}"),
        *(f"rows={rows}", "--out", str(file), "--force"),
    ]
    environment = {
        **os.environ, "TABSCULPT_OUTPUTS": str(outputs), "TABSCULPT_DATA": str(data),
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    log = file.with_suffix(".log")
    began = time.perf_counter()
    with log.open("w") as phrase:
        process = subprocess.Popen(command, env=environment, stdout=phrase, stderr=phrase)
        _, code, used = os.wait4(process.pid, 0)
    if code:
        raise SystemExit(log.read_text())
    return used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1e3


if __name__ == "__main__":
    main()
