"""The local launcher: what a process that misbehaves leaves, and who shares what with whom."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psutil
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.config.sweep import expand
from tabsculpt.jobs.job import Job
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Ended
from tabsculpt.launch.work import Loaded, prepare
from tabsculpt.results import read_rows

LINEAR = [
    "predictors=quick",
    "~predictors.random_forest",
    "~predictors.lightgbm",
    "~predictors.knn",
]


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def account(log: Path) -> pd.DataFrame:
    return pd.read_csv(log, sep=" ", names=["pid", "gpu", "begun", "ended"])


def gone(pid: int) -> bool:
    """Whether a process ended; without an init to reap it, it may stay as a zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_jobs_that_die_leave_rows_with_the_reason_and_the_others_go_on(tmp_path, outputs, awkward):
    mark = tmp_path / "mark"
    limits = ["hydra.launcher.timeout=15", "hydra.launcher.memory=1.5GB", "hydra.launcher.jobs=3"]
    names = ["generator=raises,exits,swells,bootstrap", "pipeline=real,traditional"]
    done = call("sweep", *names, *limits, *awkward)
    assert done.exit_code == 1, done.output
    settings = ["generator=sleeps", f"generator.mark={mark}", "pipeline=traditional"]
    slept = call("sweep", *settings, "hydra.launcher.timeout=3", *awkward)
    assert slept.exit_code == 1, slept.output
    found = read_rows(outputs / "results")
    made = found[found.pipeline == "traditional"].groupby("generator")
    assert made.status.unique().map(list).to_dict() == {
        "bootstrap": ["ok"],
        "exits": ["failed"],
        "raises": ["failed"],
        "sleeps": ["timeout"],
        "swells": ["out_of_memory"],
    }
    reasons = made.reason.first()
    assert reasons["raises"] == "ValueError: no way"
    assert reasons["exits"] == "the process exited with code 3 in fit Exits, 2 times"
    assert "ended after 3 s in fit Sleeps, the limit of hydra.launcher.timeout" in reasons["sleeps"]
    assert "MB in fit Swells, the limit of hydra.launcher.memory is 1500 MB" in reasons["swells"]
    dead = found[found.generator.isin(["raises", "exits", "swells", "sleeps"])]
    assert set(dead.phase) == {"generate"}
    assert dead.value.isna().all()
    assert (dead[dead.predictor.notna()].groupby(["generator", "predictor"]).size() == 4).all()
    assert (dead[dead.predictor.isna()].groupby("generator").metric.first() == "wasserstein").all()
    assert set(found[found.pipeline == "real"].status) == {"ok"}
    assert gone(int(mark.read_text()))
    assert "about to go" in done.output  # the end of the log
    log = next((outputs / "logs").glob(f"{found[found.generator == 'raises'].job.iloc[0]}.log"))
    assert 'raise ValueError("no way")' in log.read_text()  # the traceback


def test_a_fit_that_hangs_is_waited_for_once(tmp_path, outputs, awkward):
    mark = tmp_path / "mark"
    names = ["generator=sleeps", f"generator.mark={mark}", "protocol=tstr,augmentation"]
    names += ["pipeline=traditional", "hydra.launcher.jobs=1", "hydra.launcher.timeout=6", *LINEAR]
    names += ["baseline=false"]
    done = call("sweep", *names, *awkward)
    assert done.exit_code == 1, done.output
    rows = read_rows(outputs / "results")
    assert set(rows.status) == {"timeout"}
    assert set(rows.phase) == {"generate"}
    reasons = rows.groupby("protocol").reason.first()
    assert reasons["tstr"] == "ended after 6 s in fit Sleeps, the limit of hydra.launcher.timeout"
    words = f"{reasons['tstr']}, in another job; not tried again in this sweep"
    assert reasons["augmentation"] == words
    asleep = mark.stat().st_mtime_ns
    call("sweep", *names, "--retry", "none", *awkward)
    assert mark.stat().st_mtime_ns == asleep


def test_what_a_job_leaves_in_the_system_is_freed_without_a_word(outputs, awkward, start):
    grid = ["generator=locks", "pipeline=traditional", "baseline=false", *LINEAR, *awkward]
    process = start(outputs, "sweep", *grid)
    assert process.wait(120) == 0
    phrase = outputs.with_suffix(".txt").read_text()
    assert "12 rows in" in phrase
    assert "leaked" not in phrase


def test_only_a_crash_is_tried_again(tmp_path, outputs, awkward):
    settings = ["generator=exits_once", "pipeline=traditional", *awkward]
    done = call("sweep", *settings, f"generator.mark={tmp_path / 'a'}")
    assert done.exit_code == 0, done.output
    assert set(read_rows(outputs / "results").status) == {"ok"}
    none = ["hydra.launcher.retries=0", f"generator.mark={tmp_path / 'b'}"]
    done = call("sweep", *settings, *none)
    assert done.exit_code == 1, done.output
    assert "exited with code 3 in fit ExitsOnce" in done.output


def test_a_fit_that_seventeen_evaluations_need_is_made_once_and_others_run_meanwhile(
    tmp_path, outputs, awkward
):
    log = tmp_path / "log"
    slow = ["generator=accounts", f"generator.log={log}", "generator.seconds=1.5"]
    grid = ["pipeline=traditional", "protocol=tstr,augmentation", "seed=0,1", *LINEAR]
    grid += ["baseline=false"]
    done = call("sweep", *slow, *grid, "hydra.launcher.jobs=2", *awkward)
    assert done.exit_code == 0, done.output
    rmse = read_rows(outputs / "results").query("metric == 'rmse'")
    assert rmse.groupby("seed").size().to_dict() == {0: 17, 1: 17}
    fits = account(log)
    assert len(fits) == 2  # one per seed
    assert fits.begun.max() < fits.ended.min()  # at the same time: nobody waited for a lock


def test_jobs_are_spread_over_the_gpus_and_see_their_own_alone(
    tmp_path, outputs, awkward, monkeypatch
):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    log = tmp_path / "log"
    settings = ["generator=accounts", f"generator.log={log}", "generator.seconds=0.7"]
    settings += ["pipeline=traditional", "seed=0,1,2,3", *LINEAR]
    jobs = [Job.of(one) for one in expand(settings, Path(awkward[1]))]
    batch = prepare([replace(job, device="cuda") for job in jobs], Loaded())
    ended = []
    LocalProcesses(jobs=4, gpus=2).launch(
        batch.tasks, lambda task, event: ended.append(event) if isinstance(event, Ended) else None
    )
    assert [event.status for event in ended] == ["ok"] * 4
    fits = account(log)
    assert fits.groupby("gpu").size().to_dict() == {0: 2, 1: 2}
    for _, mine in fits.groupby("gpu"):
        first, second = mine.sort_values("begun").itertuples()
        assert first.ended < second.begun  # one at a time on each
    overlap = fits.sort_values("begun")
    assert overlap.begun.iloc[1] < overlap.ended.iloc[0]  # two at a time over both


def test_jobs_without_a_gpu_see_none(tmp_path, outputs, awkward):
    log = tmp_path / "log"
    settings = ["generator=accounts", f"generator.log={log}", "pipeline=traditional", *LINEAR]
    assert call("sweep", *settings, *awkward).exit_code == 0
    assert account(log).gpu.isna().all()


@pytest.mark.parametrize("launcher", ["workers", "serial"])
def test_every_launcher_gives_what_a_run_in_this_process_gives(launcher, tmp_path, values):
    settings = ["generator=marginal", "pipeline=profile2gen", *LINEAR]
    here, there = tmp_path / "here", tmp_path / "there"
    assert call("run", *settings, f"paths.outputs={here}").exit_code == 0
    pipelines = "pipeline=real,profile2gen"
    grid = [settings[0], pipelines, *LINEAR, f"hydra/launcher={launcher}", f"paths.outputs={there}"]
    assert call("sweep", *grid).exit_code == 0
    pd.testing.assert_frame_equal(values(here), values(there))


def test_a_run_with_a_limit_is_held_to_it(tmp_path, outputs, awkward):
    settings = ["generator=sleeps", f"generator.mark={tmp_path / 'mark'}", "pipeline=traditional"]
    done = call("run", *settings, *LINEAR, "hydra.launcher.timeout=2", *awkward)
    assert done.exit_code == 1, done.output
    statuses = read_rows(outputs / "results").groupby("pipeline").status.first()
    assert statuses.to_dict() == {"real": "ok", "traditional": "timeout"}


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("hydra/launcher=slurm", "Choices: ray, serial, submitit_local, submitit_slurm, workers"),
        ("hydra.launcher.jbos=2", "did you mean 'jobs'"),
        ("hydra.launcher.jobs=0", "hydra.launcher.jobs"),
        ("hydra.launcher.memory=much", "expected MB as in 4096, or 4GB"),
        ("hydra.launcher.timeout=-1", "hydra.launcher.timeout"),
    ],
)
def test_a_bad_setting_of_the_launcher_is_refused(argument, words, outputs):
    done = call("sweep", argument)
    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (outputs / "results").exists()


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A control group of 1.5 GB of memory, as a container or a Slurm job is; needs root."""
    root = Path("/sys/fs/cgroup")
    first = (root / "memory").is_dir()
    group = (root / "memory" if first else root) / f"tabsculpt-{os.getpid()}"
    limit = group / ("memory.limit_in_bytes" if first else "memory.max")
    try:
        group.mkdir()
        limit.write_text("1500000000")
    except OSError as error:
        with suppress(OSError):
            group.rmdir()
        pytest.skip(f"no control group can be made here: {error}")
    yield group
    until = time.monotonic() + 30
    while (group / "cgroup.procs").read_text() and time.monotonic() < until:
        time.sleep(0.1)
    group.rmdir()


def test_a_job_that_the_system_ends_for_memory_is_a_row_and_is_not_tried_again(
    outputs, awkward, start, small_group
):
    grid = ["generator=swells_itself", "pipeline=traditional", "baseline=false", *LINEAR]
    process = start(outputs, "sweep", *grid, *awkward)
    (small_group / "cgroup.procs").write_text(str(process.pid))
    assert process.wait(200) == 1, outputs.with_suffix(".txt").read_text()
    rows = read_rows(outputs / "results")
    assert set(rows.status) == {"out_of_memory"}
    assert set(rows.reason) == {
        "the system ended the process in fit SwellsItself, as memory ran out"
    }
