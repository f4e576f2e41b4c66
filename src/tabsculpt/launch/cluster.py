"""Gets tasks done by an engine: a scheduler that starts processes on machines of its own."""

from __future__ import annotations

import pickle
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tabsculpt.engine.writing import writing
from tabsculpt.launch.cluster_job import ClusterJob, EventFile
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Ended, StepBegan, StepDone, Task, Tell, give_up
from tabsculpt.launch.queue import JobQueue
from tabsculpt.results import Status

LOOK_EVERY = 1.0
"""Seconds between two looks at what happened, at least."""
FOLDER = "engines"


@dataclass(frozen=True)
class Lost:
    """A cluster job is over that did not say so itself: killed, cancelled, its machine gone."""

    status: Status
    reason: str


class Engine(Protocol):
    """Where cluster jobs are run."""

    def submit(self, cluster_jobs: Sequence[ClusterJob]) -> None:
        """Have cluster jobs run, each as soon as there is room."""
        ...

    def outcome(self, task: str) -> Ended | Lost | None:
        """What came of a task's cluster job, None while it waits or runs."""
        ...

    def end(self, tasks: Sequence[str]) -> None:
        """End the cluster jobs of these tasks, which have not ended, and let go of everything."""
        ...


def run_on_cluster(
    tasks: Sequence[Task],
    tell: Tell,
    workers: LocalProcesses,
    open_engine: Callable[[Path], Engine],
    most: int | None = None,
) -> None:
    """Get tasks done.

    A task that would only wait for a step that another one makes is not sent before that step is
    made, so that no machine stands idle. Each job starts its task as the local launcher does
    and so writes its rows itself; those of cluster jobs that are lost are written here.

    Args:
        tasks: see `Launcher.launch`.
        tell: likewise.
        workers: one at a time; what holds a task in check where it is done.
        open_engine: given a folder that all machines reach, for files of the engine.
        most: cluster jobs at a time that are sent and not over; None for no limit.
    """
    folder = tasks[0].job.outputs.absolute() / FOLDER / uuid.uuid4().hex[:12]
    with writing(folder):
        folder.mkdir(parents=True)
    run = _ClusterRun(tasks, tell, workers, folder, most)
    try:
        engine = open_engine(folder)
        try:
            run.through(engine)
        finally:
            engine.end(list(run.out))
    finally:
        if not run.kept:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Out:
    """A task whose cluster job was sent, and what was told of it."""

    task: Task
    told: EventFile
    at: StepBegan | None = None
    ended: Ended | None = None


class _ClusterRun:
    """One launch. ``kept``: whether the engine's files may explain something."""

    def __init__(
        self,
        tasks: Sequence[Task],
        tell: Tell,
        workers: LocalProcesses,
        folder: Path,
        most: int | None,
    ) -> None:
        here = [replace(t, job=replace(t.job, outputs=t.job.outputs.absolute())) for t in tasks]
        self._order, self._tell, self._workers = JobQueue(here), tell, workers
        self._folder, self._most = folder, most
        self._datasets: dict[int, Path] = {}
        self.out: dict[str, _Out] = {}
        self.kept = False

    def through(self, engine: Engine) -> None:
        """Get every task done."""
        while self._order.waiting or self.out:
            if cluster_jobs := self._next():
                engine.submit(cluster_jobs)
            began = time.monotonic()
            for out in list(self.out.values()):
                self._hear(out)
                if (outcome := out.ended or engine.outcome(out.task.id)) is not None:
                    self._over(out, outcome)
            if self.out:  # at most half of the time is spent on looking
                time.sleep(max(LOOK_EVERY, time.monotonic() - began))

    def _next(self) -> list[ClusterJob]:
        """The cluster jobs to send now."""
        cluster_jobs = []
        while self._most is None or len(self.out) < self._most:
            task = self._order.next([True, True])
            if task is None:
                break
            cluster_job = ClusterJob.of(task, self._workers, self._folder, self._dataset(task))
            self.out[task.id] = _Out(task, EventFile(cluster_job.told))
            cluster_jobs.append(cluster_job)
        return cluster_jobs

    def _dataset(self, task: Task) -> Path:
        """The file with a task's data set, written once."""
        name = id(task.dataset)
        if name not in self._datasets:
            path = self._folder / f"dataset-{len(self._datasets)}.pkl"
            with writing(path):
                path.write_bytes(pickle.dumps(task.dataset))
            self._datasets[name] = path
        return self._datasets[name]

    def _hear(self, out: _Out) -> None:
        """Take what was told."""
        for event in out.told:
            if isinstance(event, Ended):
                out.ended = event
                continue
            if isinstance(event, StepBegan):
                out.at = event
            elif isinstance(event, StepDone):
                out.at = None if out.at and out.at.key == event.key else out.at
                self._order.made(event.key)
            self._tell(out.task, event)

    def _over(self, out: _Out, outcome: Ended | Lost) -> None:
        if isinstance(outcome, Lost):
            self._hear(out)  # what it had still told
            phase, doing = (out.at.phase, f" in {out.at.label}") if out.at else ("data", "")
            reason = f"{outcome.reason}{doing}"
            outcome = out.ended or give_up(out.task, outcome.status, phase, reason)
            self.kept = True
        del self.out[out.task.id]
        self._order.over(out.task)
        self._tell(out.task, outcome)
