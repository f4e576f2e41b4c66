"""Runs jobs through the engine of a sweep, until they or the time are over."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from rich.console import Console

from tabsculpt.jobs.job import Job
from tabsculpt.launch.display import SweepView
from tabsculpt.launch.messages import Event, JobTask, Launcher
from tabsculpt.launch.status import StateFile, SweepState
from tabsculpt.launch.work import Loaded, prepare
from tabsculpt.results import Status, add_experiments


class OutOfTime(BaseException):
    """The time of a batch is over; no failure of a step, so that nothing is recorded of it."""


@dataclass
class Clock:
    """The time that a command may take.

    Attributes:
        budget: seconds of all.
        began: when.
    """

    budget: float
    began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        return time.monotonic() - self.began

    def left(self, share: float = 1.0) -> float:
        """Seconds until a share of the budget is spent."""
        return share * self.budget - self.spent


@dataclass(frozen=True)
class Engine:
    """Gets jobs done.

    Attributes:
        launcher: of a sweep.
        load: gets data sets.
        console: for progress.
    """

    launcher: Launcher
    load: Loaded
    console: Console

    def run(self, jobs: Sequence[Job], seconds: float, what: str) -> dict[str, bool]:
        """Run what is not finished of some jobs of one folder.

        Args:
            jobs: in the order in which they should run.
            what: they are for, in words.
            seconds: after which what still runs is ended, and nothing is written of that; infinite
                for no end.

        Returns:
            The jobs that are finished, by identity, and whether they ended well.
        """
        if not jobs:
            return {}
        outputs = jobs[0].outputs
        batch = prepare(jobs, self.load)
        ended = {name: found.status == Status.OK for name, found in batch.finished.items()}
        before = f", {len(ended)} finished before" if ended else ""
        self.console.print(f"{what}: {len(batch.titles)} jobs{before}{_most(seconds)}")
        if batch.tasks and seconds > 0:
            state = SweepState(len(batch.titles))
            for name, found in batch.finished.items():
                state.add_finished(name, batch.titles[name], found)
            with SweepView(self.console, state, StateFile(outputs / "sweeps")) as view:
                self._launch(batch.tasks, view, seconds, ended)
        for name, labels in batch.experiments.items():
            if name in ended:
                add_experiments(outputs / "results", name, labels)
        return ended

    def _launch(
        self, tasks: Sequence[JobTask], view: SweepView, seconds: float, ended: dict[str, bool]
    ) -> None:
        until = time.monotonic() + seconds

        def tell(task: JobTask, event: Event) -> None:
            view(task, event)
            status = getattr(event, "status", None)
            if status is not None:
                ended[task.id] = status == Status.OK
            if time.monotonic() > until:
                raise OutOfTime

        try:
            with _alarm(seconds):
                self.launcher.launch(tasks, tell)
        except OutOfTime:
            self.console.print("the time for this is over; what was finished is kept")


def _most(seconds: float) -> str:
    if math.isinf(seconds):
        return ""
    return f", {seconds:.0f} s at most" if seconds > 0 else ", no time is left for it"


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the main thread after so many seconds, whatever it waits for."""
    if math.isinf(seconds) or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> Any:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
