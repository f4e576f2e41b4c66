"""What a person sees while work is done: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table as RichTable
from rich.text import Text

from tabsculpt.engine.progress import listening
from tabsculpt.engine.step import Step
from tabsculpt.launch.messages import Began, Ended, Event, LeftOut, Notice, Titled, step_events
from tabsculpt.launch.status import LEFT_OUT, StateFile, SweepState, duration
from tabsculpt.results import Status

WRITE_EVERY = 1.0
"""Seconds between two writes of the state file."""


class SweepView:
    """Shows a sweep, and keeps its state file.

    Args:
        console: a terminal gets the live view and a line per job that does not end well, anything
            else a line per job.
        state: what is known before the first job starts.
        file: where the state is kept, for `tabsculpt status`; None for what is no sweep.
    """

    def __init__(self, console: Console, state: SweepState, file: StateFile | None) -> None:
        self._console, self._state, self._file = console, state, file
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._writer = threading.Thread(target=self._keep_writing, daemon=True)
        self._live = Live(console=console, get_renderable=self._render, transient=True)

    def __enter__(self) -> SweepView:
        self._write()
        if self._console.is_terminal:
            self._live.start()
        self._writer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()
        self._over.set()
        self._writer.join()
        self._state.state = "finished" if kind is None else "interrupted"
        self._state.running = {}
        self._write()

    def __call__(self, task: Titled, event: Event) -> None:
        """Take in what a launcher tells."""
        at = self._state.running.get(task.id)
        with self._lock:
            self._state.note(task, event)
        if isinstance(event, Notice):
            self._console.print(event.text, markup=False, soft_wrap=True)
        if not isinstance(event, (Ended, LeftOut)):
            return
        status = event.status if isinstance(event, Ended) else LEFT_OUT
        if status != Status.OK or not self._console.is_terminal:
            done = self._state.ended + self._state.cached
            took = f", {time.time() - at.began:.1f} s" if at else ""
            reason = f": {event.reason}" if event.reason else ""
            line = f"[{done}/{self._state.jobs}] {task.title}: {status}{reason}{took}"
            self._console.print(line, markup=False)

    def _keep_writing(self) -> None:
        """A long step makes no events, and the last one before it is to be seen, too."""
        while not self._over.wait(WRITE_EVERY):
            with self._lock:
                self._write()

    def _write(self) -> None:
        if self._file is not None and (wrong := self._file.write(self._state)):
            self._console.print(wrong, markup=False, soft_wrap=True)

    def _render(self) -> RichTable:
        with self._lock:
            return self._lines()

    def _lines(self) -> RichTable:
        state = self._state
        whole = RichTable.grid()
        whole.add_row(ProgressBar(total=state.jobs, completed=state.ended + state.cached, width=40))
        whole.add_row(Text(state.line()))
        jobs = RichTable.grid(padding=(0, 2))
        for justify in ("left", "left", "right"):
            jobs.add_column(justify=justify, no_wrap=True)
        for at in state.running.values():
            spent = duration(time.time() - at.since)
            jobs.add_row(Text(at.title), Text(f"{at.label}{at.inside}"), spent)
        if state.running:
            whole.add_row(jobs)
        return whole


@dataclass(frozen=True)
class Computation:
    """Something that is computed in this process and is no job."""

    id: str
    title: str


@contextmanager
def watching(console: Console, title: str) -> Iterator[Callable[[Step[Any], bool], None]]:
    """Show a computation that is no job as a sweep of one; yields what a `Runner` tells."""
    with SweepView(console, SweepState(1), None) as view:
        tell = partial(view, Computation(title, title))
        tell(Began())
        with listening(tell):
            yield step_events(tell)
