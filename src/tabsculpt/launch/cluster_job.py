"""A task that another machine does: what it is sent as, and how what happens comes back."""

from __future__ import annotations

import json
import os
import pickle
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.engine.progress import Progress
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Began, Ended, Event, StepBegan, StepDone, Task
from tabsculpt.results import Status

EVENTS = {cls.__name__: cls for cls in (Began, StepBegan, StepDone, Progress, Ended)}


@dataclass(frozen=True)
class ClusterJob:
    """A task on its way. Called where it is to be done, it gets a process of its own there.

    Attributes:
        task: the task's id.
        folder: reached by all machines; has the data sets, and gets what happens.
        dataset: which of them, once for all tasks that share it.
        paths: where modules are looked for, so that classes of the user's own are found.
        here: the working directory, from which relative paths are meant.
        packed: what else the task holds, and the launcher that holds it in check; pickled, as
            it can be read only once modules are found.
    """

    task: str
    folder: Path
    dataset: Path
    paths: tuple[str, ...]
    here: Path
    packed: bytes

    @classmethod
    def of(cls, task: Task, workers: LocalProcesses, folder: Path, dataset: Path) -> ClusterJob:
        """Pack a task."""
        held = {name: value for name, value in vars(task).items() if name != "dataset"}
        paths = tuple(str(Path(path).absolute()) for path in sys.path)
        packed = pickle.dumps((held, workers))
        return cls(task.id, folder, dataset, paths, Path.cwd(), packed)

    @property
    def told(self) -> Path:
        """Where what happens is written: an event a line."""
        return self.folder / f"{self.task}.jsonl"

    def __call__(self) -> Ended:
        """Do the task.

        Raises:
            FileNotFoundError: this machine does not reach the folder.
        """
        if not self.folder.is_dir():
            raise FileNotFoundError(
                f"{self.folder} is not there on {socket.gethostname()}: paths.outputs must be a "
                "folder that all machines share"
            )
        sys.path += [path for path in self.paths if path not in sys.path]
        with suppress(OSError):
            os.chdir(self.here)
        held, workers = pickle.loads(self.packed)
        dataset: Dataset = pickle.loads(self.dataset.read_bytes())
        last: list[Event] = []
        with self.told.open("a", buffering=1, encoding="utf-8") as file:

            def tell(_task: Task, event: Event) -> None:
                file.write(_line(event))
                last[:] = [event]

            workers.launch([Task(dataset=dataset, **held)], tell)
        [ended] = last
        assert isinstance(ended, Ended)
        return ended


@dataclass
class EventFile:
    """Reads the events of a cluster job as they come; ``read`` bytes were taken so far."""

    path: Path
    read: int = field(default=0)

    def __iter__(self) -> Iterator[Event]:
        """The events that are new."""
        try:
            with self.path.open("rb") as file:  # opened anew: network file systems look then
                file.seek(self.read)
                text = file.read()
        except FileNotFoundError:
            return
        whole, _, _ = text.rpartition(b"\n")
        if whole:
            self.read += len(whole) + 1
            yield from map(_event, whole.splitlines())


def _line(event: Event) -> str:
    return json.dumps({"is": type(event).__name__, **asdict(event)}) + "\n"


def _event(line: bytes) -> Event:
    said: dict[str, Any] = json.loads(line)
    cls = EVENTS[said.pop("is")]
    if cls is Ended:
        said["status"] = Status(said["status"])
    event: Event = cls(**said)
    return event
