"""What the tests of sweeps share: a folder of outputs, and sweeps in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tabsculpt.results import PHASES, read_rows

VARIES = ["started", "ended"] + [
    f"{what}_{phase}" for what in ("seconds", "cpu_seconds", "peak_mb") for phase in PHASES
]


def _interruptible() -> None:
    """Let a signal interrupt the process, also where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def outputs(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "out"))
    monkeypatch.delenv("TABSCULPT_DATA", raising=False)
    return tmp_path / "out"


@pytest.fixture(scope="session")
def values() -> Callable[[Path], pd.DataFrame]:
    """Gives the result rows below a folder of outputs, without what varies from run to run."""

    def read(outputs: Path) -> pd.DataFrame:
        rows = read_rows(outputs / "results").drop(columns=VARIES)
        order = ["job", "predictor", "metric", "proportion", "sample_seed"]
        return rows.sort_values(order).reset_index(drop=True)

    return read


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a sweep in a process of its own, its output in a file beside the outputs."""

    def begin(outputs: Path, *arguments: str) -> subprocess.Popen[bytes]:
        tests = str(Path(__file__).parents[1])
        paths = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), tests]))
        environment = {**os.environ, "TABSCULPT_OUTPUTS": str(outputs), "PYTHONPATH": paths}
        command = [sys.executable, "-m", "tabsculpt", *arguments, "repeats=1"]
        with outputs.with_suffix(".txt").open("ab") as file:
            return subprocess.Popen(
                command, env=environment, stdout=file, stderr=file, preexec_fn=_interruptible
            )

    return begin
