"""What a job's process takes, and how it is ended with all its children."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tabsculpt.config.amounts import bytes_of
from tabsculpt.errors import UserError

if TYPE_CHECKING:
    import psutil


def megabytes(text: str) -> float:
    """Read an amount of memory such as ``4096``, ``500MB`` or ``4GB``.

    Raises:
        UserError: it is none.
    """
    where, expected = "hydra.launcher.memory", "MB as in 4096, or 4GB"
    amount = bytes_of(text, where, expected, bare="MB") / 1e6
    if not amount:
        raise UserError(f"{where} is {text!r}; expected {expected}")
    return amount


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its descendants; empty where it is gone."""
    import psutil

    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def resident_mb(pid: int) -> float:
    """Resident memory of a process and all its descendants, in MB."""
    import psutil

    total = 0.0
    for process in tree(pid):
        with suppress(psutil.Error):
            total += process.memory_info().rss / 1e6
    return total


def oom_kills() -> int:
    """How many processes of this one's control group Linux has ended so far for want of memory.

    The group is that of a container or a Slurm job where these are held in one. 0 where the system
    does not say.
    """
    for file in _accounts():
        with suppress(OSError, ValueError):
            counts = dict(line.split() for line in file.read_text().splitlines())
            return int(counts.get("oom_kill", 0))
    return 0


def _accounts() -> Iterator[Path]:
    """Where a control group may count them, of version 2 or 1; its root as a container sees it."""
    groups, mounted = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
    lines = groups.read_text().splitlines() if groups.exists() else []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            yield mounted / "memory" / path.strip("/") / "memory.oom_control"
            yield mounted / "memory" / "memory.oom_control"
        elif not controllers:
            yield mounted / path.strip("/") / "memory.events"
            yield mounted / "memory.events"


def end(pid: int, alive: bool) -> None:
    """End a process that leads its group, the group, and descendants that left the group.

    Args:
        pid: of the process.
        alive: False where it has ended already: what is left of its group is ended then.
    """
    import psutil

    family = tree(pid) if alive else []
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for process in family:
        with suppress(psutil.Error):
            process.kill()
