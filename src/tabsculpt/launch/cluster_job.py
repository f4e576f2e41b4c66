"""Tasks that another machine does: what they are sent as, and how what happens comes back."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.engine.fingerprints import (
    FINGERPRINTS,
    VERSIONS,
    code_fingerprint,
    library_version,
)
from tabsculpt.engine.progress import Progress
from tabsculpt.engine.writing import writing
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Began, Ended, Event, JobTask, StepBegan, StepDone
from tabsculpt.results import Status

SIGNALLED_WITHIN = 2.0
"""Seconds in which a signal reaches all processes of a job that its cluster ends."""
EVENTS = {cls.__name__: cls for cls in (Began, StepBegan, StepDone, Progress, Ended)}


@dataclass(frozen=True)
class DatasetFile:
    """A data set for the machines of a cluster, in a folder that others may write to as well.

    It is pickled, as classes of the user's own may be in it. What is opened must be what was
    written: the sum travels with the job.

    Attributes:
        path: of the file.
        sum: SHA-256 of its bytes.
    """

    path: Path
    sum: str

    @classmethod
    def write(cls, dataset: Dataset, path: Path) -> DatasetFile:
        """Write a data set as a whole file."""
        content = pickle.dumps(dataset)
        with writing(path):
            path.write_bytes(content)
        return cls(path, hashlib.sha256(content).hexdigest())

    def read(self) -> Dataset:
        """The data set.

        Raises:
            ValueError: the file is not the one that was written; it is not opened.
        """
        content = self.path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sum:
            raise ValueError(f"{self.path} was changed after it was written: run the sweep again")
        found: Dataset = pickle.loads(content)
        return found


@dataclass(frozen=True)
class ClusterJob:
    """Tasks on their way. Called where they are to be done, it does one after the other there.

    Each gets a process of its own, forked from one that has the imports done. Started anew, as by
    Slurm after a preemption, it goes on with the tasks that had not ended.

    Attributes:
        name: tells it from others of the launch.
        folder: reached by all machines; has the data sets, and gets what happens.
        paths: where modules are looked for, so that classes of the user's own are found.
        here: the working directory, from which relative paths are meant.
        packed: the tasks with the files of their data sets, the launcher that holds them in check,
            and the seconds after which none is begun; pickled, as it can be read only once modules
            are found. The cluster's own carrier brings it, which pickles too.
        code: modules whose fingerprints steps will ask for; ``libraries``: whose versions.
    """

    name: str
    folder: Path
    paths: tuple[str, ...]
    here: Path
    packed: bytes
    code: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        tasks: Sequence[JobTask],
        datasets: Mapping[str, DatasetFile],
        workers: LocalProcesses,
        seconds: float | None,
        folder: Path,
    ) -> ClusterJob:
        """Pack tasks.

        Args:
            name: see `ClusterJob`; ``folder`` likewise.
            tasks: in the order in which they are to be done.
            datasets: those of the tasks, by id of the task.
            workers: does them, one at a time.
            seconds: after which none is begun; None for no limit.
            folder: see `ClusterJob`.
        """
        held = [
            (
                {key: value for key, value in vars(task).items() if key != "dataset"},
                datasets[task.id],
            )
            for task in tasks
        ]
        paths = tuple(str(Path(path).absolute()) for path in sys.path)
        packed = pickle.dumps((held, workers, seconds))
        return cls(name, folder, paths, Path.cwd(), packed, tuple(FINGERPRINTS), tuple(VERSIONS))

    @property
    def events(self) -> Path:
        """Where what happens is written: an event a line."""
        return self.folder / f"{self.name}.jsonl"

    def __call__(self) -> dict[str, Ended]:
        """Do the tasks.

        Returns:
            How they ended, by id; without those that time was too short to begin.

        Raises:
            FileNotFoundError: this machine does not reach the folder.
            ValueError: the file of a data set was changed.
        """
        if not self.folder.is_dir():
            raise FileNotFoundError(
                f"{self.folder} is not there on {socket.gethostname()}: paths.outputs must be a "
                "folder that all machines share"
            )
        sys.path += [path for path in self.paths if path not in sys.path]
        with suppress(OSError):
            os.chdir(self.here)
        held, workers, seconds = pickle.loads(self.packed)
        ended = {task: event for task, event in EventFile(self.events) if isinstance(event, Ended)}
        datasets = {file: file.read() for file in {file for _, file in held}}
        tasks = [JobTask(dataset=datasets[file], **rest) for rest, file in held]
        left = [task for task in tasks if task.id not in ended]
        with self.events.open("a", buffering=1, encoding="utf-8") as file:
            file.write("\n")  # ends a line that an earlier start left unfinished

            def tell(task: JobTask, event: Event) -> None:
                if isinstance(event, Ended) and event.status is Status.FAILED:
                    time.sleep(SIGNALLED_WITHIN)
                file.write(_line(task.id, event))
                if isinstance(event, Ended):
                    ended[task.id] = event

            if left:
                self._look_up()
                with _empty_main(), _ended_by_sigterm():
                    workers.launch(left, tell, seconds)
        return ended

    def _look_up(self) -> None:
        """Read here once what each process would read for itself, of this machine's own files."""
        for module in self.code:
            code_fingerprint(module)
        for library in self.libraries:
            library_version(library)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end this process, which submitit would have ignore it.

    A cluster that preempts or cancels a job signals all its processes: those that do a task have
    not failed of themselves, and nothing is to be told of them, nor begun.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _empty_main() -> Iterator[None]:
    """Show multiprocessing no main module: each process would import that of the engine anew."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@dataclass
class EventFile:
    """Reads the events of a cluster job as they come; ``read`` bytes were taken so far."""

    path: Path
    read: int = field(default=0)

    def __iter__(self) -> Iterator[tuple[str, Event]]:
        """The events that are new, each with the id of its task."""
        try:
            with self.path.open("rb") as file:  # opened anew: network file systems look then
                file.seek(self.read)
                text = file.read()
        except FileNotFoundError:
            return
        whole, _, _ = text.rpartition(b"\n")
        if whole or text.startswith(b"\n"):
            self.read += len(whole) + 1
            for line in whole.splitlines():
                with suppress(ValueError):  # of a process that was killed while it wrote
                    yield _event(line)


def _line(task: str, event: Event) -> str:
    return json.dumps({"task": task, "is": type(event).__name__, **asdict(event)}) + "\n"


def _event(line: bytes) -> tuple[str, Event]:
    fields: dict[str, Any] = json.loads(line)
    task, cls = fields.pop("task"), EVENTS[fields.pop("is")]
    if cls is Ended:
        fields["status"] = Status(fields["status"])
    event: Event = cls(**fields)
    return task, event
