"""The process of one job: cut off from the others, and gone when whoever started it is gone."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tabsculpt.engine.fingerprints import FINGERPRINTS, VERSIONS
from tabsculpt.engine.progress import Progress
from tabsculpt.engine.writing import WriteError, writing
from tabsculpt.launch.messages import Event, JobTask, work

REPORT_EVERY = 0.5
"""Seconds between two reports from inside a step."""


@dataclass(frozen=True)
class Crashed:
    """The job raised outside its steps; the traceback is in the log."""

    reason: str


def main(
    connection: Connection,
    task: JobTask,
    environment: Mapping[str, str],
    scratch: Path,
    fingerprints: Mapping[str, str],
    versions: Mapping[str, str],
) -> None:
    """Do a task, tell of it through the connection, and wait to be ended with all children.

    Args:
        connection: to the parent, whose end is the end of this process.
        task: what is to be done.
        environment: of the parent, with what is meant for this process alone.
        scratch: a folder for temporary files, which the parent removes.
        fingerprints: of code, which the parent has read.
        versions: of libraries, which the parent has looked up.
    """
    os.setsid()  # one group with all its children, and out of reach of the terminal's Ctrl-C
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = str(scratch)
    FINGERPRINTS.update(fingerprints)
    VERSIONS.update(versions)
    _be_first_to_go()
    try:
        _print_to(task.log)
        work(task, _Messenger(connection))
    except WriteError as error:
        connection.send(error)
    except Exception as error:
        logging.getLogger("tabsculpt").exception("the job failed outside its steps")
        connection.send(Crashed(f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]))
    with suppress(OSError):  # of the log, on a disk that is full
        sys.stdout.flush()
        sys.stderr.flush()
    while True:
        signal.pause()


class _Messenger:
    """Sends events to the parent; reports from inside a step only now and then."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reported = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress):
            now = time.monotonic()
            if now - self._reported < REPORT_EVERY:
                return
            self._reported = now
        self._connection.send(event)


def _end_with_parent(connection: Connection) -> None:
    """Wait for the parent's end of the connection to close, then end the whole group."""
    with suppress(EOFError, OSError):
        connection.recv()
    os.killpg(0, signal.SIGKILL)


def _be_first_to_go() -> None:
    """Where memory runs out, Linux is to end this process and not the sweep."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")


def _print_to(log: Path) -> None:
    """Send what this process and its children print to a file, tracebacks of steps included."""
    with writing(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("wb", buffering=0)
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    faulthandler.enable()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("tabsculpt").setLevel(logging.INFO)
