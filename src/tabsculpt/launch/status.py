"""How far a sweep is, in a file that another shell can read while it runs."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tabsculpt.engine.progress import Progress
from tabsculpt.engine.writing import WriteError, replacing
from tabsculpt.errors import unknown
from tabsculpt.jobs.completion import Finished
from tabsculpt.launch.messages import (
    Began,
    Ended,
    Event,
    LeftOut,
    SentAgain,
    StepBegan,
    StepDone,
    Titled,
)
from tabsculpt.results import Status

KEPT = 50
"""Files of sweeps that are kept."""
LEFT_OUT = "left out"
"""How a job ended of which nothing was written."""
SILENT = 60.0
"""Seconds without a word after which a sweep is taken for dead."""


@dataclass
class AtWork:
    """A job that is running: what it is at, and since when (seconds since 1970)."""

    title: str
    began: float
    label: str = "start"
    since: float = 0.0
    inside: str = ""


@dataclass
class Bad:
    """A job that did not end well."""

    job: str
    title: str
    status: str
    reason: str | None


@dataclass
class SweepState:
    """A sweep in progress, or as it ended.

    Attributes:
        started, updated: seconds since 1970.
        jobs: distinct ones; ``cached``: those that were finished before.
        counts: jobs that ended now, by status; those left out are among them.
        running: by id.
        bad: those that did not end well, now or before.
        cpu_seconds: of the jobs that ended now; the time taken of those that were ended.
        state: running, finished or interrupted.
        pid, host: of the process that launches.
        experiments: under which its jobs were asked for.
    """

    jobs: int
    cached: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    running: dict[str, AtWork] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    cpu_seconds: float = 0.0
    state: str = "running"
    started: float = field(default_factory=time.time)
    updated: float = 0.0
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=socket.gethostname)
    experiments: list[str] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """Jobs that ended now."""
        return sum(self.counts.values())

    def left(self) -> float | None:
        """Seconds until the end at the present rate; None before the first job ended."""
        if not self.ended:
            return None
        spent = (self.updated or time.time()) - self.started
        return spent / self.ended * (self.jobs - self.cached - self.ended)

    def add_finished(self, job: str, title: str, found: Finished) -> None:
        """A job was finished before."""
        self.cached += 1
        if found.status != Status.OK:
            self.bad.append(Bad(job, title, found.status, found.reason))

    def note(self, task: Titled, event: Event) -> None:
        """Take in what a launcher tells."""
        now = time.time()
        match event:
            case Began():
                self.running[task.id] = AtWork(task.title, now, since=now)
            case StepBegan():
                at = self.running.setdefault(task.id, AtWork(task.title, now))
                at.label, at.since, at.inside = event.label, now, ""
            case Progress():
                self.running[task.id].inside = f" {event.done}/{event.total}"
            case StepDone():
                self.running[task.id].inside = ""
            case SentAgain():
                self.running.pop(task.id, None)
            case Ended():
                self._over(task, event.status, event.cpu_seconds)
                if event.status != Status.OK:
                    self.bad.append(Bad(task.id, task.title, event.status, event.reason))
            case LeftOut():
                self._over(task, LEFT_OUT, 0.0)

    def _over(self, task: Titled, how: str, cpu_seconds: float) -> None:
        was = self.running.pop(task.id, None)
        self.cpu_seconds += cpu_seconds or (time.time() - was.began if was else 0.0)
        self.counts[how] = self.counts.get(how, 0) + 1

    def line(self) -> str:
        """Counts, rate and time left."""
        done = self.ended + self.cached
        parts = [f"{done}/{self.jobs} jobs", f"{len(self.running)} running"]
        parts += [f"{self.cached} finished before"] if self.cached else []
        parts += [f"{n} {status}" for status, n in sorted(self.counts.items())]
        left = self.left()
        if left is not None and self.state == "running" and done < self.jobs:
            rate = 60 * self.ended / max(1e-9, (self.updated or time.time()) - self.started)
            parts += [f"{rate:.3g} a minute", f"about {duration(left)} left"]
        return ", ".join(parts)


class StateFile:
    """Writes a sweep's state to ``<outputs>/sweeps``, whole each time.

    A sweep goes on without: where results cannot be written either, they end it.
    """

    def __init__(self, folder: Path) -> None:
        for path in sorted(folder.glob("*.json"))[:-KEPT]:
            with suppress(OSError):
                path.unlink()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        self._path = folder / f"{stamp}-{uuid.uuid4().hex[:6]}.json"
        self._wrong = False

    def write(self, state: SweepState) -> str | None:
        """Write it; tells why it cannot be written, the first time."""
        state.updated = time.time()
        text = json.dumps(asdict(state), ensure_ascii=False)
        try:
            with replacing(self._path) as draft:
                draft.write_text(text, encoding="utf-8")
        except WriteError as error:
            warned, self._wrong = self._wrong, True
            words = f"{self._path} cannot be written ({error.why})"
            return None if warned else f"`tabsculpt status` does not show this sweep: {words}"
        return None


def read_states(outputs: Path) -> Iterator[SweepState]:
    """The states of the sweeps of an output folder, latest first."""
    for path in sorted((outputs / "sweeps").glob("*.json"), reverse=True):
        try:
            known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            state = SweepState(**known)
            state.running = {key: AtWork(**at) for key, at in known["running"].items()}
            state.bad = [Bad(**bad) for bad in known["bad"]]
        except (OSError, ValueError, TypeError):
            continue  # removed meanwhile, or of another version
        yield state


def sweeps_to_show(outputs: Path, experiments: Sequence[str] = ()) -> list[SweepState]:
    """The sweeps that are running, or the last one.

    Args:
        outputs: the output folder.
        experiments: keep the sweeps that ran one of these; none for all.

    Raises:
        UserError: no sweep ran such an experiment.
    """
    states = list(read_states(outputs))
    known = {name for state in states for name in state.experiments}
    for name in experiments:
        if name not in known:
            raise unknown(f"experiment of the sweeps in {outputs}", name, known)
    if experiments:
        states = [state for state in states if not set(experiments).isdisjoint(state.experiments)]
    return [state for state in states if _state(state) == "running"] or states[:1]


def show_status(states: Sequence[SweepState], outputs: Path, console: Console) -> None:
    """Print sweeps; of an output folder without any, that."""
    if not states:
        console.print(f"no sweep yet in {outputs}", markup=False)
    for state in states:
        when = datetime.fromtimestamp(state.started).strftime("%Y-%m-%d %H:%M:%S")
        console.print(f"sweep of {when}, {_state(state)}: {state.line()}", soft_wrap=True)
        for at in state.running.values() if _state(state) == "running" else ():
            words = f"  {at.title}: {at.label}{at.inside}, {duration(time.time() - at.since)}"
            console.print(escape(words), soft_wrap=True)
        for bad in state.bad:
            line = f"  [red]{bad.status}[/] {escape(bad.title)}: {escape(str(bad.reason))}"
            console.print(line, soft_wrap=True)


def status_record(state: SweepState) -> dict[str, Any]:
    """A sweep as it is now, checked against its process, with the seconds that are left."""
    now = _state(state)
    left = state.left() if now == "running" else None
    return {**asdict(state), "state": now, "ended": state.ended, "seconds_left": left}


def running(outputs: Path) -> bool:
    """Whether some sweep is running, on this machine or another: it writes every second."""
    return any(
        _state(state) == "running" and time.time() - state.updated < SILENT
        for state in read_states(outputs)
    )


def _state(state: SweepState) -> str:
    """What a state says, checked against the process that wrote it."""
    import psutil

    here = state.host == socket.gethostname()
    if state.state == "running" and here and not psutil.pid_exists(state.pid):
        return "killed (the same command goes on)"
    return state.state


def duration(seconds: float) -> str:
    """Seconds in words: 12 s, 3 min, 4.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
