"""A sweep that is killed at any moment goes on where it was, and ends as an undisturbed one."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from tabsculpt.results import read_rows

GRID = [
    "sweep", "generator=tvae", "generator.epochs=20", "pipeline=real,traditional,profile2gen",
]  # fmt: skip


def family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return all(p.status() == psutil.STATUS_ZOMBIE for p in alive if p.is_running())


def wait_for(path: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not path.exists() or not path.read_text():
        assert time.monotonic() < until, f"no {path}"
        time.sleep(0.05)


def test_a_killed_sweep_resumes_to_the_same_values(tmp_path, start, values):
    begun = time.perf_counter()
    calm = start(tmp_path / "calm", *GRID, "hydra.launcher.jobs=1")
    assert calm.wait(300) == 0
    whole = time.perf_counter() - begun
    moments = random.Random(1)
    for _ in range(3):
        process = start(tmp_path / "killed", *GRID, "hydra.launcher.jobs=3")
        time.sleep(whole * moments.uniform(0.3, 0.9))
        workers = family(process.pid) if process.poll() is None else []
        process.kill()
        process.wait(10)
        assert gone(workers)
    assert start(tmp_path / "killed", *GRID).wait(300) == 0
    pd.testing.assert_frame_equal(values(tmp_path / "killed"), values(tmp_path / "calm"))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_signal_ends_the_sweep_and_all_its_processes(
    number, code, tmp_path, outputs, awkward, start
):
    mark = tmp_path / "mark"
    grid = ["generator=sleeps", "pipeline=real,traditional", f"generator.mark={mark}"]
    process = start(outputs, "sweep", *grid, "hydra.launcher.jobs=1", *awkward)
    wait_for(mark)
    workers = family(process.pid)
    asleep = psutil.Process(int(mark.read_text()))
    process.send_signal(number)
    assert process.wait(20) == code
    assert gone([*workers, asleep])
    kept = read_rows(outputs / "results")  # of the job that had ended
    assert set(kept.pipeline) == {"real"}
    assert (kept.status == "ok").all()
