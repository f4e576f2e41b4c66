"""What a person sees while jobs run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tabsculpt.engine.progress import Progress as Report
from tabsculpt.engine.progress import listening
from tabsculpt.engine.step import Step


class JobProgress:
    """Counts the steps of the jobs at hand.

    Args:
        console: a terminal gets a bar, anything else a line per computed step.
        jobs: how many jobs there will be.
    """

    def __init__(self, console: Console, jobs: int) -> None:
        self._console = console
        self._jobs = jobs
        self._job = 0
        self._name = ""
        self._expected: set[str] = set()
        self._done: set[str] = set()
        self._begun: dict[str, float] = {}
        self._bar = Progress(
            TextColumn("[bold]{task.fields[job]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", job="", total=None)
        self._label, self._label_begun = "", 0.0
        self._open = ExitStack()

    def __enter__(self) -> JobProgress:
        self._open.enter_context(listening(self._inside))
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        self._open.close()

    def job(self, name: str) -> None:
        """Announce the next job."""
        self._job += 1
        self._name = f"{self._job}/{self._jobs} {name}"
        self._expected, self._done = set(), set()
        self._bar.reset(self._task, total=None, job=self._name, description="split the rows")

    def steps(self, steps: dict[str, Step[Any]]) -> None:
        """Announce the steps of the job."""
        self._expected = set(steps)
        self._update()

    def step(self, step: Step[Any], done: bool) -> None:
        """A step begins, or is at hand."""
        if done:
            self._done.add(step.key)
            self._line(step)
        else:
            self._begun[step.key] = self._label_begun = time.perf_counter()
            self._label = step.label
            self._bar.update(self._task, description=step.label)
        self._update()

    def _inside(self, report: Report) -> None:
        """The step at hand says how far it is."""
        spent = time.perf_counter() - self._label_begun
        left = spent / max(1, report.done) * (report.total - report.done)
        loss = "" if report.loss is None else f", loss {report.loss:.3g}"
        words = f"{self._label} {report.done}/{report.total}{loss}, at most {left:.0f} s left"
        self._bar.update(self._task, description=words)

    def _update(self) -> None:
        if self._expected:
            done = len(self._expected & self._done)
            self._bar.update(self._task, total=len(self._expected), completed=done)

    def _line(self, step: Step[Any]) -> None:
        begun = self._begun.pop(step.key, None)
        if begun is None or not step.stored or self._console.is_terminal:
            return
        seconds = time.perf_counter() - begun
        self._console.print(f"[{self._name}] {step.label}: {seconds:.1f} s", markup=False)
