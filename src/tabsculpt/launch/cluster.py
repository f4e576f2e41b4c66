"""Gets tasks done by an engine: a scheduler that starts processes on machines of its own."""

from __future__ import annotations

import pickle
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from tabsculpt.engine.writing import writing
from tabsculpt.errors import FailureError
from tabsculpt.launch.batches import Batch, Costs
from tabsculpt.launch.cluster_job import ClusterJob, EventFile
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import (
    Began,
    Ended,
    Notice,
    SentAgain,
    StepBegan,
    StepDone,
    Task,
    Tell,
    give_up,
)
from tabsculpt.launch.queue import JobQueue
from tabsculpt.results import Status

LOOK_EVERY = 1.0
"""Seconds between two looks at what happened, at least."""
FOLDER = "engines"


class Again(Enum):
    """Whether what a lost cluster job was at is tried again."""

    COUNTED = auto()  # as often as `retries` says
    FREE = auto()  # always: a preemption says nothing about the task
    NEVER = auto()


@dataclass(frozen=True)
class Lost:
    """A cluster job is over that did not say so itself: killed, cancelled, its machine gone.

    Attributes:
        status: of the rows of a task that is given up.
        reason: one line.
        again: whether the task is tried again that it was at.
        whole: whether all that it carried is meant, and not only the task that it was at.
    """

    status: Status
    reason: str
    again: Again = Again.COUNTED
    whole: bool = False


class EngineGoneError(Exception):
    """The engine itself is gone, with all cluster jobs; one line that says so."""


class Engine(Protocol):
    """Where cluster jobs are run."""

    @property
    def width(self) -> int:
        """Cluster jobs that can run at a time, as far as is known."""
        ...

    @property
    def notices(self) -> list[str]:
        """What whoever waits should know; they are taken out when told."""
        ...

    def submit(self, cluster_jobs: Sequence[ClusterJob]) -> None:
        """Have cluster jobs run, each as soon as there is room."""
        ...

    def outcome(self, name: str) -> dict[str, Ended] | Lost | None:
        """What came of a cluster job, see `ClusterJob.__call__`; None while it waits or runs.

        Raises:
            EngineGoneError: nothing will come of any.
        """
        ...

    def end(self, names: Sequence[str]) -> None:
        """End these cluster jobs, which are not over, and let go of everything."""
        ...


def run_on_cluster(
    tasks: Sequence[Task],
    tell: Tell,
    workers: LocalProcesses,
    batch: Batch,
    open_engine: Callable[[Path], Engine],
    most: int | None = None,
) -> None:
    """Get tasks done.

    A task that would only wait for a step that another one makes is not sent before that step is
    made, so that no machine stands idle. Each cluster job starts its tasks as the local launcher
    does, which write their rows themselves. Of a cluster job that is lost, the task that it was at
    is sent again, or its rows are written here; the others wait anew.

    Args:
        tasks: see `Launcher.launch`.
        tell: likewise.
        workers: one at a time; what holds a task in check where it is done.
        batch: how much one cluster job carries.
        open_engine: given a folder that all machines reach, for files of the engine.
        most: cluster jobs at a time that are sent and not over; None for no limit.

    Raises:
        FailureError: the engine is gone; what had not ended has no rows.
    """
    folder = tasks[0].job.outputs.absolute() / FOLDER / uuid.uuid4().hex[:12]
    with writing(folder):
        folder.mkdir(parents=True)
    run = _ClusterRun(tasks, tell, workers, batch, folder, most)
    try:
        engine = open_engine(folder)
        try:
            run.through(engine)
        except EngineGoneError as error:
            done = len(tasks) - run.left
            raise FailureError(
                f"{error}; {run.left} jobs were not run ({done} ended before); the same command "
                "goes on with them"
            ) from error
        finally:
            engine.end(list(run.out))
    finally:
        if not run.kept:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Out:
    """A cluster job that was sent.

    Attributes:
        told: what is told of it.
        left: its tasks that have not ended, by id.
        running: the task that it is at; ``at``: the step of it.
    """

    told: EventFile
    left: dict[str, Task]
    running: str | None = None
    at: StepBegan | None = None


@dataclass
class _ClusterRun:
    """One launch.

    Attributes:
        out: cluster jobs that were sent and are not over.
        kept: whether the engine's files may explain something.
    """

    tasks: Sequence[Task]
    tell: Tell
    workers: LocalProcesses
    batch: Batch
    folder: Path
    most: int | None
    out: dict[str, _Out] = field(default_factory=dict)
    kept: bool = False
    _datasets: dict[int, Path] = field(default_factory=dict)
    _losses: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        here = [
            replace(t, job=replace(t.job, outputs=t.job.outputs.absolute())) for t in self.tasks
        ]
        self._order, self._costs = JobQueue(here), Costs(here)

    @property
    def left(self) -> int:
        """Tasks that have not ended."""
        return len(self._order.waiting) + sum(len(out.left) for out in self.out.values())

    def through(self, engine: Engine) -> None:
        """Get every task done."""
        while self._order.waiting or self.out:
            if cluster_jobs := self._next(engine.width):
                engine.submit(cluster_jobs)
            began = time.monotonic()
            for name, out in list(self.out.items()):
                self._hear(out)
                if (outcome := engine.outcome(name)) is not None:
                    self._hear(out)  # what it had still told
                    del self.out[name]
                    self._over(out, outcome)
            self._pass_on(engine.notices)
            if self.out:  # at most half of the time is spent on looking
                time.sleep(max(LOOK_EVERY, time.monotonic() - began))

    def _pass_on(self, notices: list[str]) -> None:
        while notices:
            self.tell(self.tasks[0], Notice(notices.pop(0)))

    def _next(self, width: int) -> list[ClusterJob]:
        """The cluster jobs to send now."""
        room = len(self._order.waiting) if self.most is None else self.most - len(self.out)
        batches = self.batch.fill(self._order, self._costs, width, room)
        return [self._pack(tasks) for tasks in batches]

    def _pack(self, tasks: Sequence[Task]) -> ClusterJob:
        datasets = {task.id: self._dataset(task) for task in tasks}
        within = self.batch.begins_within(self.workers.timeout)
        name = uuid.uuid4().hex[:12]
        packed = ClusterJob.of(name, tasks, datasets, self.workers, within, self.folder)
        self.out[name] = _Out(EventFile(packed.told), {task.id: task for task in tasks})
        return packed

    def _dataset(self, task: Task) -> Path:
        """The file with a task's data set, written once."""
        name = id(task.dataset)
        if name not in self._datasets:
            path = self.folder / f"dataset-{len(self._datasets)}.pkl"
            with writing(path):
                path.write_bytes(pickle.dumps(task.dataset))
            self._datasets[name] = path
        return self._datasets[name]

    def _hear(self, out: _Out) -> None:
        """Take what was told."""
        for name, event in out.told:
            task = out.left.get(name)
            if task is None:
                continue
            if isinstance(event, Ended):
                self._ended(out, task, event)
                continue
            if isinstance(event, Began):
                out.running, out.at = name, None
            elif isinstance(event, StepBegan):
                out.at = event
            elif isinstance(event, StepDone):
                out.at = None if out.at and out.at.key == event.key else out.at
                self._order.made(event.key)
            self.tell(task, event)

    def _ended(self, out: _Out, task: Task, ended: Ended) -> None:
        del out.left[task.id]
        out.running = None if out.running == task.id else out.running
        if ended.status == Status.OK:
            self._costs.ended(ended.cpu_seconds)
        self._order.over(task)
        self.tell(task, ended)

    def _over(self, out: _Out, outcome: dict[str, Ended] | Lost) -> None:
        if isinstance(outcome, Lost):
            self._lost(out, outcome)
        else:
            for name, ended in outcome.items():
                if name in out.left:
                    self._ended(out, out.left[name], ended)
        for task in reversed(out.left.values()):
            self._order.again(task)

    def _lost(self, out: _Out, lost: Lost) -> None:
        """Give up the tasks that are not tried again; the others stay in ``out.left``."""
        meant = list(out.left) if lost.whole else [out.running or next(iter(out.left), "")]
        for name in filter(None, meant):
            task, at = out.left[name], out.at if name == out.running else None
            self._losses[name] += lost.again is not Again.FREE
            times = self._losses[name]
            words = f"{lost.reason}{f' in {at.label}' if at else ''}"
            if lost.again is Again.FREE or (
                lost.again is Again.COUNTED and times <= self.workers.retries
            ):
                self.tell(task, SentAgain())
                self._pass_on([f"{words}; sent again: {task.title}"])
                continue
            self.kept = True
            words += f", {times} times" if times > 1 else ""
            phase = at.phase if at else "data"
            self._ended(out, task, give_up(task, lost.status, phase, words))
