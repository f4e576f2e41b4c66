"""Launchers for other machines: what comes of tasks there, and what Slurm and Ray are asked for."""

from __future__ import annotations

import os
import pickle
import re
import shlex
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest
from typer.testing import CliRunner

from tabsculpt import extras
from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.errors import UserError
from tabsculpt.jobs.device import choose_device
from tabsculpt.jobs.job import Job
from tabsculpt.launch import slurm_states
from tabsculpt.launch.cluster_job import ClusterJob, DatasetFile, EventFile
from tabsculpt.launch.messages import Began, StepDone
from tabsculpt.launch.slurm import Slurm
from tabsculpt.results import read_rows

LINEAR = [
    "predictors=quick",
    "~predictors.random_forest",
    "~predictors.lightgbm",
    "~predictors.knn",
]
needs_submitit = pytest.mark.extra("slurm")
needs_ray = pytest.mark.extra("ray")
SBATCH = """#!/bin/bash
# Runs what it is given, element by element, as Slurm would; lost elements end without a word.
id=1$(date +%N)  # submitit remembers what became of an id
cp "$1" {folder}/script-$id
echo "Submitted batch job $id"
array=$(sed -n 's/#SBATCH --array=0-\\([0-9]*\\)%.*/\\1/p' "$1")
for i in $(seq 0 "${{array:-0}}"); do
  echo "$id${{array:+_$i}}|PENDING|Resources" >> {folder}/states
done
(
  export SLURM_JOB_ID=$id
  for i in $(seq 0 "${{array:-0}}"); do
    name=$id
    if [ -n "$array" ]; then
      export SLURM_ARRAY_JOB_ID=$id SLURM_ARRAY_TASK_ID=$i
      name=${{id}}_$i
    fi
    if [ -e {folder}/lose ]; then
      echo "$name|$(head -n 1 {folder}/lose)|None" >> {folder}/states
      sed -i 1d {folder}/lose
      if [ ! -s {folder}/lose ]; then rm {folder}/lose; fi
    else
      echo "$name|RUNNING|None" >> {folder}/states
      how='COMPLETED|None'
      bash "$1" || {{ [ -e {folder}/requeues ] && bash "$1"; }} || how='FAILED|NonZeroExitCode'
      echo "$name|$how" >> {folder}/states
    fi
  done
) < /dev/null > /dev/null 2>> {folder}/errors &
"""
SRUN = """#!/bin/bash
shift 5
if [ -e {folder}/unplug ]; then rm {outputs}/engines/*/dataset-*.pkl; fi
exec "$@"
"""
SQUEUE = """#!/bin/bash
if [ -e {folder}/away ]; then echo 'Unable to contact slurm controller' >&2; exit 1; fi
if [ -e {folder}/forgotten ]; then
  echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1
fi
tac {folder}/states | awk -F'|' '!seen[$1]++'
"""
SACCT = """#!/bin/bash
if [ ! -e {folder}/accounts ]; then echo 'Slurm accounting storage is disabled' >&2; exit 1; fi
cat {folder}/accounts
"""
SINFO = '#!/bin/bash\necho "0/${{CORES:-2}}/0/${{CORES:-2}}"\n'
SCANCEL = '#!/bin/bash\necho "$@" >> {folder}/cancelled\n'


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def text(path: Path) -> str:
    """What a file holds, nothing while it is not there."""
    return path.read_text() if path.exists() else ""


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def finish(path: Path) -> dict[str, int]:
    """When each result file was written."""
    return {file.name: file.stat().st_mtime_ns for file in (path / "results").glob("*.parquet")}


@pytest.fixture
def slurm(tmp_path, monkeypatch) -> Path:
    """The commands of a Slurm of one machine, which keep account in the folder returned."""
    folder, commands = tmp_path / "slurm", tmp_path / "commands"
    folder.mkdir()
    commands.mkdir()
    scripts = {
        "sbatch": SBATCH, "srun": SRUN, "squeue": SQUEUE, "sacct": SACCT, "scancel": SCANCEL,
        "sinfo": SINFO,
    }  # fmt: skip
    monkeypatch.setattr(slurm_states, "LOOK_EVERY", 0.5)
    monkeypatch.setattr(slurm_states, "GRACE", 0.2)
    for name, text in scripts.items():
        file = commands / name
        names = {"folder": folder, "outputs": tmp_path / "out"}
        file.write_text(text.format(**{key: shlex.quote(str(p)) for key, p in names.items()}))
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    return folder


def assert_failures_are_rows(outputs: Path) -> None:
    found = read_rows(outputs / "results")
    made = found[found.pipeline == "traditional"].groupby("generator")
    assert made.status.unique().map(list).to_dict() == {
        "bootstrap": ["ok"], "exits": ["failed"], "raises": ["failed"],
    }  # fmt: skip
    reasons = made.reason.first()
    assert reasons["raises"] == "ValueError: no way"
    assert reasons["exits"] == "the process exited with code 3 in fit Exits, 2 times"
    assert set(found[found.pipeline == "real"].status) == {"ok"}
    log = outputs / "logs" / f"{found[found.generator == 'exits'].job.iloc[0]}.log"
    assert "about to go" in log.read_text()


@needs_submitit
def test_jobs_that_die_in_submitits_processes_are_rows_and_finished_ones_are_not_sent_again(
    outputs, awkward
):
    grid = ["generator=raises,exits,bootstrap", "pipeline=real,traditional", *LINEAR, *awkward]
    engine = "hydra/launcher=submitit_local"
    planned = call("plan", *grid, engine)
    assert planned.exit_code == 0, planned.output
    assert "6 cells of the grid, 4 distinct jobs: 0 finished, 4 to do" in planned.output
    done = call("sweep", *grid, engine)
    assert done.exit_code == 1, done.output
    assert_failures_are_rows(outputs)
    assert not list((outputs / "engines").iterdir())
    before = finish(outputs)
    again = call("sweep", *grid, engine)
    assert again.exit_code == 1, again.output
    assert "4 jobs, 2 finished before" in again.output
    assert sum(before[name] != at for name, at in finish(outputs).items()) == 2
    none = call("sweep", *grid, engine, "--retry", "none")
    assert "4 jobs, 4 finished before" in none.output
    assert none.exit_code == 1


@needs_submitit
def test_slurm_is_asked_for_what_the_settings_say_and_its_jobs_give_the_same_values(
    tmp_path, slurm, values
):
    settings = [
        "hydra.launcher.partition=short",
        "hydra.launcher.timeout=5400",
        "hydra.launcher.memory=7GB",
        "hydra.launcher.cpus=3",
        "hydra.launcher.array_parallelism=2",
        "hydra.launcher.options=[account=mine,qos=long,exclusive]",
        "hydra.launcher.batch=1",
    ]
    grid = ["generator=marginal,bootstrap", "pipeline=traditional", "baseline=false", *LINEAR]
    here, there = tmp_path / "here", tmp_path / "there"
    engine = ["hydra/launcher=submitit_slurm", *settings, f"paths.outputs={there}"]
    done = call("sweep", *grid, *engine)
    assert done.exit_code == 0, done.output
    assert call("sweep", *grid, f"paths.outputs={here}").exit_code == 0
    pd.testing.assert_frame_equal(values(here), values(there))
    script = next(slurm.glob("script-*")).read_text()
    asked = {line.removeprefix("#SBATCH --") for line in script.splitlines()}
    assert asked >= {
        "array=0-1%2", "partition=short", "time=95", "mem=8GB", "cpus-per-task=3",
        "account=mine", "qos=long", "exclusive", "job-name=tabsculpt",
        "requeue",
    }  # fmt: skip
    assert not any(line.startswith("gpus") for line in asked)
    assert Slurm(gpus=2).parameters["gpus_per_node"] == 2
    assert "mem_gb" not in Slurm().parameters
    minutes = {
        batch: Slurm(timeout=5400, batch=batch).parameters["timeout_min"] for batch in (1, 9)
    }
    assert minutes == {1: 95, 9: 185}  # no job is begun after the time that one may take
    assert Slurm(timeout=5400).parameters["timeout_min"] == 105  # batch=10m
    assert "requeue" not in Slurm(options=("no-requeue",)).parameters["slurm_additional_parameters"]


@needs_submitit
def test_a_job_that_slurm_ends_is_rows_with_its_state(outputs, slurm):
    (slurm / "lose").write_text("OUT_OF_MEMORY\n")
    grid = ["generator=marginal", "pipeline=traditional", "baseline=false", *LINEAR]
    done = call("sweep", *grid, "hydra/launcher=submitit_slurm")
    assert done.exit_code == 1, done.output
    found = read_rows(outputs / "results")
    assert set(found.status) == {"out_of_memory"}
    assert found.reason.str.fullmatch(r"slurm ended job \d+: OUT_OF_MEMORY").all()
    assert len(found) == 5  # every row that it would have had
    assert "sacct" not in done.output
    assert call("sweep", *grid, "hydra/launcher=submitit_slurm").exit_code == 0
    assert set(read_rows(outputs / "results").status) == {"ok"}


@needs_submitit
def test_lost_jobs_are_sent_again_as_often_as_retries_say_and_preemptions_do_not_count(
    outputs, slurm
):
    grid = ["generator=marginal", "pipeline=traditional", "baseline=false", *LINEAR]
    engine = ["hydra/launcher=submitit_slurm", "hydra.launcher.retries=1"]
    (slurm / "lose").write_text("PREEMPTED\nPREEMPTED\nNODE_FAIL\n")
    done = call("sweep", *grid, *engine)
    assert done.exit_code == 0, done.output
    reported = [line.split(" job ", 1)[1].split(";")[0] for line in done.output.splitlines()
            if "; sent again: " in line]  # fmt: skip
    assert [each.split(": ")[1] for each in reported] == ["PREEMPTED", "PREEMPTED", "NODE_FAIL"]
    assert set(read_rows(outputs / "results").status) == {"ok"}
    (slurm / "lose").write_text("PREEMPTED\nNODE_FAIL\nNODE_FAIL\n")
    done = call("sweep", *grid, *engine, "--force")
    assert done.exit_code == 1, done.output
    [reason] = set(read_rows(outputs / "results").reason)
    assert re.fullmatch(r"slurm ended job \d+: NODE_FAIL, 2 times", reason)


@needs_submitit
def test_a_job_that_left_the_queue_without_a_result_is_lost_though_nobody_keeps_accounts(
    outputs, slurm
):
    (slurm / "lose").write_text("COMPLETED\n" * 2)
    (slurm / "forgotten").touch()
    grid = ["generator=marginal", "pipeline=traditional", "baseline=false", *LINEAR]
    done = call("sweep", *grid, "hydra/launcher=submitit_slurm")
    assert done.exit_code == 1, done.output
    [reason] = set(read_rows(outputs / "results").reason)
    assert re.fullmatch(r"slurm ended job \d+: gone from the queue, 2 times", reason)
    assert done.output.count("sacct does not answer") == 1
    assert "accounting storage" not in done.output
    assert "submitit WARNING" not in done.output
    (slurm / "accounts").write_text("TIMEOUT\n")
    (slurm / "lose").write_text("COMPLETED\n")
    assert call("sweep", *grid, "hydra/launcher=submitit_slurm").exit_code == 1
    found = read_rows(outputs / "results")
    assert set(found.status) == {"timeout"}
    assert found.reason.str.fullmatch(r"slurm ended job \d+: TIMEOUT").all()


def test_while_slurm_does_not_answer_no_job_is_taken_for_lost(slurm):
    (slurm / "away").touch()
    states = slurm_states.SlurmStates()
    assert states.final("1", ["1"]) is None
    time.sleep(0.6)
    assert states.final("1", ["1"]) is None
    assert len(states.notices) == 1
    assert "Unable to contact slurm controller" in states.notices[0]
    (slurm / "states").write_text("1|NODE_FAIL|None\n")
    (slurm / "away").unlink()
    wait_for(lambda: states.final("1", ["1"]) == "NODE_FAIL", 10)


@needs_submitit
def test_a_cancelled_job_is_not_sent_again(outputs, slurm):
    (slurm / "lose").write_text("CANCELLED\n")
    grid = ["generator=marginal,bootstrap", "pipeline=traditional", "baseline=false", *LINEAR]
    done = call("sweep", *grid, "hydra/launcher=submitit_slurm", "hydra.launcher.batch=2")
    assert done.exit_code == 1, done.output
    assert len(list(slurm.glob("script-*"))) == 1
    found = read_rows(outputs / "results")
    assert found.groupby("generator").reason.first().str.endswith("CANCELLED").all()


@needs_submitit
@pytest.mark.parametrize("requeues", [False, True])
def test_a_batch_that_dies_loses_only_the_job_that_it_was_at(
    outputs, tmp_path, slurm, awkward, requeues
):
    """A job that Slurm itself starts anew keeps its number, and goes on where it was."""
    if requeues:
        (slurm / "requeues").touch()
    mark = tmp_path / "mark"
    grid = ["generator=kills_its_carrier", f"generator.mark={mark}", "pipeline=traditional"]
    engine = ["hydra/launcher=submitit_slurm", "hydra.launcher.batch=3"]
    done = call("sweep", *grid, "seed=0,1,2", "baseline=false", *LINEAR, *engine, *awkward)
    assert done.exit_code == 0, done.output
    assert len(list(slurm.glob("script-*"))) == (1 if requeues else 2)
    assert done.output.count("; sent again: ") == (0 if requeues else 1)
    assert ("FAILED (NonZeroExitCode) in fit KillsItsCarrier" in done.output) is not requeues
    assert len(mark.read_text().splitlines()) == 4  # three fits, and one anew
    assert set(read_rows(outputs / "results").status) == {"ok"}


@needs_submitit
def test_a_job_that_fails_outside_its_process_is_rows_with_the_error(outputs, slurm):
    (slurm / "unplug").touch()
    grid = ["generator=marginal", "pipeline=traditional", *LINEAR]
    done = call("sweep", *grid, "hydra/launcher=submitit_slurm")
    assert done.exit_code == 1, done.output
    [reason] = set(read_rows(outputs / "results").reason)
    assert reason.startswith("the job failed on its node: FileNotFoundError: ")
    assert "dataset-0.pkl" in reason


@needs_submitit
def test_what_slurm_refuses_ends_the_sweep_with_its_words(outputs, slurm):
    sbatch = slurm.parent / "commands" / "sbatch"
    sbatch.write_text("#!/bin/bash\necho 'invalid partition specified: shrt' >&2\nexit 1\n")
    done = call("sweep", "pipeline=real", *LINEAR, "hydra/launcher=submitit_slurm")
    assert done.exit_code == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last == "error: Slurm refuses the jobs: invalid partition specified: shrt"


def test_a_machine_that_does_not_reach_the_outputs_says_so(tmp_path):
    cluster_job = ClusterJob("a", tmp_path / "unseen", (), tmp_path, b"")
    with pytest.raises(FileNotFoundError, match="must be a folder that all machines share"):
        cluster_job()


class Touches:
    """What a stranger would put in the place of a data set: a file that acts when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_data_set_that_was_changed_on_its_way_is_not_opened(tmp_path):
    dataset = Job.of(load(["dataset=wine"])).source.load()
    file = DatasetFile.write(dataset, tmp_path / "dataset-0.pkl")
    assert file.read().table.fingerprint() == dataset.table.fingerprint()
    file.path.write_bytes(pickle.dumps(Touches(tmp_path / "acted")))
    with pytest.raises(ValueError, match="was changed after it was written: run the sweep again"):
        file.read()
    assert not (tmp_path / "acted").exists()


@needs_submitit
def test_tasks_that_share_a_fit_are_not_sent_before_it_is_made(tmp_path, outputs, awkward, slurm):
    log = tmp_path / "log"
    slow = ["generator=accounts", f"generator.log={log}", "generator.seconds=1"]
    grid = ["pipeline=traditional", "protocol=tstr,augmentation", *LINEAR, *awkward]
    engine = ["hydra/launcher=submitit_slurm", "hydra.launcher.batch=1"]
    done = call("sweep", *slow, *grid, *engine)
    assert done.exit_code == 0, done.output
    assert len(log.read_text().splitlines()) == 1
    assert len(list(slurm.glob("script-*"))) == 2  # one after the other, no array


@needs_submitit
def test_ctrl_c_ends_submitits_processes(tmp_path, outputs, awkward, start):
    mark = tmp_path / "mark"
    grid = ["generator=sleeps", "pipeline=traditional", f"generator.mark={mark}", *awkward]
    process = start(outputs, "sweep", *grid, "hydra/launcher=submitit_local")
    wait_for(lambda: text(mark) or process.poll() is not None)
    family = psutil.Process(process.pid).children(recursive=True)
    family.append(psutil.Process(int(mark.read_text())))
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    _, alive = psutil.wait_procs(family, timeout=15)
    assert all(one.status() == psutil.STATUS_ZOMBIE for one in alive if one.is_running())


@needs_submitit
def test_ctrl_c_cancels_jobs_of_slurm(outputs, slurm, start):
    (slurm / "lose").write_text("PENDING\n" * 2)
    grid = ["generator=marginal,bootstrap", "pipeline=traditional", "baseline=false", *LINEAR]
    engine = ["hydra/launcher=submitit_slurm", "hydra.launcher.batch=1"]
    process = start(outputs, "sweep", *grid, *engine)
    wait_for(lambda: len(text(slurm / "states").splitlines()) == 4 or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    asked = {line.split("|")[0] for line in text(slurm / "states").splitlines()}
    assert set(text(slurm / "cancelled").split()) == asked
    assert not list((outputs / "results").glob("*"))


def test_without_slurm_or_its_extra_a_sweep_is_refused(outputs, monkeypatch):
    monkeypatch.setattr(extras, "library_version", lambda name: "absent")
    for launcher, extra in {"submitit_slurm": "slurm", "ray": "ray"}.items():
        done = call("sweep", f"hydra/launcher={launcher}")
        assert done.exit_code == 2
        assert f"pip install 'tabsculpt[{extra}]'" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    monkeypatch.setattr(extras, "library_version", lambda name: "1.0")
    monkeypatch.setenv("PATH", "/nowhere")
    done = call("sweep", "hydra/launcher=submitit_slurm", "pipeline=real", *LINEAR)
    assert done.exit_code == 2
    assert "needs Slurm, but there is no sbatch here" in done.stderr


def test_the_device_is_that_of_the_machines_that_jobs_are_sent_to():
    assert [choose_device("auto", gpu) for gpu in (True, False)] == ["cuda", "cpu"]
    assert choose_device("cpu", True) == "cpu"
    assert choose_device("cuda", True) == "cuda"
    with pytest.raises(UserError, match="gives jobs no GPU"):
        choose_device("cuda", False)


def test_an_event_that_is_half_written_waits_for_its_other_half(tmp_path):
    reported = EventFile(tmp_path / "told.jsonl")
    assert list(reported) == []
    with reported.path.open("a") as file:
        file.write('{"task": "t", "is": "Began"}\n{"task": "t", "is": "Step')
        file.flush()
        assert list(reported) == [("t", Began())]
        file.write('Done", "key": "k"}\n')
        file.flush()
        assert list(reported) == [("t", StepDone("k"))]
        file.write('{"task": "u", "is": "Be\n{"task": "v", "is": "Began"}\n')  # killed, begun anew
        file.flush()
        assert list(reported) == [("v", Began())]
    assert list(reported) == []


@needs_ray
@pytest.mark.xdist_group("ray")
def test_jobs_that_die_on_a_ray_of_this_machine_are_rows(outputs, awkward):
    grid = ["generator=raises,exits,bootstrap", "pipeline=real,traditional", *LINEAR, *awkward]
    done = call("sweep", *grid, "hydra/launcher=ray", "hydra.launcher.num_cpus=0.5")
    assert done.exit_code == 1, done.output
    assert_failures_are_rows(outputs)
    wait_for(lambda: not processes("raylet"), 30)


@needs_ray
@pytest.mark.xdist_group("ray")
def test_a_ray_task_that_is_killed_is_sent_again_and_loses_only_the_job_that_it_was_at(
    outputs, tmp_path, awkward
):
    mark = tmp_path / "mark"
    grid = ["generator=kills_its_carrier", f"generator.mark={mark}", "pipeline=traditional"]
    engine = ["hydra/launcher=ray", "hydra.launcher.batch=3"]
    done = call("sweep", *grid, "seed=0,1,2", "baseline=false", *LINEAR, *engine, *awkward)
    assert done.exit_code == 0, done.output
    assert "Ray lost the job: WorkerCrashedError in fit KillsItsCarrier" in done.output, done.output
    assert done.output.count("; sent again: ") == 1
    assert len(mark.read_text().splitlines()) == 4
    assert set(read_rows(outputs / "results").status) == {"ok"}


@needs_ray
@pytest.mark.xdist_group("ray")
def test_when_rays_last_machine_dies_the_jobs_left_are_not_run_and_it_is_said_once(
    tmp_path, outputs, awkward, start
):
    mark = tmp_path / "mark"
    grid = ["generator=sleeps", "pipeline=traditional", f"generator.mark={mark}", "seed=0,1,2"]
    process = start(outputs, "sweep", *grid, "baseline=false", "hydra/launcher=ray", *awkward)
    wait_for(lambda: text(mark) or process.poll() is not None)
    for child in psutil.Process(process.pid).children(recursive=True):
        if child.name() == "raylet":
            child.kill()
    assert process.wait(120) == 1
    phrase = [line for line in text(outputs.with_suffix(".txt")).splitlines() if "error:" in line]
    assert phrase == [
        "error: no machine of the Ray cluster is left; 3 jobs were not run (0 ended before); "
        "the same command goes on with them"
    ]
    assert not list((outputs / "results").glob("*"))


@needs_ray
@pytest.mark.xdist_group("ray")
def test_sigterm_ends_ray_and_the_job(tmp_path, outputs, awkward, start):
    mark = tmp_path / "mark"
    grid = ["generator=sleeps", "pipeline=traditional", f"generator.mark={mark}", *awkward]
    process = start(outputs, "sweep", *grid, "hydra/launcher=ray")
    wait_for(lambda: text(mark) or process.poll() is not None)
    asleep = int(text(mark))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    wait_for(lambda: not psutil.pid_exists(asleep) and not processes("raylet"), 30)


@needs_ray
@pytest.mark.xdist_group("ray")
def test_two_ray_nodes_share_the_work_and_the_store(tmp_path, outputs, awkward, values):
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        cluster.add_node(num_cpus=1, num_gpus=1)
        cluster.wait_for_nodes()
        log = tmp_path / "log"
        slow = ["generator=accounts", f"generator.log={log}", "generator.seconds=5"]
        grid = [*slow, "pipeline=traditional", "seed=0,1", *LINEAR, *awkward]
        engine = ["hydra/launcher=ray", f"hydra.launcher.address={cluster.address}"]
        done = call("sweep", *grid, *engine)
        assert done.exit_code == 0, done.output
        fits = pd.read_csv(log, sep=" ", names=["pid", "gpu", "begun", "ended"])
        fits = fits.sort_values("begun").reset_index()
        assert fits.begun[1] < fits.ended[0]  # one CPU each: at the same time on both
        beyond = call("sweep", *grid, *engine, "hydra.launcher.num_cpus=2", "--force")
        assert beyond.exit_code == 2
        assert "no machine of the Ray cluster has num_cpus=2 for a job" in beyond.stderr
        on_gpu = [*slow, f"generator.log={log}.gpu", "seed=2", "pipeline=traditional", *LINEAR]
        on_gpu += ["device=cuda", "hydra.launcher.num_gpus=0.5"]
        with_gpu = call("sweep", *on_gpu, *engine, *awkward)
        assert with_gpu.exit_code == 0, with_gpu.output
        assert Path(f"{log}.gpu").read_text().split()[1] == "0"
        assert set(read_rows(outputs / "results").query("seed == 2").device) == {"cuda"}
    finally:
        cluster.shutdown()
    here = tmp_path / "here"
    assert call("sweep", *grid, f"paths.outputs={here}").exit_code == 0
    there = values(outputs).query("seed < 2").reset_index(drop=True)
    pd.testing.assert_frame_equal(values(here), there)
    wait_for(lambda: not processes("raylet"), 30)


@needs_ray
@pytest.mark.xdist_group("ray")
def test_when_one_of_two_ray_nodes_dies_its_job_is_sent_to_the_other(
    tmp_path, outputs, awkward, start
):
    from ray.cluster_utils import Cluster

    mark = tmp_path / "mark"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        machines = [cluster.add_node(num_cpus=1) for _ in range(2)]
        cluster.wait_for_nodes()
        engine = ["hydra/launcher=ray", f"hydra.launcher.address={cluster.address}"]
        grid = ["generator=waits_once", f"generator.mark={mark}", "pipeline=traditional"]
        grid += ["seed=0,1,2,3", "baseline=false", "hydra.launcher.batch=1", *LINEAR, *awkward]
        process = start(outputs, "sweep", *grid, *engine)
        wait_for(lambda: text(mark) or process.poll() is not None)
        waits = int(text(mark))
        above = {parent.pid for parent in psutil.Process(waits).parents()}
        [dies] = [machine for machine in machines if above & raylets(machine)]
        cluster.remove_node(dies, allow_graceful=False)
        said = outputs.with_suffix(".txt")
        assert process.wait(300) == 0, text(said)
        assert text(said).count("; sent again: ") == 1, text(said)
        wait_for(lambda: not psutil.pid_exists(waits), 30)
    finally:
        cluster.shutdown()
    rows = read_rows(outputs / "results")
    assert (rows.job.nunique(), set(rows.status)) == (4, {"ok"})
    wait_for(lambda: not processes("raylet"), 30)


@needs_ray
@pytest.mark.xdist_group("ray")
def test_an_address_without_a_ray_cluster_is_refused(outputs):
    address = ["hydra/launcher=ray", "hydra.launcher.address=127.0.0.1:1"]
    done = call("sweep", "pipeline=real", *LINEAR, *address)
    assert done.exit_code == 2
    assert "hydra.launcher.address is '127.0.0.1:1'" in done.stderr


def processes(name: str) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["name"]) if p.info["name"] == name]


def raylets(machine) -> set[int]:
    """Process ids of the raylet of a node of a test's cluster."""
    return {info.process.pid for info in machine.all_processes["raylet"]}
