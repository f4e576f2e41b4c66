"""The worker processes of one launch: one per job, watched until every task is done."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tabsculpt.engine.fingerprints import FINGERPRINTS, VERSIONS, code_fingerprint
from tabsculpt.engine.runner import THREAD_VARIABLES
from tabsculpt.engine.writing import WriteError, writing
from tabsculpt.jobs.completion import ROWS_CODE
from tabsculpt.launch.limits import end, oom_kills, resident_mb
from tabsculpt.launch.messages import (
    Ended,
    Event,
    JobTask,
    LeftOut,
    StepBegan,
    StepDone,
    Tell,
    give_up,
)
from tabsculpt.launch.preload import preload
from tabsculpt.launch.queue import JobQueue
from tabsculpt.launch.worker_process import Crashed, main
from tabsculpt.results import Status

HUNG = 0.5
"""Share of a job's time limit after which a step that takes it alone is not tried again."""
LOOK_EVERY, REST = 0.2, 0.01
"""Seconds between two looks at the processes, at most and at least: events come by the dozen."""


@dataclass(frozen=True)
class Limits:
    """How many jobs run at a time, and what one may take.

    Attributes:
        slots: jobs at a time.
        timeout: seconds of a job, None for no limit.
        memory: resident memory of a job with its children, in MB; None for no limit.
        retries: times that a job is tried again whose process crashed.
        each: seconds after which a job is left out, with no row; None for no limit.
    """

    slots: int
    timeout: float | None
    memory: float | None
    retries: int
    each: float | None = None


@dataclass
class Worker:
    """A process and the task that it does."""

    task: JobTask
    process: Any
    pipe: Connection
    scratch: Path
    gpu: str | None
    attempt: int
    oom_kills: int = field(default_factory=oom_kills)
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

    def hangs_in(self, limit: float) -> str | None:
        """The step that has taken most of a limit by itself, so that it will in every job."""
        if self.steps and time.monotonic() - self.since > HUNG * limit:
            return list(self.steps)[-1]
        return None


class WorkerPool:
    """The processes of one launch: started, heard, ended beyond a limit, tried again.

    Args:
        limits: of the jobs.
        order: the tasks, in the order in which they can begin.
        tell: called with each event of a task.
        gpus: identifiers of the GPUs, each as often as jobs may share it.
        scratch: for the temporary files of the processes.
    """

    def __init__(
        self, limits: Limits, order: JobQueue, tell: Tell, gpus: list[str], scratch: Path
    ) -> None:
        self._limits, self._order, self._tell, self._gpus = limits, order, tell, gpus
        self._scratch = scratch
        self._running: list[Worker] = []
        self._attempts: dict[str, int] = {}
        self._hung: dict[str, tuple[str, str]] = {}  # phase and reason by step
        self._long: dict[str, str] = {}  # reason by step, of jobs that are left out
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
        while len(self._running) < self._limits.slots:
            task = self._order.next([True, bool(self._gpus)])
            if task is None:
                return
            if hung := next((self._hung[key] for key in task.needs if key in self._hung), None):
                self._order.over(task)
                self._tell(task, give_up(task, Status.TIMEOUT, *hung))
                continue
            if why := next((self._long[key] for key in task.needs if key in self._long), None):
                self._order.over(task)
                self._tell(task, LeftOut(why))
                continue
            gpu = self._gpus.pop(0) if task.job.device == "cuda" else None
            self._attempts[task.id] = self._attempts.get(task.id, 0) + 1
            self._running.append(self._fork(task, gpu))

    def _fork(self, task: JobTask, gpu: str | None) -> Worker:
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": gpu or ""}
        with writing(self._scratch):
            scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        ours, theirs = self._context.Pipe()
        arguments = (theirs, task, environment, scratch, FINGERPRINTS, VERSIONS)
        process = self._context.Process(target=main, args=arguments)
        process.start()
        theirs.close()
        return Worker(task, process, ours, scratch, gpu, self._attempts[task.id])

    def _hear(self, running: Worker) -> None:
        """Take what the process has sent."""
        with suppress(EOFError, OSError):
            while running.pipe.poll():
                event = running.pipe.recv()
                if isinstance(event, (Ended, Crashed, WriteError)):
                    running.last = event
                else:
                    self._note(running, event)

    def _note(self, running: Worker, event: Event) -> None:
        if isinstance(event, StepBegan):
            running.steps[event.key], running.since = event, time.monotonic()
        elif isinstance(event, StepDone):
            running.steps.pop(event.key, None)
            self._order.made(event.key)
        self._tell(running.task, event)

    def _judge(self, running: Worker) -> None:
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
        elif why := self._too_long(running):
            self._over(running, LeftOut(why))

    def _beyond(self, running: Worker) -> tuple[Status, str] | None:
        """The limit that a process is beyond."""
        now = time.monotonic()
        limit = self._limits.timeout
        if limit is not None and now - running.began > limit:
            reason = f"ended after {limit:g} s{running.doing}, the limit of hydra.launcher.timeout"
            if step := running.hangs_in(limit):
                words = f"{reason}, in another job; not tried again in this sweep"
                self._hung[step] = running.phase, words
            return Status.TIMEOUT, reason
        if self._limits.memory is not None and now - running.looked > LOOK_EVERY:
            running.looked = now
            taken = resident_mb(running.process.pid)
            if taken > self._limits.memory:
                reason = (
                    f"ended at {taken:.0f} MB{running.doing}, the limit of hydra.launcher.memory "
                    f"is {self._limits.memory:.0f} MB"
                )
                return Status.OUT_OF_MEMORY, reason
        return None

    def _too_long(self, running: Worker) -> str | None:
        """Why a job is to be left out: it has had what one is given."""
        limit = self._limits.each
        if limit is None or time.monotonic() - running.began <= limit:
            return None
        if step := running.hangs_in(limit):
            self._long[step] = f"takes longer than {limit:g} s{running.doing}, in another job"
        return f"takes longer than {limit:g} s{running.doing}"

    def _crashed(self, running: Worker, code: int) -> None:
        if code == -signal.SIGKILL and oom_kills() > running.oom_kills:
            reason = f"the system ended the process{running.doing}, as memory ran out"
            self._give_up(running, Status.OUT_OF_MEMORY, reason)
            return
        if running.attempt <= self._limits.retries:
            self._stop(running)
            self._running.remove(running)
            self._order.again(running.task)
            return
        times = f", {running.attempt} times" if running.attempt > 1 else ""
        how = f"the process exited with code {code}" if code >= 0 else _signalled(-code)
        self._give_up(running, Status.FAILED, f"{how}{running.doing}{times}")

    def _give_up(self, running: Worker, status: Status, reason: str) -> None:
        self._stop(running)
        self._over(running, give_up(running.task, status, running.phase, reason))

    def _over(self, running: Worker, ended: Ended | LeftOut) -> None:
        self._running.remove(running)
        self._order.over(running.task)
        if running.gpu is None:
            self._start()  # before the old process is ended, which takes a moment
        self._stop(running)
        self._tell(running.task, ended)

    def _stop(self, running: Worker) -> None:
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


def _signalled(number: int) -> str:
    name = signal.Signals(number).name
    hint = " (which the system sends where memory runs out)" if name == "SIGKILL" else ""
    return f"the process was ended by {name}{hint}"


@contextmanager
def _server_environment() -> Iterator[None]:
    """What the server that processes are forked from is to be started with.

    It reads ``sys.path`` from the environment alone, and libraries start as many threads as they
    take effect when they are imported. Processes are killed when they are done, and a tracker frees
    the semaphores that libraries made in them: it need not tell the user so.
    """
    import sys

    variables = dict.fromkeys(THREAD_VARIABLES, "1")
    variables["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    filters = [os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker:UserWarning"]
    variables["PYTHONWARNINGS"] = ",".join(filter(None, filters))
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
