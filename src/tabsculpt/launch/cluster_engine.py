"""What runs cluster jobs, and what it says became of them: the interface of Slurm and of Ray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from tabsculpt.launch.cluster_job import ClusterJob
from tabsculpt.launch.messages import Ended
from tabsculpt.results import Status


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
        """What whoever waits should know; they are taken out when shown."""
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
