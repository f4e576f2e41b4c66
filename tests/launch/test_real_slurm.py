"""A real Slurm, where somebody says that there is one: equal values, and what ends its jobs."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest

from tabsculpt.results import read_rows

pytestmark = [pytest.mark.extra("slurm"), pytest.mark.slurm]
HERE = os.environ.get("TABSCULPT_SLURM", "")
own = pytest.mark.skipif(
    not Path(HERE, "slurm.conf").is_file(),
    reason="drains and restarts a Slurm of its own: make slurm",
)
SCRIPT = Path(__file__).parents[2] / "scripts" / "single_node_slurm.sh"
GRID = ["generator=bootstrap", "pipeline=traditional", "seed=0,1,2", "baseline=false"]
QUICK = ["predictors=quick", "~predictors.random_forest", "~predictors.lightgbm"]
LINEAR = [*QUICK, "~predictors.knn", "baseline=false"]
SLURM = ["hydra/launcher=submitit_slurm"]


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def printed(outputs: Path) -> str:
    return outputs.with_suffix(".txt").read_text()


def text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def states() -> list[list[str]]:
    """Jobs in the queue, with their states."""
    asked = ["squeue", "--noheader", "--array", "--format=%i %T"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def running() -> list[str]:
    return [job for job, state in states() if state == "RUNNING"]


def control(*command: str) -> None:
    subprocess.run(["scontrol", *command], check=True)


def carriers(outputs: Path) -> list[psutil.Process]:
    """The processes that do the jobs of a sweep one after the other."""
    wanted = ["submitit.core._submit", str(outputs)]
    return [
        process
        for process in psutil.process_iter(["cmdline", "name"])
        if process.info["name"] != "srun"
        and all(part in " ".join(process.info["cmdline"] or []) for part in wanted)
    ]


def test_a_killed_batch_is_known_sent_again_and_gives_the_values_of_this_machine(
    tmp_path, outputs, start, values
):
    process = start(outputs, "sweep", *GRID, *QUICK, "hydra/launcher=submitit_slurm")
    wait_for(lambda: carriers(outputs), 60)
    carriers(outputs)[0].kill()
    killed = time.monotonic()
    phrase = outputs.with_suffix(".txt")
    wait_for(lambda: "; sent again: " in phrase.read_text(), 60)
    assert time.monotonic() - killed < 60
    assert process.wait(300) == 0, phrase.read_text()
    assert "accounting storage" not in phrase.read_text()
    assert set(read_rows(outputs / "results").status) == {"ok"}
    here = tmp_path / "here"
    assert start(here, "sweep", *GRID, *QUICK).wait(300) == 0
    pd.testing.assert_frame_equal(values(here), values(outputs))


def test_crashes_time_outs_and_memory_are_what_they_are_locally(outputs, tmp_path, awkward, start):
    marks = {name: tmp_path / name for name in ("exits_once", "sleeps")}
    conf = tmp_path / "conf" / "generator"
    for name, mark in marks.items():
        whole = (conf / f"{name}.yaml").read_text().replace("???", str(mark))
        (conf / f"{name}.yaml").write_text(whole)
    grid = ["generator=exits_once,sleeps,swells", "pipeline=traditional", *LINEAR, *awkward]
    limits = ["hydra.launcher.timeout=25", "hydra.launcher.memory=1500", "hydra.launcher.batch=1"]
    process = start(outputs, "sweep", *grid, *SLURM, *limits)
    assert process.wait(500) == 1, printed(outputs)
    found = read_rows(outputs / "results").groupby("generator")
    assert found.status.first().to_dict() == {
        "exits_once": "ok", "sleeps": "timeout", "swells": "out_of_memory",
    }  # fmt: skip
    assert "the limit of hydra.launcher.timeout" in found.reason.first()["sleeps"]


def test_a_job_that_scancel_ends_is_a_row_and_is_not_sent_again(outputs, tmp_path, awkward, start):
    mark = tmp_path / "mark"
    grid = ["generator=sleeps", f"generator.mark={mark}", "pipeline=traditional", *LINEAR, *awkward]
    process = start(outputs, "sweep", *grid, *SLURM)
    wait_for(lambda: text(mark), 200)
    subprocess.run(["scancel", *running()], check=True)
    assert process.wait(200) == 1
    rows = read_rows(outputs / "results")
    assert set(rows.status) == {"failed"}
    assert "CANCELLED" in rows.reason.iloc[0]
    assert "sent again" not in printed(outputs)


@own
def test_a_sweep_outlives_a_drained_node_a_requeue_and_a_restart_of_the_controller(
    outputs, tmp_path, awkward, start
):
    log, [node] = tmp_path / "log", nodes()
    grid = ["generator=accounts", f"generator.log={log}", "generator.seconds=6", "seed=0,1,2"]
    control("update", f"NodeName={node}", "State=DRAIN", "Reason=tests")
    process = start(
        outputs, "sweep", *grid, "pipeline=traditional", *LINEAR, *SLURM, *awkward,
        "hydra.launcher.batch=3",
    )  # fmt: skip
    try:
        wait_for(states, 200)
        assert not running()
        time.sleep(12)  # squeue was asked of what waits
        assert process.poll() is None
    finally:
        control("update", f"NodeName={node}", "State=RESUME")
    wait_for(lambda: text(log), 200)
    subprocess.run([SCRIPT, "restart", HERE], check=True)
    control("requeue", running()[0])
    assert process.wait(500) == 0, printed(outputs)
    assert set(read_rows(outputs / "results").status) == {"ok"}
    begun = pd.read_csv(log, sep=" ", header=None)
    assert 3 <= len(begun) <= 4  # what had ended was not done again


@own
def test_a_preempted_batch_goes_on_later_and_counts_as_no_try(outputs, tmp_path, awkward, start):
    log = tmp_path / "log"
    grid = ["generator=accounts", f"generator.log={log}", "generator.seconds=6", "seed=0,1,2"]
    settings = ["hydra.launcher.batch=3", "hydra.launcher.retries=0"]
    process = start(
        outputs, "sweep", *grid, "pipeline=traditional", *LINEAR, *SLURM, *awkward, *settings
    )
    wait_for(lambda: text(log), 200)
    [mine] = running()
    urgent = ["sbatch", "--partition=urgent", "--exclusive", "--output=/dev/null", "--wait"]
    subprocess.run([*urgent, "--wrap=sleep 3"], check=True, timeout=200)
    assert restarts(mine) == 1
    assert process.wait(500) == 0, printed(outputs)
    assert set(read_rows(outputs / "results").status) == {"ok"}
    assert "sent again" not in printed(outputs)
    assert len(pd.read_csv(log, sep=" ", header=None)) == 3  # of the fit that was cut no line


def restarts(job: str) -> int:
    """How often Slurm has requeued a job."""
    asked = ["scontrol", "show", "job", job]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return int(shown.split("Restarts=")[1].split()[0])


def nodes() -> list[str]:
    asked = ["sinfo", "--noheader", "--Node", "--format=%N"]
    named = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    return sorted(set(named))  # one in two partitions is named twice


def test_two_sweeps_at_once_share_two_hundred_jobs_in_batches(outputs, start):
    grid = ["dataset=wine", "pipeline=real", "seed=range(0,200)", *LINEAR, *SLURM]
    both = [start(outputs, "sweep", *grid, "hydra.launcher.batch=50") for _ in range(2)]
    assert [process.wait(900) for process in both] == [0, 0], printed(outputs)
    rows = read_rows(outputs / "results")
    assert (rows.job.nunique(), set(rows.status)) == (200, {"ok"})
    assert not rows.duplicated(["job", "predictor", "metric"]).any()
