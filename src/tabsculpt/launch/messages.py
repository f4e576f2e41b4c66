"""What a launcher is given and what it tells: the interface that every engine implements."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tabsculpt.datasets import Dataset
from tabsculpt.engine.progress import Progress, listening
from tabsculpt.engine.step import Step
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import record_death, run_job
from tabsculpt.results import Status, status_of


def log_file(outputs: Path, job: str) -> Path:
    """Where what a job prints, and the tracebacks of its steps, are kept."""
    return outputs / "logs" / f"{job}.log"


@dataclass(frozen=True)
class JobTask:
    """A job of a batch; it pickles, so that any process on any machine can take it.

    Attributes:
        id: names the files of its results.
        title: for people.
        job: what is to be done.
        dataset: the job's data set, loaded and checked.
        needs: keys of the steps that are not stored yet, inputs before users.
        seconds: CPU time that each of them may take, judged by past ones; None where nothing is
            known, empty where nobody asked.
    """

    id: str
    title: str
    job: Job
    dataset: Dataset
    needs: tuple[str, ...]
    seconds: tuple[float | None, ...] = ()

    @property
    def log(self) -> Path:
        """Where what the job's process prints is kept."""
        return log_file(self.job.outputs, self.id)


class Titled(Protocol):
    """What events are about."""

    @property
    def id(self) -> str:
        """Tells it from others."""
        ...

    @property
    def title(self) -> str:
        """For people."""
        ...


@dataclass(frozen=True)
class Began:
    """A process took up the task."""


@dataclass(frozen=True)
class StepBegan:
    """A step is being computed."""

    key: str
    label: str
    phase: str


@dataclass(frozen=True)
class StepDone:
    """A step is at hand, computed or stored."""

    key: str


@dataclass(frozen=True)
class Ended:
    """The task is over and its rows are written."""

    status: Status
    reason: str | None = None
    cpu_seconds: float = 0.0  # that the process spent on the task, where it lived to say so


@dataclass(frozen=True)
class LeftOut:
    """The task took longer than whoever launches gives to one; nothing is written of it."""

    reason: str


@dataclass(frozen=True)
class SentAgain:
    """What had taken up the task is gone, and it waits anew."""


@dataclass(frozen=True)
class Notice:
    """Something that whoever waits should know; it is not about the one task."""

    text: str


Event = Began | StepBegan | StepDone | Progress | Ended | LeftOut | SentAgain | Notice
Tell = Callable[[JobTask, Event], None]


class Launcher(Protocol):
    """A frozen dataclass of settings, from ``conf/hydra/launcher``, that gets a batch done.

    Another engine (a cluster's scheduler, say) calls `work` for each task in a process of its
    own, and `give_up` for each whose process died.
    """

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """Get every task done, in any order.

        Args:
            tasks: of distinct jobs, none of them finished.
            tell: wants to know what happens, in the process that launches; an `Ended` for every
                task, at the end of it, or a `LeftOut`.
        """
        ...


def work(task: JobTask, tell: Callable[[Event], None]) -> None:
    """Do a task in this process and write its rows; ends with an `Ended`."""
    began = time.process_time()
    tell(Began())
    with listening(tell):
        outcome = run_job(task.job, task.dataset, lambda _layout: None, step_events(tell))
    tell(Ended(*status_of(outcome.rows), time.process_time() - began))


def step_events(tell: Callable[[Event], None]) -> Callable[[Step[Any], bool], None]:
    """What a `Runner` is given, so that its steps are reported as events."""

    def on_step(step: Step[Any], done: bool) -> None:
        if not step.stored:
            return  # half of all steps, and over before anybody could look
        tell(StepDone(step.key) if done else StepBegan(step.key, step.label, step.phase))

    return on_step


def give_up(task: JobTask, status: Status, phase: str, reason: str) -> Ended:
    """Write the rows of a task whose process died; see `record_death`."""
    record_death(task.job, task.dataset, status, phase, reason)
    return Ended(status, reason)
