"""The local launcher: a process per job, on the cores and GPUs of this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt

from tabsculpt.engine import cuda
from tabsculpt.engine.fingerprints import FINGERPRINTS, VERSIONS, code_fingerprint
from tabsculpt.engine.runner import THREAD_VARIABLES
from tabsculpt.engine.writing import WriteError, writing
from tabsculpt.errors import UserError
from tabsculpt.jobs.completion import ROWS_CODE
from tabsculpt.launch.limits import end, megabytes, resident_mb
from tabsculpt.launch.messages import Ended, Event, StepBegan, StepDone, Task, Tell, give_up
from tabsculpt.launch.preload import preload
from tabsculpt.launch.queue import Order
from tabsculpt.launch.worker_process import Crashed, main
from tabsculpt.results import Status

HUNG = 0.5
"""Share of a job's time limit after which a step that takes it alone is not tried again."""
LOOK_EVERY, REST = 0.2, 0.01
"""Seconds between two looks at the processes, at most and at least: events come by the dozen."""


@dataclass(frozen=True)
class Workers:
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

    def launch(self, tasks: Sequence[Task], tell: Tell) -> None:
        """See `Launcher.launch`.

        Raises:
            UserError: jobs ask for a GPU, and there is none to give.
        WriteError: the system refuses to write what a job wants to keep.
        """
        on_gpu = any(task.job.device == "cuda" for task in tasks)
        gpus = self._gpu_slots() if on_gpu else []
        if on_gpu and not gpus:
            raise UserError("device=cuda, but hydra.launcher.gpus leaves no GPU; use device=cpu")
        with _scratch_folder() as scratch:
            crew = _Crew(self, Order(tasks), tell, gpus, scratch)
            try:
                crew.run()
            finally:
                crew.end()

    def _gpu_slots(self) -> list[str]:
        """Identifiers of GPUs, each as often as jobs may share it, those of one job apart first."""
        count = self.gpus
        named = os.environ.get("CUDA_VISIBLE_DEVICES")
        if count == "auto" and named is None:
            count = cuda.count()
        visible = named.split(",") if named else [str(i) for i in range(int(count or 0))]
        return (visible if count == "auto" else visible[: int(count)]) * self.jobs_per_gpu


@dataclass
class _Running:
    """A task and the process that does it."""

    task: Task
    process: Any
    pipe: Connection
    scratch: Path
    gpu: str | None
    attempt: int
    began: float = field(default_factory=time.monotonic)
    looked: float = 0.0
    steps: dict[str, StepBegan] = field(default_factory=dict)
    since: float = 0.0
    last: Ended | Crashed | WriteError | None = None

    @property
    def phase(self) -> str:
        """Of the step at hand; what precedes the first step belongs to the data."""
        return list(self.steps.values())[-1].phase if self.steps else "data"

    @property
    def doing(self) -> str:
        return f" in {list(self.steps.values())[-1].label}" if self.steps else ""


class _Crew:
    """The processes of one launch."""

    def __init__(
        self, settings: Workers, order: Order, tell: Tell, gpus: list[str], scratch: Path
    ) -> None:
        self._settings, self._order, self._tell, self._gpus = settings, order, tell, gpus
        self._scratch = scratch
        self._memory = megabytes(settings.memory) if settings.memory else None
        self._running: list[_Running] = []
        self._attempts: dict[str, int] = {}
        self._hung: dict[str, tuple[str, str]] = {}  # phase and reason by step
        code_fingerprint(ROWS_CODE)  # read here once, and not by each process
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(preload(t.job for t in order.waiting.values()))

    def run(self) -> None:
        """Get every task done."""
        with _server_environment():
            while self._order.waiting or self._running:
                self._start()
                waited: list[Any] = [r.pipe for r in self._running]
                waited += [r.process.sentinel for r in self._running]
                connection.wait(waited, LOOK_EVERY)
                busy = len(self._running)
                for running in list(self._running):
                    self._hear(running)
                    self._judge(running)
                if len(self._running) == busy:
                    time.sleep(REST)

    def end(self) -> None:
        """End what still runs; nothing is written of it."""
        for running in self._running:
            self._stop(running)
        self._running = []

    def _start(self) -> None:
        while len(self._running) < self._settings.slots:
            task = self._order.next([True, bool(self._gpus)])
            if task is None:
                return
            if hung := next((self._hung[key] for key in task.needs if key in self._hung), None):
                self._order.over(task)
                self._tell(task, give_up(task, Status.TIMEOUT, *hung))
                continue
            gpu = self._gpus.pop(0) if task.job.device == "cuda" else None
            self._attempts[task.id] = self._attempts.get(task.id, 0) + 1
            self._running.append(self._fork(task, gpu))

    def _fork(self, task: Task, gpu: str | None) -> _Running:
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": gpu or ""}
        with writing(self._scratch):
            scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        ours, theirs = self._context.Pipe()
        arguments = (theirs, task, environment, scratch, FINGERPRINTS, VERSIONS)
        process = self._context.Process(target=main, args=arguments)
        process.start()
        theirs.close()
        return _Running(task, process, ours, scratch, gpu, self._attempts[task.id])

    def _hear(self, running: _Running) -> None:
        """Take what the process has sent."""
        with suppress(EOFError, OSError):
            while running.pipe.poll():
                event = running.pipe.recv()
                if isinstance(event, (Ended, Crashed, WriteError)):
                    running.last = event
                else:
                    self._note(running, event)

    def _note(self, running: _Running, event: Event) -> None:
        if isinstance(event, StepBegan):
            running.steps[event.key], running.since = event, time.monotonic()
        elif isinstance(event, StepDone):
            running.steps.pop(event.key, None)
            self._order.made(event.key)
        self._tell(running.task, event)

    def _judge(self, running: _Running) -> None:
        """See whether the process is done, dead or beyond a limit, and draw the consequences."""
        if isinstance(running.last, Ended):
            self._over(running, running.last)
        elif isinstance(running.last, WriteError):
            raise running.last
        elif isinstance(running.last, Crashed):
            self._give_up(running, Status.FAILED, running.last.reason)
        elif (code := running.process.exitcode) is not None:
            self._crashed(running, code)
        elif over := self._beyond(running):
            self._give_up(running, *over)

    def _beyond(self, running: _Running) -> tuple[Status, str] | None:
        """The limit that a process is beyond."""
        now = time.monotonic()
        limit = self._settings.timeout
        if limit is not None and now - running.began > limit:
            reason = f"ended after {limit:g} s{running.doing}, the limit of hydra.launcher.timeout"
            if running.steps and now - running.since > HUNG * limit:
                words = f"{reason}, in another job; not tried again in this sweep"
                self._hung[list(running.steps)[-1]] = running.phase, words
            return Status.TIMEOUT, reason
        if self._memory is not None and now - running.looked > LOOK_EVERY:
            running.looked = now
            taken = resident_mb(running.process.pid)
            if taken > self._memory:
                reason = (
                    f"ended at {taken:.0f} MB{running.doing}, the limit of hydra.launcher.memory "
                    f"is {self._memory:.0f} MB"
                )
                return Status.OUT_OF_MEMORY, reason
        return None

    def _crashed(self, running: _Running, code: int) -> None:
        if running.attempt <= self._settings.retries:
            self._stop(running)
            self._running.remove(running)
            self._order.again(running.task)
            return
        times = f", {running.attempt} times" if running.attempt > 1 else ""
        how = f"the process exited with code {code}" if code >= 0 else _signalled(-code)
        self._give_up(running, Status.FAILED, f"{how}{running.doing}{times}")

    def _give_up(self, running: _Running, status: Status, reason: str) -> None:
        self._stop(running)
        self._over(running, give_up(running.task, status, running.phase, reason))

    def _over(self, running: _Running, ended: Ended) -> None:
        self._running.remove(running)
        self._order.over(running.task)
        if running.gpu is None:
            self._start()  # before the old process is ended, which takes a moment
        self._stop(running)
        self._tell(running.task, ended)

    def _stop(self, running: _Running) -> None:
        """End the process with its children, and free what it held; a second time does nothing."""
        if running.pipe.closed:
            return
        end(running.process.pid, running.process.exitcode is None)
        running.process.join()
        running.process.close()
        running.pipe.close()
        shutil.rmtree(running.scratch, ignore_errors=True)
        if running.gpu is not None:
            self._gpus.append(running.gpu)


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder for temporary files of the processes, which goes at the end."""
    with writing(Path(os.environ.get("TMPDIR", "/tmp"))):  # asked for, it would try to write there
        folder = tempfile.mkdtemp(prefix="tabsculpt-")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _signalled(number: int) -> str:
    import signal

    name = signal.Signals(number).name
    hint = " (which the system sends where memory runs out)" if name == "SIGKILL" else ""
    return f"the process was ended by {name}{hint}"


@contextmanager
def _server_environment() -> Iterator[None]:
    """What the server that processes are forked from is to be started with.

    It reads ``sys.path`` from the environment alone, and libraries start as many threads as they
    are told when they are imported. Processes are killed when they are done, and a tracker frees
    the semaphores that libraries made in them: it need not tell the user so.
    """
    import sys

    wanted = dict.fromkeys(THREAD_VARIABLES, "1")
    wanted["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    filters = [os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker:UserWarning"]
    wanted["PYTHONWARNINGS"] = ",".join(filter(None, filters))
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
