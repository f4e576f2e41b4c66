"""A sweep that is killed at any moment goes on where it was, and ends as an undisturbed one."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import psutil
import pytest

from tabsculpt.results import read_rows

LINEAR = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]
GRID = ["sweep", "generator=marginal", "pipeline=real,traditional,profile2gen"]
GRID += ["protocol=augmentation", "protocol.sample_seeds=[333,555]", *LINEAR]


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


def end_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for a sweep and all its processes at once, each of which leads a group of its own."""
    with suppress(psutil.NoSuchProcess):
        for each in [psutil.Process(process.pid), *family(process.pid)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait(10)


def steps_there(outputs: Path) -> int:
    return len(list((outputs / "store").glob("*/*/*/manifest.json")))


def test_a_sweep_killed_five_times_ends_with_the_same_values(tmp_path, start, values):
    """Killed as soon as a number of steps, drawn at random, is in the store."""
    calm = start(tmp_path / "calm", *GRID)
    assert calm.wait(300) == 0
    whole, killed = steps_there(tmp_path / "calm"), tmp_path / "killed"
    for moment in sorted(random.Random(1).sample(range(1, whole), 5)):
        process = start(killed, *GRID)
        while process.poll() is None and steps_there(killed) < moment:
            time.sleep(0.01)
        workers = family(process.pid) if process.poll() is None else []
        end_group(process)
        assert gone(workers)
    assert start(killed, *GRID).wait(300) == 0
    found = values(killed)
    pd.testing.assert_frame_equal(found, values(tmp_path / "calm"), check_exact=True)
    assert not found.duplicated(["job", "predictor", "metric", "proportion", "sample_seed"]).any()
    for table in ("quality", "distributions", "jobs"):
        names = {path.name for path in (tmp_path / "calm" / table).glob("*.parquet")}
        assert {path.name for path in (killed / table).glob("*")} == names
    assert steps_there(killed) == whole
    assert list((killed / "store" / "drafts").glob("damaged-*")) == []


def test_a_worker_killed_alone_leaves_its_status_and_the_others_go_on(
    tmp_path, outputs, awkward, start
):
    mark = tmp_path / "mark"
    grid = ["generator=waits_once", "pipeline=traditional", f"generator.mark={mark}", *LINEAR]
    alone = ["hydra.launcher.jobs=1", "hydra.launcher.retries=0", "seed=0,1", "baseline=false"]
    process = start(outputs, "sweep", *grid, *alone, *awkward)
    wait_for(mark)
    psutil.Process(int(mark.read_text())).kill()
    assert process.wait(300) == 1
    rows = read_rows(outputs / "results")
    assert rows.groupby("seed").status.unique().map(list).to_dict() == {0: ["failed"], 1: ["ok"]}
    dead = rows[rows.seed == 0]
    assert dead.reason.unique().tolist() == [
        "the process was ended by SIGKILL (which the system sends where memory runs out) "
        "in fit WaitsOnce"
    ]
    assert start(outputs, "sweep", *grid, *alone, *awkward).wait(300) == 0  # tried again: goes well
    assert set(read_rows(outputs / "results").status) == {"ok"}


def test_two_sweeps_at_once_share_the_work(tmp_path, awkward, start, values):
    def grid(name: str) -> list[str]:
        log = [f"generator.log={tmp_path / name}", "generator.seconds=0.3"]
        seeds = ["seed=0,1,2", "pipeline=traditional,random_drop", *LINEAR]
        return ["sweep", "generator=accounts", *log, *seeds, *awkward]

    both = [start(tmp_path / "shared", *grid("log")) for _ in range(2)]
    assert [process.wait(300) for process in both] == [0, 0]
    fits = (tmp_path / "log").read_text().splitlines()
    assert len(fits) == 12  # once for all rows and for each segment of each seed, whoever asked
    (tmp_path / "log").unlink()
    assert start(tmp_path / "alone", *grid("log")).wait(300) == 0
    assert len((tmp_path / "log").read_text().splitlines()) == 12
    alone = values(tmp_path / "alone")
    pd.testing.assert_frame_equal(values(tmp_path / "shared"), alone, check_exact=True)
    assert steps_there(tmp_path / "shared") == steps_there(tmp_path / "alone")


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
