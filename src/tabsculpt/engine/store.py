"""The store: results under the keys of their steps, trusted only when whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.identity import hashed
from tabsculpt.engine.step import Step
from tabsculpt.engine.writing import error_number, unwritten, writing

T = TypeVar("T")
R = TypeVar("R")
MANIFEST = "manifest.json"
CHECKSUM = "checksum"
"""Name under which a manifest holds the hash of all else that it says."""


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
        size: see `tabsculpt.engine.runner.Runner`; None where nobody said.
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
    size: int | None = None


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
        return self.place(type(step).__name__, step.key)

    def place(self, kind: str, key: str) -> Path:
        """Where the result of a step lies, or would lie, that is named by its class and key."""
        return self.root / kind / key[:2] / key

    def load(self, key: str, read: Callable[[Path], R]) -> R:
        """A result by its key alone, for those who have rows and no steps; it is not verified.

        Args:
            key: of the step, as result rows name it.
            read: reads the folder of the result.

        Raises:
            FileNotFoundError: there is none.
        """
        for kind in self.root.iterdir():
            if (folder := self.place(kind.name, key)).exists():
                return read(folder)
        raise FileNotFoundError(f"no result {key} in {self.root}")

    def record(self, step: Step[Any]) -> Record | None:
        """The record of a stored step, None where it is not as written; the result is not read."""
        try:
            record = read_manifest(self.folder(step))
        except (OSError, ValueError):
            return None
        return record if (record.key, record.step) == (step.key, type(step).__name__) else None

    def holds(self, step: Step[Any]) -> bool:
        """Whether there is a result of a step, whole or not."""
        return (self.folder(step) / MANIFEST).exists()

    def inventory(self) -> Callable[[Step[Any]], bool]:
        """`holds` as of now, for many steps: each folder is listed once."""
        root = os.fspath(self.root)

        @cache
        def listed(prefix: str) -> frozenset[str]:
            with suppress(FileNotFoundError):
                return frozenset(path.name for path in Path(prefix).iterdir())
            return frozenset()

        def holds(step: Step[Any]) -> bool:
            key = step.key
            prefix = f"{root}/{type(step).__name__}/{key[:2]}"
            return key in listed(prefix) and Path(prefix, key, MANIFEST).exists()

        return holds

    def remove(self, kind: str, key: str) -> None:
        """Forget the result of a step, named by its class and key, if there is one."""
        self.discard(self.place(kind, key))

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
        except OSError:
            pass  # it lies there and cannot be read: as good as damaged
        self.discard(folder)
        return None

    def write(self, step: Step[T], result: T, record: Record) -> None:
        """Store a result; where another process was first, its copy stays.

        Raises:
            WriteError: the system refused to write it.
        """
        folder = self.folder(step)
        draft = self.root / "drafts" / f"{step.key}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            with writing(folder):
                draft.mkdir(parents=True)
            _write_result(step, result, draft, folder)
            with writing(folder):
                write_manifest(replace(record, files=checksums(draft)), draft)
                _make(folder.parent)
                try:
                    draft.rename(folder)
                except OSError:
                    if not folder.exists():
                        raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def lock(self, step: Step[Any]) -> Iterator[None]:
        """Let one process at a time compute a step; the system frees it when the process ends.

        Raises:
            WriteError: the system refused to make the file of the lock.
        """
        path = self.root / "locks" / f"{step.key}.lock"
        lock = FileLock(path)
        with writing(path):
            _make(path.parent)
            lock.acquire()
        try:
            yield
            # Removed only once the result is there: whoever still waits on the removed file,
            # or makes a new one, looks into the store first and finds it.
            with suppress(OSError):  # a file without a lock that stays does no harm
                path.unlink(missing_ok=True)
        finally:
            lock.release()

    def discard(self, folder: Path) -> None:
        """Throw away the folder of a result, in one operation for whoever looks.

        Raises:
            WriteError: the system refused.
        """
        grave = self.root / "drafts" / f"damaged-{folder.name}-{uuid.uuid4().hex[:8]}"
        with writing(folder):
            grave.parent.mkdir(parents=True, exist_ok=True)
            try:
                folder.rename(grave)
            except FileNotFoundError:
                return
        shutil.rmtree(grave, ignore_errors=True)


def write_manifest(record: Record, folder: Path) -> None:
    """Write what is known of a result, with a checksum of its own."""
    fields = vars(record)
    write_json({**fields, CHECKSUM: hashed(fields)}, folder / MANIFEST)


def read_manifest(folder: Path) -> Record:
    """The inverse of `write_manifest`.

    Raises:
        OSError: there is none, or it cannot be read.
        ValueError: it is not as it was written; one line says so.
    """
    try:
        fields = read_json(folder / MANIFEST)
        checksum = fields.pop(CHECKSUM, None)
        same = checksum == hashed(fields)
    except (ValueError, TypeError, AttributeError):
        raise ValueError("its manifest cannot be read") from None
    if checksum is None:
        raise ValueError("its manifest has no checksum, as those of earlier versions")
    if not same:
        raise ValueError("its manifest is not as it was written")
    return Record(**fields)


def _write_result(step: Step[T], result: T, draft: Path, folder: Path) -> None:
    """Have a step write its result; a file or folder that it itself forgot is its own fault."""
    try:
        step.write(result, draft)
    except FileNotFoundError:
        raise
    except Exception as error:
        if (number := error_number(error)) is None:
            raise
        raise unwritten(folder, number, os.strerror(number)) from error


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
