"""Which task goes next, so that shared steps are made once and nobody waits for them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence

from tabsculpt.launch.messages import JobTask


class JobQueue:
    """Tasks that wait, and the steps that running ones are at.

    Args:
        tasks: in the order in which they should run.
        seconds: after which none is begun but the first, and those that are begun anew; None for
            no limit.
    """

    def __init__(self, tasks: Sequence[JobTask], seconds: float | None = None) -> None:
        # of an ordered one the first is found at once, however many were taken before it
        self.waiting = OrderedDict((task.id, task) for task in tasks)
        self._made: set[str] = set()
        self._coming: dict[str, set[str]] = {}
        self._stuck = False  # whether nothing could be taken, and nothing happened since
        self._until = None if seconds is None else time.monotonic() + seconds
        self._begun: set[str] = set()

    def next(self, allowed: Sequence[bool], beside: Collection[str] = ()) -> JobTask | None:
        """Take the task to start now.

        The first that needs no step which a running task will make; where each does, the first
        that at least begins with a step of its own. None where every task would only wait.

        Args:
            allowed: whether a task without, and with, a GPU can start now.
            beside: tasks which were taken to be done one after the other, and this one after them:
                their steps are not waited for.
        """
        if self._until is not None and self._begun and time.monotonic() > self._until:
            for late in self.waiting.keys() - self._begun:
                del self.waiting[late]
        if self._stuck and not beside:
            return None
        others = (steps for task, steps in self._coming.items() if task not in beside)
        coming: set[str] = set().union(*others)
        second = None
        for task in self.waiting.values():
            if not allowed[task.job.device == "cuda"]:
                continue
            if coming.isdisjoint(task.needs):
                return self._take(task)
            if second is None and next(self._needs(task)) not in coming:
                second = task
        self._stuck = second is None and not beside
        return self._take(second) if second is not None else None

    def made(self, step: str) -> None:
        """A step is at hand."""
        self._made.add(step)
        for steps in self._coming.values():
            if step in steps:
                steps.discard(step)
                self._stuck = False

    def is_made(self, step: str) -> bool:
        """Whether a step came to be at hand."""
        return step in self._made

    def over(self, task: JobTask) -> None:
        """A running task ended."""
        self._coming.pop(task.id, None)
        self._stuck = False

    def again(self, task: JobTask) -> None:
        """A running task is to be started anew, before the others."""
        self.over(task)
        self.waiting[task.id] = task
        self.waiting.move_to_end(task.id, last=False)

    def _take(self, task: JobTask) -> JobTask:
        del self.waiting[task.id]
        self._begun.add(task.id)
        self._coming[task.id] = set(self._needs(task))
        return task

    def _needs(self, task: JobTask) -> Iterator[str]:
        return (step for step in task.needs if step not in self._made)
