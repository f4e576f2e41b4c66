"""A run that is killed at any moment goes on where it was, and ends as an undisturbed one."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from tabsculpt.results import read_rows

COMMAND = [
    sys.executable, "-m", "tabsculpt", "sweep", "generator=tvae", "generator.epochs=20",
    "pipeline=real,traditional,profile2gen",
]  # fmt: skip
VARIES = ["started", "ended"] + [
    f"{what}_{phase}"
    for what in ("seconds", "peak_mb")
    for phase in ("data", "profile", "generate", "refine", "score")
]


def start(outputs: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "TABSCULPT_OUTPUTS": str(outputs)}
    return subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL)


def values(outputs: Path) -> pd.DataFrame:
    rows = read_rows(outputs / "results").drop(columns=VARIES)
    return rows.sort_values(["job", "predictor", "metric"]).reset_index(drop=True)


def test_a_killed_sweep_resumes_to_the_same_values(tmp_path):
    begun = time.perf_counter()
    assert start(tmp_path / "calm").wait(300) == 0
    whole = time.perf_counter() - begun
    moments = random.Random(1)
    for _ in range(3):
        process = start(tmp_path / "killed")
        time.sleep(whole * moments.uniform(0.3, 0.9))
        process.kill()
        process.wait(10)
    assert start(tmp_path / "killed").wait(300) == 0
    pd.testing.assert_frame_equal(values(tmp_path / "killed"), values(tmp_path / "calm"))
