"""How many tasks one job of a cluster carries: enough that its start does not matter."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

from tabsculpt.config.amounts import seconds_of
from tabsculpt.errors import UserError
from tabsculpt.launch.messages import JobTask
from tabsculpt.launch.queue import JobQueue

WORTH = 20.0
"""Seconds of work that a cluster job gets at least where there is as much: its start takes some."""
BESIDE_STEPS = 0.3
"""CPU seconds of a task beside its steps: a process is forked, rows are written."""
ENOUGH = 0.999
"""Of a share of the time: sums are rounded."""


@dataclass(frozen=True)
class Batch:
    """What one cluster job carries, as ``10m`` (of work, as estimated) or a number of tasks.

    Attributes:
        seconds: of estimated work, and after which no further task is begun; None where counted.
        tasks: at most; None where judged by time.
    """

    seconds: float | None
    tasks: int | None

    @classmethod
    def read(cls, text: str | int) -> Batch:
        """Read what was typed.

        Raises:
            UserError: it is neither.
        """
        where = "hydra.launcher.batch"
        if re.fullmatch(r"\d+", str(text).strip()):
            if not int(text):
                raise UserError(f"{where} is {text!r}; expected at least one job, or a time as 10m")
            return cls(None, int(text))
        return cls(seconds_of(str(text), where, "a number of jobs, or a time as in 10m"), None)

    def begins_within(self, timeout: float | None) -> float | None:
        """Seconds after which a cluster job begins no further task; None for no limit.

        Args:
            timeout: that one task may take.
        """
        return self.seconds if self.seconds is not None else timeout if self.tasks != 1 else 0.0

    def fill(self, order: JobQueue, cost: Costs, width: int, room: int) -> list[list[JobTask]]:
        """Take the tasks that can be sent now, by cluster job.

        Before anything is known of their cost, they are dealt out evenly over what can run at a
        time; then a cluster job gets its share of the time, at least `WORTH` seconds.

        Args:
            order: where they wait.
            cost: of a task.
            width: cluster jobs that can run at a time.
            room: cluster jobs at most.
        """
        waiting = list(order.waiting.values())
        if self.seconds is not None and not cost.known:
            return _dealt(order, min(width, room), math.ceil(len(waiting) / width))
        most, target = self.tasks or len(waiting), math.inf
        if self.seconds is not None:
            share = cost.together(waiting, order) / width
            target = min(self.seconds, max(WORTH, ENOUGH * share))
        batches: list[list[JobTask]] = []
        while len(batches) < room and (batch := _one(order, cost, most, target)):
            batches.append(batch)
        return batches


class Costs:
    """What tasks may take, in CPU seconds: by their steps, else as those that ended did."""

    def __init__(self, tasks: Collection[JobTask]) -> None:
        self._ended: list[float] = []
        self.known = all(len(t.seconds) == len(t.needs) and None not in t.seconds for t in tasks)

    def ended(self, cpu_seconds: float) -> None:
        """A task ended."""
        self._ended.append(cpu_seconds)
        self.known = True

    def of(self, task: JobTask, order: JobQueue, taken: Collection[str]) -> float:
        """Of one task, without the steps that are made, or ``taken`` by others of its batch."""
        left = [
            seconds
            for step, seconds in zip(task.needs, task.seconds, strict=False)
            if not order.is_made(step) and step not in taken
        ]
        sure = sum(seconds for seconds in left if seconds is not None)
        if None in left or len(task.seconds) < len(task.needs):
            sure = max(sure, sum(self._ended) / len(self._ended) if self._ended else 0.0)
        return sure + BESIDE_STEPS

    def together(self, tasks: Collection[JobTask], order: JobQueue) -> float:
        """Of tasks, the steps that they share counted once."""
        total, taken = 0.0, set[str]()
        for task in tasks:
            total += self.of(task, order, taken)
            taken.update(task.needs)
        return total


def _one(order: JobQueue, cost: Costs, most: int, target: float) -> list[JobTask]:
    """Take the tasks of one cluster job: those that share steps come together."""
    batch: list[JobTask] = []
    steps: set[str] = set()
    seconds = 0.0
    while len(batch) < most and seconds < target:
        task = order.next([True, True], [each.id for each in batch])
        if task is None:
            break
        seconds += cost.of(task, order, steps)
        batch.append(task)
        steps.update(task.needs)
    return batch


def _dealt(order: JobQueue, count: int, most: int) -> list[list[JobTask]]:
    """Deal tasks out in turn, as neighbours take alike; those that share steps come together."""
    batches: list[list[JobTask]] = [[] for _ in range(count)]
    dealt = True
    while dealt:
        dealt = False
        for batch in batches:
            full = len(batch) == most
            task = None if full else order.next([True, True], [each.id for each in batch])
            if task is not None:
                batch.append(task)
                dealt = True
    return [batch for batch in batches if batch]
