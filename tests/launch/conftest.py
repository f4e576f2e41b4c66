"""What the tests of sweeps share: a folder of outputs, and configuration for awkward generators."""

from __future__ import annotations

import os
import re
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
AWKWARD = {
    "raises": "_target_: awkward.Raises\n",
    "exits": "_target_: awkward.Exits\n",
    "exits_once": "_target_: awkward.ExitsOnce\nmark: ???\n",
    "kills_its_carrier": "_target_: awkward.KillsItsCarrier\nmark: ???\n",
    "locks": "_target_: awkward.Locks\n",
    "swells_itself": "_target_: awkward.SwellsItself\n",
    "swells": "_target_: awkward.Swells\n",
    "sleeps": "_target_: awkward.Sleeps\nmark: ???\n",
    "accounts": "_target_: awkward.Accounts\nlog: ???\nseconds: 0.0\n",
    "waits_once": "_target_: awkward.WaitsOnce\nmark: ???\n",
}


def _interruptible() -> None:
    """Let a signal interrupt the process, also where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def outputs(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "out"))
    monkeypatch.delenv("TABSCULPT_DATA", raising=False)
    return tmp_path / "out"


@pytest.fixture
def awkward(tmp_path) -> list[str]:
    """The arguments by which the awkward generators are reached."""
    folder = tmp_path / "conf" / "generator"
    folder.mkdir(parents=True)
    module = re.sub(r"\W", "_", f"awkward_{tmp_path.name}")  # another one for each folder
    (tmp_path / "conf" / f"{module}.py").write_text("from awkward import *\n")
    for name, text in AWKWARD.items():
        (folder / f"{name}.yaml").write_text(text.replace("awkward.", f"{module}."))
    return ["--config-dir", str(tmp_path / "conf")]


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
