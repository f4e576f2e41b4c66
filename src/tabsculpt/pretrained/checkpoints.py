"""Checkpoints: the files of weights that a model is read from, one for each of its tasks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from tabsculpt.errors import UserError

ROLES = ("classifier", "regressor")


@dataclass(frozen=True)
class Published:
    """Where the weights of a model are published, and where its package keeps them.

    Attributes:
        name: of the model.
        names: published file names of each of `ROLES`, the one to use first where several lie in
            one folder.
        cached: the file of a name in the package's own cache, which may not be there.
        origin: where to get them, with the licence.
        seconds: CPU seconds of a fit and its predictions on one thread, for numbers of context
            rows, of rows to predict, of columns and of estimators.
    """

    name: str
    names: Mapping[str, tuple[str, ...]]
    cached: Callable[[str], Path | None]
    origin: str
    seconds: Callable[[int, int, int, int], float]


@dataclass(frozen=True)
class Pretrained:
    """A component whose weights are a checkpoint; without them it is refused, none is downloaded.

    Attributes:
        path: a checkpoint, or a folder with checkpoints under their published names; None for the
            cache of the model's package.
        content: a hash of the weights, computed. Results are kept under it, not under the path.
    """

    published: ClassVar[Published]
    extra: ClassVar[str | None] = "foundation"

    path: str | None = field(default=None, compare=False)
    content: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", content(files(self.published, self.path)))

    def check_usable(self) -> None:
        """Refuse where there are no weights; see `tabsculpt.extras.check_component`."""
        self.checkpoint()

    def checkpoint(self, role: str | None = None) -> Path:
        """The checkpoint of a role; of any, where none is named; see `check`."""
        return check(self.published, self.path, role)


def files(model: Published, path: str | None) -> dict[str, Path]:
    """The checkpoint of each role that there is one for.

    Args:
        model: whose.
        path: a checkpoint, a folder of checkpoints under their published names, or None for the
            cache of the model's package.

    Raises:
        UserError: there is no such file or folder.
    """
    if path is None:
        return _first(model, model.cached)
    place = Path(path).expanduser()
    if place.is_dir():
        return _first(model, place.joinpath)
    if not place.is_file():
        raise UserError(
            f"{model.name}: no file {str(place)!r}; expected path to name a checkpoint, or a "
            "folder that has one under its published name"
        )
    return dict.fromkeys(ROLES, place)


def content(found: Mapping[str, Path]) -> str:
    """What results are kept under: hashes of the files' bytes, not their paths; "" for no file."""
    return " ".join(dict.fromkeys(_hash(path) for path in found.values()))


def check(model: Published, path: str | None, role: str | None = None) -> Path:
    """The checkpoint of a role; of any, where none is named.

    Raises:
        UserError: there is none. Nothing is downloaded in its place.
    """
    found = files(model, path)
    chosen = found.get(role) if role else next(iter(found.values()), None)
    if chosen is None:
        where = path or "the cache of its package"
        raise UserError(
            f"{model.name} needs {f'the weights of a {role}' if role else 'its weights'}, and "
            f"{where} has none; nothing is downloaded here: get {model.names[role or ROLES[0]][0]} "
            f"from {model.origin}, and give its place as the setting path; to do without, leave "
            f"{model.name} out"
        )
    return chosen


@contextmanager
def numbers_alone() -> Iterator[None]:
    """Have torch read weights as numbers, whatever was asked of it, and refuse a file with code."""
    asked = {"TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "0"}
    before = {name: os.environ.get(name) for name in asked}
    os.environ.update(asked)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def reading(name: str, path: Path, role: str) -> Iterator[None]:
    """Translate what a library raises on a file that it cannot use, or that would run code.

    Raises:
        UserError: one line with the file.
    """
    import pickle

    from safetensors import SafetensorError

    bad = (
        AssertionError, EOFError, KeyError, RuntimeError, TypeError, ValueError,
        pickle.UnpicklingError, SafetensorError,
    )  # fmt: skip
    try:
        yield
    except bad as error:
        text = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(f"{name}: {str(path)!r} has no weights of a {role}: {text}") from error


def _first(model: Published, place: Callable[[str], Path | None]) -> dict[str, Path]:
    found = {}
    for role, names in model.names.items():
        there = (path for path in map(place, names) if path is not None and path.is_file())
        if (first := next(there, None)) is not None:
            found[role] = first
    return found


def _hash(path: Path) -> str:
    try:
        known = path.stat()
        return _hashed(path, known.st_mtime_ns, known.st_size)
    except OSError as error:
        raise UserError(f"cannot read the weights {str(path)!r} ({error.strerror})") from None


@cache
def _hashed(path: Path, changed: int, size: int) -> str:
    """Worked out once for each state of a file: it may have hundreds of megabytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
