"""What Slurm says of jobs, with or without accounting: ``squeue`` first, ``sacct`` where it can."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

LOOK_EVERY = 10.0
"""Seconds between two questions to Slurm, at least: its controller answers everybody."""
GRACE = 10.0
"""Seconds that the result of a job which is over may take to be seen on this machine."""
WAITING = frozenset(
    {
        *("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING"),
        *("SIGNALING", "STAGE_OUT", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"),
        "SPECIAL_EXIT",
    }
)
"""States of jobs that are not over, see the manual page of squeue."""
UNKNOWN = "Invalid job id specified"
"""What squeue says where it knows none of the jobs: Slurm forgets them minutes after their end."""
FORGOTTEN = "gone from the queue"


@dataclass
class SlurmStates:
    """The states of one launch's jobs, asked for together and seldom.

    Attributes:
        notices: for the person who waits, each shown once.
    """

    notices: list[str] = field(default_factory=list)
    _states: dict[str, str] = field(default_factory=dict)
    _over: dict[str, float] = field(default_factory=dict)
    _looked: float = float("-inf")
    _noticed: set[str] = field(default_factory=set)

    def final(self, job: str, watched: Iterable[str]) -> str | None:
        """The state that a job ended in, with Slurm's reason; None while it may still go on.

        Args:
            job: as ``12`` or, of an array, ``12_3``.
            watched: all jobs that are waited for, itself among them.
        """
        self._look(watched)
        since = self._over.get(job)
        if since is None or time.monotonic() - since < GRACE:
            return None
        if self._states[job] == FORGOTTEN:
            self._states[job] = self._accounted(job) or FORGOTTEN
        return self._states[job]

    def _look(self, watched: Iterable[str]) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY:
            return
        self._looked, jobs = now, list(watched)
        found = self._queue({job.partition("_")[0] for job in jobs})
        if found is None:
            return
        for job in jobs:
            self._states[job] = state = found.get(job, FORGOTTEN)
            if state.partition(" ")[0] in WAITING:
                self._over.pop(job, None)
            else:
                self._over.setdefault(job, now)

    def _queue(self, ids: set[str]) -> dict[str, str] | None:
        """States with their reasons, by job; None where Slurm does not answer."""
        asked = ["squeue", "--noheader", "--array", "--states=all", "--format=%i|%T|%r"]
        done = _ask([*asked, f"--jobs={','.join(sorted(ids))}"])
        if done.returncode and UNKNOWN not in done.stderr:
            why = " ".join(done.stderr.split())[:200]
            self._say(f"squeue does not answer ({why}); the jobs are waited for until it does")
            return None
        self._noticed.discard("squeue")
        found = {}
        for line in done.stdout.splitlines():
            job, state, reason = (part.strip() for part in line.split("|", 2))
            known = reason not in ("", "None", state)
            found[job] = f"{state} ({reason})" if known else state
        return found

    def _accounted(self, job: str) -> str | None:
        """The state of a job that squeue no longer knows, where Slurm keeps accounts."""
        done = _ask(["sacct", "-n", "-X", "-P", "-o", "State", "-j", job])
        if done.returncode:
            self._say(
                "sacct does not answer, as where Slurm keeps no accounts; how a job ended is known "
                "for the minutes that squeue shows it"
            )
            return None
        states = done.stdout.split("\n")[0].split()
        return states[0] if states and states[0] not in WAITING else None

    def _say(self, notice: str) -> None:
        """Once, until the same command answers again."""
        about = notice.partition(" ")[0]
        if about not in self._noticed:
            self._noticed.add(about)
            self.notices.append(notice)


def _ask(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
