"""The launcher that uses this process alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tabsculpt.launch.logs import kept_log
from tabsculpt.launch.messages import JobTask, Tell, work


@dataclass(frozen=True)
class Serial:
    """One job after the other in this process."""

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """See `Launcher.launch`."""
        for task in tasks:
            with kept_log(task.log):
                work(task, partial(tell, task))
