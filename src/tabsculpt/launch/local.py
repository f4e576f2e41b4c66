"""The local launcher: a process per job, on the cores and GPUs of this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from tabsculpt.engine import cuda
from tabsculpt.engine.writing import writing
from tabsculpt.errors import UserError
from tabsculpt.launch.limits import megabytes
from tabsculpt.launch.messages import JobTask, Tell
from tabsculpt.launch.queue import JobQueue
from tabsculpt.launch.worker_pool import Limits, WorkerPool


@dataclass(frozen=True)
class LocalProcesses:
    """A process per job, forked from one that has the imports done and has not touched CUDA.

    Args:
        jobs: jobs at a time; None for as many as there are cores. A step computes in one thread.
        gpus: how many GPUs the jobs with device=cuda are spread over, "auto" for all there are.
        jobs_per_gpu: jobs at a time on one GPU.
        timeout: seconds that a job may take, None for no limit.
        memory: resident memory that a job with its children may take, as ``4096`` (MB) or
            ``4GB``; None for no limit. What the process was forked with counts.
        retries: times that a job is tried again whose process crashed.
    """

    jobs: Annotated[int, Ge(1)] | None = None
    gpus: Annotated[int, Ge(0)] | Literal["auto"] = "auto"
    jobs_per_gpu: Annotated[int, Ge(1)] = 1
    timeout: Annotated[float, Gt(0)] | None = None
    memory: str | None = None
    retries: Annotated[int, Ge(0)] = 1

    def __post_init__(self) -> None:
        if self.memory is not None:
            megabytes(self.memory)

    @property
    def slots(self) -> int:
        """Jobs at a time."""
        if self.jobs:
            return self.jobs
        if hasattr(os, "sched_getaffinity"):  # what this process may use, where the system says
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    def launch(
        self,
        tasks: Sequence[JobTask],
        tell: Tell,
        seconds: float | None = None,
        each: float | None = None,
    ) -> None:
        """See `Launcher.launch`.

        Args:
            tasks: as there.
            tell: as there.
            seconds: after which no further task is begun; None for no limit.
            each: seconds that one task is given: one that takes longer is left out, with no row;
                ``timeout`` is the user's, and makes one that failed. None for no limit.

        Raises:
            UserError: jobs ask for a GPU, and there is none to give.
            WriteError: the system refuses to write what a job wants to keep.
        """
        on_gpu = any(task.job.device == "cuda" for task in tasks)
        gpus = self._gpu_slots() if on_gpu else []
        if on_gpu and not gpus:
            raise UserError("device=cuda, but hydra.launcher.gpus leaves no GPU; use device=cpu")
        with _scratch_folder() as scratch:
            memory = megabytes(self.memory) if self.memory else None
            limits = Limits(self.slots, self.timeout, memory, self.retries, each)
            pool = WorkerPool(limits, JobQueue(tasks, seconds), tell, gpus, scratch)
            try:
                pool.run()
            finally:
                pool.end()

    def _gpu_slots(self) -> list[str]:
        """Identifiers of GPUs, each as often as jobs may share it, those of one job apart first."""
        count = self.gpus
        named = os.environ.get("CUDA_VISIBLE_DEVICES")
        if count == "auto" and named is None:
            count = cuda.count()
        visible = named.split(",") if named else [str(i) for i in range(int(count or 0))]
        return (visible if count == "auto" else visible[: int(count)]) * self.jobs_per_gpu


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder for temporary files of the processes, which goes at the end."""
    with writing(Path(os.environ.get("TMPDIR", "/tmp"))):  # asked for, it would try to write there
        folder = tempfile.mkdtemp(prefix="tabsculpt-")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
