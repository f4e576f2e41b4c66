"""Jobs that take longer than one is given: left out, and tried again when there is more time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tabsculpt.engine.identity import hashed
from tabsculpt.engine.writing import replacing
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Began, Event, JobTask, LeftOut, StepDone, Tell


@dataclass(frozen=True)
class Tried:
    """How far a job came.

    Attributes:
        seconds: that it was given.
        reason: what it was at when they were over.
        needs: hash of the steps that it lacked when it began.
    """

    seconds: float
    reason: str
    needs: str


class TooLong:
    """The jobs of a paper that were left out for the time they take, kept in a file.

    A file and not the results, as what was ended has failed in nothing.

    Args:
        file: where they are kept from one call to the next.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        text = file.read_text(encoding="utf-8") if file.exists() else "{}"
        self.jobs = {name: Tried(**found) for name, found in json.loads(text).items()}
        self._now: set[str] = set()

    def stays_out(self, task: JobTask, seconds: float) -> bool:
        """Whether there is no use in trying a job: it had as much time, and as much was to do.

        Args:
            task: the job.
            seconds: that it would be given.
        """
        found = self.jobs.get(task.id)
        again = found is None or found.seconds < seconds or found.needs != hashed(list(task.needs))
        return task.id in self._now or not again

    def note(self, job: str, tried: Tried) -> None:
        """A job was left out; it stays so for the rest of this call.

        Args:
            job: its id.
            tried: how far it came.
        """
        self._now.add(job)
        self.jobs[job] = tried
        with replacing(self._file) as draft:
            known = {name: asdict(found) for name, found in self.jobs.items()}
            draft.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")


@dataclass(frozen=True)
class Bounded:
    """A launcher that gives each job so much time and leaves out what takes longer.

    Attributes:
        workers: get the jobs done.
        seconds: that one job is given.
        too_long: what is left out.
    """

    workers: LocalProcesses
    seconds: float
    too_long: TooLong

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """See `Launcher.launch`."""
        made: set[str] = set()
        began: dict[str, str] = {}

        def lacks(task: JobTask) -> str:
            return hashed([key for key in task.needs if key not in made])

        def note(task: JobTask, event: Event) -> None:
            match event:
                case StepDone():
                    made.add(event.key)
                case Began():
                    began[task.id] = lacks(task)
                case LeftOut():  # one that was not begun waits for a step of one that was
                    needs = began.get(task.id) or lacks(task)
                    self.too_long.note(task.id, Tried(self.seconds, event.reason, needs))
            tell(task, event)

        self.workers.launch(tasks, note, each=self.seconds)
