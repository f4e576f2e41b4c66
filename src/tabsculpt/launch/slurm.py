"""The launchers that go through submitit: jobs of Slurm, or of this machine to try that out."""

from __future__ import annotations

import logging
import math
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt

from tabsculpt.engine.writing import writing
from tabsculpt.errors import UserError
from tabsculpt.extras import check_installed, require
from tabsculpt.launch.batches import Batch
from tabsculpt.launch.cluster import run_on_cluster
from tabsculpt.launch.cluster_engine import Again, Lost
from tabsculpt.launch.cluster_job import ClusterJob
from tabsculpt.launch.limits import megabytes
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Ended, JobTask, Tell, log_file
from tabsculpt.launch.slurm_states import SlurmStates
from tabsculpt.results import Status

EXTRA, LOG = "slurm", "submitit"
ARRAY = 1000
"""Jobs of one array; Slurm allows 1,001 unless it is set otherwise (MaxArraySize)."""
MARGIN_MINUTES = 5
"""What Slurm allows a job beyond our limit: to start, and to write its rows once it is reached."""
MARGIN_MB = 1000
"""Likewise of memory, for the process that watches over the limit."""
OUT_OF_TIME = "timed-out and not checkpointable"
FAILED = Lost(Status.FAILED, "")
ENDS = {
    "TIMEOUT": Lost(Status.TIMEOUT, "", Again.NEVER),
    "OUT_OF_ME": Lost(Status.OUT_OF_MEMORY, "", Again.NEVER),
    "CANCELLED": Lost(Status.FAILED, "", Again.NEVER, whole=True),  # by somebody who meant it
    "PREEMPTED": Lost(Status.FAILED, "", Again.FREE),
}
"""What the states mean that Slurm ends a job with, by how they begin; the others are failures."""


@dataclass(frozen=True)
class Slurm:
    """Jobs of a Slurm cluster, in arrays; runs where ``sbatch`` does, until the last one ended.

    Machines share ``paths.outputs`` and the Python environment under the same names.

    Args:
        partition: None for the cluster's default.
        timeout: seconds that a job may take; Slurm is asked for that, the time in which a batch
            begins jobs, and five minutes.
        memory: resident memory that a job may take, as ``4096`` (MB) or ``4GB``; Slurm allows it
            1 GB more. None for the partition's own rule.
        cpus: cores per job. A step computes in one thread.
        gpus: GPUs per job; with one or more, device=auto takes them for large tables.
        array_parallelism: jobs of an array at a time.
        retries: times that a job is tried again whose process crashed, or whose Slurm job was
            lost; preemptions do not count.
        batch: how much one Slurm job carries, one after the other: work as ``10m``, as estimated,
            or a number of jobs.
        options: more options of sbatch, such as ``account=mine`` or ``exclusive``.
    """

    extra: ClassVar[str] = EXTRA

    partition: str | None = None
    timeout: Annotated[float, Gt(0)] = 14400.0
    memory: str | None = None
    cpus: Annotated[int, Ge(1)] = 1
    gpus: Annotated[int, Ge(0)] = 0
    array_parallelism: Annotated[int, Ge(1)] = 64
    retries: Annotated[int, Ge(0)] = 1
    batch: str | int = "10m"
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_installed("hydra/launcher=submitit_slurm", ["submitit"], EXTRA)
        Batch.read(self.batch)
        if self.memory is not None:
            megabytes(self.memory)

    @property
    def slots(self) -> int:
        """Jobs at a time."""
        return self.array_parallelism

    @property
    def gives_gpu(self) -> bool:
        """Whether a job gets a GPU."""
        return self.gpus > 0

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """See `Launcher.launch`.

        Raises:
            UserError: this machine has no Slurm, or it refuses the jobs.
        """
        absent = [name for name in ("sbatch", "srun") if shutil.which(name) is None]
        if absent:
            raise UserError(
                f"hydra/launcher=submitit_slurm needs Slurm, but there is no {absent[0]} here; "
                "use a login node of the cluster"
            )
        workers = LocalProcesses(1, timeout=self.timeout, memory=self.memory, retries=self.retries)
        log, batch = log_file(tasks[0].job.outputs, LOG), Batch.read(self.batch)

        def engine(folder: Path) -> _Submitit:
            return _Submitit("slurm", folder, self.parameters, log, self._width())

        run_on_cluster(tasks, tell, workers, batch, engine)

    def _width(self) -> int:
        """Jobs at a time that the partition has cores for, where sinfo says."""
        asked = ["sinfo", "--noheader", "--format=%C"]
        named = [f"--partition={self.partition}"] if self.partition else []
        try:
            answer = subprocess.run([*asked, *named], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return self.slots
        found = re.match(r"\d+/\d+/\d+/(\d+)", answer.stdout.strip())
        return max(1, min(self.slots, int(found[1]) // self.cpus)) if found else self.slots

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings for submitit."""
        options = dict(map(_option, self.options))
        requeue = {} if "no-requeue" in options else {"requeue": True}
        begins = Batch.read(self.batch).begins_within(self.timeout)
        found: dict[str, Any] = {
            "timeout_min": math.ceil((self.timeout + (begins or 0.0)) / 60) + MARGIN_MINUTES,
            "cpus_per_task": self.cpus,
            "slurm_array_parallelism": self.array_parallelism,
            "slurm_partition": self.partition,
            "slurm_additional_parameters": requeue | options or None,
            "gpus_per_node": self.gpus or None,
        }
        if self.memory is not None:
            found["mem_gb"] = (megabytes(self.memory) + MARGIN_MB) / 1000
        return found


@dataclass(frozen=True)
class Local:
    """What `Slurm` does, by processes of this machine: to try a command before a cluster has it.

    Args:
        jobs: jobs at a time; None for as many as there are cores.
        timeout, memory, retries: as of `LocalProcesses`.
        batch: as of `Slurm`.
    """

    extra: ClassVar[str] = EXTRA

    jobs: Annotated[int, Ge(1)] | None = None
    timeout: Annotated[float, Gt(0)] | None = None
    memory: str | None = None
    retries: Annotated[int, Ge(0)] = 1
    batch: str | int = "10m"

    gives_gpu = False

    def __post_init__(self) -> None:
        check_installed("hydra/launcher=submitit_local", ["submitit"], EXTRA)
        Batch.read(self.batch)
        if self.memory is not None:
            megabytes(self.memory)

    @property
    def slots(self) -> int:
        """Jobs at a time."""
        return LocalProcesses(self.jobs).slots

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """See `Launcher.launch`."""
        workers = LocalProcesses(1, timeout=self.timeout, memory=self.memory, retries=self.retries)
        years = {"timeout_min": 1_000_000}  # it has no way to say for ever; the limit is ours
        log, batch = log_file(tasks[0].job.outputs, LOG), Batch.read(self.batch)

        def engine(folder: Path) -> _Submitit:
            return _Submitit("local", folder, years, log, self.slots)

        run_on_cluster(tasks, tell, workers, batch, engine, most=self.slots)


class _Submitit:
    """An engine, see `tabsculpt.launch.cluster_engine.Engine`.

    What submitit itself prints goes into ``logs/submitit.log``; it is not asked for states, as it
    knows them from sacct alone, which many clusters do without.

    Args:
        cluster: slurm or local.
        folder: for submitit's files.
        parameters: see `submitit.AutoExecutor.update_parameters`.
        log: for what it says.
        width: see `Engine.width`.
    """

    def __init__(
        self,
        cluster: Literal["slurm", "local"],
        folder: Path,
        parameters: Mapping[str, Any],
        log: Path,
        width: int,
    ) -> None:
        submitit = require(EXTRA, "submitit", f"hydra/launcher=submitit_{cluster}")
        _log_to(log)
        self._executor = submitit.AutoExecutor(folder / "%j", cluster=cluster)
        self._executor.update_parameters(name="tabsculpt", **parameters)
        self._cluster, self.width = cluster, width
        self._jobs: dict[str, Any] = {}
        self._states = SlurmStates()

    @property
    def notices(self) -> list[str]:
        """See `Engine.notices`."""
        return self._states.notices

    def submit(self, cluster_jobs: Sequence[ClusterJob]) -> None:
        """See `Engine.submit`.

        Raises:
            UserError: Slurm refuses.
        """
        for first in range(0, len(cluster_jobs), ARRAY):
            array = cluster_jobs[first : first + ARRAY]
            try:
                jobs = self._executor.submit_array(array)
            except Exception as error:  # submitit's own, of a process that failed
                reason = " ".join(str(error).split())
                raise UserError(f"Slurm refuses the jobs: {reason}") from error
            self._jobs |= {
                cluster_job.name: job for cluster_job, job in zip(array, jobs, strict=True)
            }

    def outcome(self, name: str) -> dict[str, Ended] | Lost | None:
        """See `Engine.outcome`."""
        job = self._jobs[name]
        state = None if job.paths.result_pickle.exists() else self._final(job)
        there = job.paths.result_pickle.exists()  # perhaps only now
        if state is None and not there:
            return None
        del self._jobs[name]
        if state is not None and not there:
            meaning = next((end for begin, end in ENDS.items() if state.startswith(begin)), FAILED)
            return replace(meaning, reason=f"{self._cluster} ended job {job.job_id}: {state}")
        if (error := job.exception()) is not None:
            line = _last_line(str(error))
            if OUT_OF_TIME in line:  # submitit's answer to the signal before the end
                return replace(ENDS["TIMEOUT"], reason=f"slurm ended job {job.job_id}: TIMEOUT")
            reason = f"the job failed on its node: {line}"
            return Lost(Status.FAILED, reason, Again.NEVER, whole=True)
        ended: dict[str, Ended] = job.result()
        return ended

    def _final(self, job: Any) -> str | None:
        """The state in which a job without a result ended, None while it may still go on."""
        if self._cluster == "slurm":
            return self._states.final(job.job_id, (each.job_id for each in self._jobs.values()))
        return str(job.state) if job.done() else None

    def end(self, names: Sequence[str]) -> None:
        """See `Engine.end`."""
        jobs = [self._jobs[name] for name in names if name in self._jobs]
        if self._cluster == "local":
            for job in jobs:
                job.cancel()
        elif jobs:
            ids = dict.fromkeys(job.job_id for job in jobs)
            for first in range(0, len(ids), ARRAY):
                subprocess.run(["scancel", *list(ids)[first : first + ARRAY]], check=False)


def _log_to(path: Path) -> None:
    """Send what submitit says to a file, and not between the lines of a sweep."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, delay=True, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("submitit")
    logger.handlers, logger.propagate = [handler], False


def _option(text: str) -> tuple[str, str | bool]:
    name, separator, value = text.removeprefix("--").partition("=")
    return name, value if separator else True


def _last_line(trace: str) -> str:
    """The line of a traceback that names the error; below it come lines about logs."""
    lines = [line for line in trace.splitlines() if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return (lines or trace.splitlines() or [""])[-1]
