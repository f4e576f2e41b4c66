"""Kill a sweep at random moments, start it again each time, and compare with an undisturbed run.

    python scripts/kill_sweep.py --outputs FOLDER [--kills 5] [--random 0] [KEY=VALUE ...]

Without settings the sweep is that of benchmark_sweep.py, 240 jobs: two data sets x three generators
x four pipelines x tstr and augmentation x five seeds. SIGKILL goes to the sweep and all its
processes at once, as soon as a share, drawn at random, of the undisturbed run's steps is in the
store. Exits with 1 where a value differs, or a row is lost or there twice.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import psutil

from benchmark_sweep import BOTH, GRID
from tabsculpt.results import PHASES, read_rows

VARIES = ["started", "ended"] + [f"{w}_{p}" for w in ("seconds", "peak_mb") for p in PHASES]
ROW = ["job", "predictor", "metric", "proportion", "sample_seed", "round"]


def start(outputs: Path, settings: list[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "TABSCULPT_OUTPUTS": str(outputs)}
    command = [sys.executable, "-m", "tabsculpt", "sweep", *settings]
    with outputs.with_suffix(".txt").open("ab") as file:
        return subprocess.Popen(command, env=environment, stdout=file, stderr=file)


def finish(outputs: Path, settings: list[str]) -> None:
    if code := start(outputs, settings).wait():
        raise SystemExit(f"the sweep ended with {code}, see {outputs.with_suffix('.txt')}")


def steps(outputs: Path) -> int:
    return sum(1 for _ in (outputs / "store").glob("*/*/*/manifest.json"))


def kill(process: subprocess.Popen[bytes]) -> None:
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()


def values(outputs: Path) -> pd.DataFrame:
    rows = read_rows(outputs / "results").drop(columns=VARIES)
    return rows.sort_values(ROW).reset_index(drop=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=Path, required=True, help="An empty folder.")
    parser.add_argument("--kills", type=int, default=5)
    default = [*GRID, *BOTH, "seed=range(0,5)"]
    parser.add_argument("settings", nargs="*", default=default, metavar="KEY=VALUE")
    parser.add_argument("--random", type=int, default=0, help="Seed of the moments.")
    asked = parser.parse_args()
    calm, killed = asked.outputs / "calm", asked.outputs / "killed"
    asked.outputs.mkdir(parents=True, exist_ok=True)
    finish(calm, asked.settings)
    whole = steps(calm)
    draw = random.Random(asked.random)
    for moment in sorted(draw.randrange(1, whole) for _ in range(asked.kills)):
        process = start(killed, asked.settings)
        while process.poll() is None and steps(killed) < moment:
            time.sleep(0.1)
        if process.poll() is None:
            kill(process)
            print(f"killed with {steps(killed)} of {whole} steps done")
    finish(killed, asked.settings)
    expected, found = values(calm), values(killed)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    twice = int(found.duplicated(ROW).sum())
    print(f"{len(found)} rows, equal in every value; {twice} twice; {steps(killed)} steps")
    raise SystemExit(bool(twice) or steps(killed) != whole)


if __name__ == "__main__":
    main()
