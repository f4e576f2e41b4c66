"""Upkeep of the store: what lies there, whether it is whole, and what nothing refers to."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tabsculpt.engine.store import MANIFEST, Store, checksums, read_manifest

NO_KINDS = ("drafts", "locks")
KEPT_AS = (".parquet", ".json", ".npz", ".safetensors")
"""What results are kept as; nothing else belongs into the store."""
DRAFT_SECONDS = 86400.0
"""Age from which a draft is taken for one whose process was killed."""


@dataclass(frozen=True)
class Entry:
    """A result in the store.

    Attributes:
        kind: class of its step, and name of the folder it lies in.
        key: of its step, and name of its own folder.
        folder: where it lies.
    """

    kind: str
    key: str
    folder: Path

    def size(self) -> int:
        """Bytes of its files."""
        with suppress(FileNotFoundError):  # removed meanwhile
            return sum(f.stat().st_size for f in self.folder.rglob("*") if f.is_file())
        return 0

    def made(self) -> float:
        """When it was written, in seconds since 1970."""
        with suppress(FileNotFoundError):
            return (self.folder / MANIFEST).stat().st_mtime
        return 0.0


@dataclass(frozen=True)
class Use:
    """What the results of a kind of step take: entries, bytes, and CPU seconds to make them."""

    kind: str
    entries: int
    bytes: int
    cpu_seconds: float


@dataclass(frozen=True)
class Pruned:
    """What a pruning took away, or would: ``left`` bytes stay, ``referred`` of them for results."""

    entries: list[Entry]
    bytes: int
    drafts: int
    left: int
    referred: int


def entries(store: Path) -> Iterator[Entry]:
    """Every result in a store."""
    for kind in _folders(store):
        if kind.name in NO_KINDS:
            continue
        for prefix in _folders(kind.path):
            for entry in _folders(prefix.path):
                yield Entry(kind.name, entry.name, Path(entry.path))


def usage(store: Path) -> list[Use]:
    """What each kind of step takes, the largest first."""
    found: dict[str, list[tuple[int, float]]] = {}
    for entry in entries(store):
        spent = 0.0
        with suppress(OSError, ValueError):  # damaged: `faults` says so
            spent = read_manifest(entry.folder).cpu_seconds
        found.setdefault(entry.kind, []).append((entry.size(), spent))
    uses = [
        Use(kind, len(known), sum(size for size, _ in known), sum(spent for _, spent in known))
        for kind, known in found.items()
    ]
    return sorted(uses, key=lambda use: -use.bytes)


def faults(store: Path) -> Iterator[tuple[Entry, str]]:
    """The results that are not whole, each with what is wrong; reads every byte of the store."""
    for entry in entries(store):
        if (wrong := fault(entry)) is not None and entry.folder.exists():
            yield entry, wrong


def fault(entry: Entry) -> str | None:
    """What is wrong with a result; None if it is what was written, in its place."""
    try:
        record = read_manifest(entry.folder)
    except FileNotFoundError:
        return "no manifest"
    except OSError as error:
        return f"its manifest cannot be read: {error.strerror}"
    except ValueError as error:
        return str(error)
    here = (entry.kind, entry.folder.parent.name, entry.key)
    if (record.step, record.key[:2], record.key) != here:
        return f"it is the result of another step, {record.step} {record.key}"
    try:
        found = checksums(entry.folder)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    for name in sorted(record.files.keys() | found.keys()):
        if name not in found:
            return f"{name} is missing"
        if name not in record.files:
            return f"{name} does not belong there"
        if record.files[name] != found[name]:
            return f"{name} is not as it was written"
    return None


def foreign(entry: Entry) -> str | None:
    """Which files of a whole result are of a kind that the store does not keep, and who wrote them.

    Returns:
        One line; None where there are none, or the result is not whole.
    """
    try:
        record = read_manifest(entry.folder)
    except (OSError, ValueError):
        return None
    names = sorted(name for name in record.files if not name.endswith(KEPT_AS))
    if not names:
        return None
    writers = [part["is"] for part in record.description.values() if _is_component(part)]
    by = " and ".join(writers) or record.step
    return (
        f"{', '.join(names)} was written by {by}: whole, but expected {', '.join(KEPT_AS)}, "
        "which cannot execute anything when they are read"
    )


def _is_component(described: Any) -> bool:
    return isinstance(described, dict) and "is" in described


def references(outputs: Path) -> set[str]:
    """Keys of the steps that the finished jobs of an output folder rest on.

    A job's record names them all; one of an earlier version names none, and then those count
    that its rows name, which are those that the report reads.
    """
    import json

    import pyarrow.parquet as pq

    found: set[str] = set()
    for path in (outputs / "results").glob("*.parquet"):
        named = _column(pq, outputs / "jobs" / path.name, "steps")
        if named:
            found.update(*(json.loads(text) for text in named))
        else:
            rows = _column(pq, path, "keys")
            found.update(*(json.loads(text).values() for text in set(rows)))
    return found


def prune(
    outputs: Path, older_than: float | None, most_bytes: float | None, dry_run: bool
) -> Pruned:
    """Take away results of steps that no finished job rests on.

    A step that is being computed stays, and so does what a finished job rests on, whatever its
    size.

    Args:
        outputs: the folder with store and results.
        older_than: seconds; all that are older go.
        most_bytes: of the store; the oldest go until it is no larger.
        dry_run: only say what would go.
    """
    root = outputs / "store"
    referred = references(outputs)
    free, total, held = [], 0, 0
    for entry in entries(root):
        size = entry.size() if most_bytes is not None or entry.key not in referred else 0
        total += size
        if entry.key in referred:
            held += size
        else:
            free.append((entry.made(), size, entry))
    free.sort(key=lambda item: item[0])
    gone, freed, store = [], 0, Store(root)
    for made, size, entry in free:
        old = older_than is not None and time.time() - made >= older_than
        large = most_bytes is not None and total - freed > most_bytes
        if not (old or large) or _at_work(root, entry.key):
            continue
        if not dry_run:
            store.remove(entry.kind, entry.key)
        gone.append(entry)
        freed += size
    return Pruned(gone, freed, _sweep_drafts(root, dry_run), total - freed, held)


def _folders(path: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return [entry for entry in found if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _column(pq: Any, path: Path, name: str) -> list[str]:
    """The values of a column of text; none where the file or the column is not there."""
    try:
        if name not in pq.read_schema(path).names:
            return []
        values: list[str | None] = pq.read_table(path, columns=[name], partitioning=None)[
            name
        ].to_pylist()
    except OSError:
        return []
    return [value for value in values if value]


def _at_work(root: Path, key: str) -> bool:
    """Whether some process computes a step now."""
    path = root / "locks" / f"{key}.lock"
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


def _sweep_drafts(root: Path, dry_run: bool) -> int:
    """Take away what processes that were killed had begun to write; how many there were."""
    count, remove = 0, _nothing if dry_run else shutil.rmtree
    for draft in _folders(root / "drafts"):
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > DRAFT_SECONDS:
                remove(draft.path)
                count += 1
    return count


def _nothing(_path: str) -> None:
    pass
