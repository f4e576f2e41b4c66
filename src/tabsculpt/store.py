"""The store: results under the keys of their steps, trusted only when whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from tabsculpt.artifacts import read_json, write_json
from tabsculpt.step import Step

T = TypeVar("T")
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Record:
    """What is known of one computed step beside its result.

    Attributes:
        key: the step's key.
        step: class name of the step.
        phase: the step's phase.
        description: the step's settings.
        inputs: keys of the input steps.
        seconds: wall clock of the computation alone, inputs excluded.
        cpu_seconds: CPU time of this process in the meantime.
        peak_mb: highest resident memory of the process while it ran, in MB.
        ended: ISO time, UTC.
        files: checksum (BLAKE2b) by file name.
    """

    key: str
    step: str
    phase: str
    description: dict[str, Any]
    inputs: list[str]
    seconds: float
    cpu_seconds: float
    peak_mb: float
    ended: str
    files: dict[str, str] = field(default_factory=dict)


class Store:
    """A folder of results, safe for many processes and for being killed at any moment.

    A result is written to a folder of its own, its manifest with the checksums last, and the
    folder is renamed to its final name in one operation. What is damaged is thrown away and
    counts as absent.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, step: Step[Any]) -> Path:
        """Where the result of a step lies, or would lie."""
        return self.root / type(step).__name__ / step.key[:2] / step.key

    def record(self, step: Step[Any]) -> Record | None:
        """The record of a stored step, or None; does not check the result."""
        try:
            return Record(**read_json(self.folder(step) / MANIFEST))
        except (OSError, ValueError, TypeError):
            return None

    def holds(self, step: Step[Any]) -> bool:
        """Whether there is a result of a step, whole or not."""
        return (self.folder(step) / MANIFEST).exists()

    def remove(self, kind: str, key: str) -> None:
        """Forget the result of a step, named by its class and key, if there is one."""
        self.discard(self.root / kind / key[:2] / key)

    def read(self, step: Step[T]) -> tuple[T, Record] | None:
        """The result of a step if it is there and whole; a damaged one is removed.

        Returns:
            The result and its record, or None.
        """
        folder = self.folder(step)
        if not folder.exists():
            return None
        record = self.record(step)
        try:
            if record is not None and checksums(folder) == record.files:
                return step.read(folder), record
        except FileNotFoundError:  # another process removed it between the two looks
            return None
        self.discard(folder)
        return None

    def write(self, step: Step[T], result: T, record: Record) -> None:
        """Store a result; where another process was first, its copy stays."""
        folder = self.folder(step)
        draft = self.root / "drafts" / f"{step.key}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        draft.mkdir(parents=True)
        try:
            step.write(result, draft)
            write_json({**vars(record), "files": checksums(draft)}, draft / MANIFEST)
            _make(folder.parent)
            try:
                draft.rename(folder)
            except OSError:
                if not folder.exists():
                    raise
        finally:
            if draft.exists():
                shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def lock(self, step: Step[Any]) -> Iterator[None]:
        """Let one process at a time compute a step; the system frees it when the process ends."""
        path = self.root / "locks" / f"{step.key}.lock"
        _make(path.parent)
        with FileLock(path):
            yield
            # Removed only once the result is there: whoever still waits on the removed file,
            # or makes a new one, looks into the store first and finds it.
            path.unlink(missing_ok=True)

    def discard(self, folder: Path) -> None:
        """Throw away the folder of a result, in one operation for whoever looks."""
        grave = self.root / "drafts" / f"damaged-{folder.name}-{uuid.uuid4().hex[:8]}"
        grave.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(grave)
        except FileNotFoundError:
            return
        shutil.rmtree(grave, ignore_errors=True)


def _make(folder: Path) -> None:
    """Make a folder, which is there already almost always: a look is cheaper than a try."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)


def checksums(folder: Path) -> dict[str, str]:
    """The checksum (BLAKE2b) of each file of a result, by name."""
    sums = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
            sums[path.relative_to(folder).as_posix()] = digest
    return sums
