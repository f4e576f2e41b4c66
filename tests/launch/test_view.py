"""What a terminal is shown of a sweep while it runs."""

from __future__ import annotations

import io
import re
import time

from rich.console import Console

from tabsculpt.config.sweep import expand
from tabsculpt.engine.progress import Progress
from tabsculpt.jobs.job import Job
from tabsculpt.launch.display import SweepView
from tabsculpt.launch.messages import Began, Ended, StepBegan
from tabsculpt.launch.status import StateFile, SweepState, read_states
from tabsculpt.launch.work import Loaded, prepare
from tabsculpt.results import Status

ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def wait_for(screen: io.StringIO, text: str) -> None:
    until = time.monotonic() + 30
    while text not in ANSI.sub("", screen.getvalue()):
        assert time.monotonic() < until, f"{text!r} is not shown"
        time.sleep(0.05)


def test_a_terminal_shows_counts_what_each_job_is_at_and_who_failed(outputs):
    composed = expand(["generator=bootstrap,marginal", "pipeline=traditional"])
    first, second = prepare([Job.of(one) for one in composed], Loaded()).tasks
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, color_system="standard", width=90)
    state, file = SweepState(2), StateFile(outputs / "sweeps")
    with SweepView(console, state, file) as view:
        view(first, Began())
        view(first, StepBegan("key", "fit Bootstrap", "generate"))
        view(first, Progress(3, 10))
        wait_for(screen, "fit Bootstrap 3/10")
        view(second, Began())
        view(second, Ended(Status.FAILED, "ValueError: [no] way"))
        wait_for(screen, "1 failed")
    lines = [line.strip() for line in ANSI.sub("", screen.getvalue()).splitlines()]
    assert "0/2 jobs, 1 running" in lines  # on a line of its own, below the bar
    assert any(len(line) == 40 and set(line) <= set("━╺╸") for line in lines)
    at_work = "sklearn_diabetes bootstrap traditional tstr seed 0 split 0  fit Bootstrap 3/10  0 s"
    assert at_work in lines
    assert any(line.startswith("1/2 jobs, 1 running, 1 failed") for line in lines)
    failed = "[1/2] sklearn_diabetes marginal traditional tstr seed 0 split 0: failed"
    assert any(line.startswith(failed) for line in lines)
    assert max(map(len, lines)) <= 90
    [kept] = read_states(outputs)
    assert kept.bad[0].reason == "ValueError: [no] way"
