"""Gets tasks done by an engine: a scheduler that starts processes on machines of its own."""

from __future__ import annotations

import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tabsculpt.engine.writing import writing
from tabsculpt.errors import FailureError
from tabsculpt.launch.batches import Batch, Costs
from tabsculpt.launch.cluster_engine import Again, Engine, EngineGoneError, Lost
from tabsculpt.launch.cluster_job import ClusterJob, DatasetFile, EventFile
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import (
    Began,
    Ended,
    JobTask,
    Notice,
    SentAgain,
    StepBegan,
    StepDone,
    Tell,
    give_up,
)
from tabsculpt.launch.queue import JobQueue
from tabsculpt.results import Status

LOOK_EVERY = 1.0
"""Seconds between two looks at what happened, at least."""
FOLDER = "engines"


def run_on_cluster(
    tasks: Sequence[JobTask],
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
        events: what was reported of it.
        left: its tasks that have not ended, by id.
        begun: whether it began any.
        running: the task that it is at; ``at``: the step of it.
    """

    events: EventFile
    left: dict[str, JobTask]
    begun: bool = False
    running: str | None = None
    at: StepBegan | None = None

    def meant(self, lost: Lost) -> list[str]:
        """The tasks that its loss is counted for."""
        names = list(self.left)
        if lost.whole or not self.begun:
            return names
        return [self.running] if self.running else names[:1]


@dataclass
class _ClusterRun:
    """One launch.

    Attributes:
        out: cluster jobs that were sent and are not over.
        kept: whether the engine's files may explain something.
    """

    tasks: Sequence[JobTask]
    tell: Tell
    workers: LocalProcesses
    batch: Batch
    folder: Path
    most: int | None
    out: dict[str, _Out] = field(default_factory=dict)
    kept: bool = False
    _datasets: dict[int, DatasetFile] = field(default_factory=dict)
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
                    self._hear(out)  # what it had still reported
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

    def _pack(self, tasks: Sequence[JobTask]) -> ClusterJob:
        datasets = {task.id: self._dataset(task) for task in tasks}
        within = self.batch.begins_within(self.workers.timeout)
        name = uuid.uuid4().hex[:12]
        packed = ClusterJob.of(name, tasks, datasets, self.workers, within, self.folder)
        self.out[name] = _Out(EventFile(packed.events), {task.id: task for task in tasks})
        return packed

    def _dataset(self, task: JobTask) -> DatasetFile:
        """A task's data set, written once."""
        name = id(task.dataset)
        if name not in self._datasets:
            path = self.folder / f"dataset-{len(self._datasets)}.pkl"
            self._datasets[name] = DatasetFile.write(task.dataset, path)
        return self._datasets[name]

    def _hear(self, out: _Out) -> None:
        """Take what was reported."""
        for name, event in out.events:
            task = out.left.get(name)
            if task is None:
                continue
            if isinstance(event, Ended):
                self._ended(out, task, event)
                continue
            if isinstance(event, Began):
                out.begun, out.running, out.at = True, name, None
            elif isinstance(event, StepBegan):
                out.at = event
            elif isinstance(event, StepDone):
                out.at = None if out.at and out.at.key == event.key else out.at
                self._order.made(event.key)
            self.tell(task, event)

    def _ended(self, out: _Out, task: JobTask, ended: Ended) -> None:
        del out.left[task.id]
        if out.running == task.id:
            out.running = out.at = None
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
        """Give up the tasks that are not tried again; the others stay in ``out.left``.

        One that ended before it began any, as where Python is missing, fails them all alike.
        """
        at = f" in {out.at.label}" if out.at else ""
        meant = [out.left[name] for name in out.meant(lost)]
        again = [task for task in meant if self._tried_again(task, lost)]
        for task in again:
            self.tell(task, SentAgain())
        if again:
            more = f" and {len(again) - 1} more" if len(again) > 1 else ""
            self._pass_on([f"{lost.reason}{at}; sent again: {again[0].title}{more}"])
        for task in meant:
            if task in again:
                continue
            self.kept = True
            times = self._losses[task.id]
            words = f"{lost.reason}{at}{f', {times} times' if times > 1 else ''}"
            phase = out.at.phase if out.at else "data"
            self._ended(out, task, give_up(task, lost.status, phase, words))

    def _tried_again(self, task: JobTask, lost: Lost) -> bool:
        """Count a loss, and tell whether the task is sent once more."""
        if lost.again is Again.FREE:
            return True
        self._losses[task.id] += 1
        return lost.again is Again.COUNTED and self._losses[task.id] <= self.workers.retries
