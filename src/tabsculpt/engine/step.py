"""Steps: computations named by what determines their result."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from tabsculpt.engine.fingerprints import code_fingerprint
from tabsculpt.engine.identity import (
    Identified,
    Sort,
    as_object,
    class_text,
    code_behind,
    digest,
    setting_text,
    settings_of,
    sort_of,
    text_of,
)
from tabsculpt.engine.seeds import derive_seed

T = TypeVar("T")
_SCALAR, _STEP = Sort.SCALAR, Sort.STEP
"""Read a million times for a large grid, and members of an enumeration are slow to look up."""


class Fetch(Protocol):
    """Hands a step the results of its input steps."""

    def __call__(self, step: Step[T], /) -> T: ...


class Step(Identified, Generic[T]):
    """A frozen dataclass whose fields are settings, components and input steps.

    A field that does not compare (``field(compare=False)``) cannot change the result and stays
    out of the identity; so does a setting marked `LATER` while it has its default.
    """

    phase: ClassVar[str]
    """Which part of a job it belongs to: data, profile, generate, refine or score."""
    stored: ClassVar[bool] = True
    """False for steps that are quicker to compute again than to read."""
    forgives: ClassVar[tuple[type[Exception], ...]] = ()
    """Failures of input steps that it can do without; asking for such an input raises them."""

    @abstractmethod
    def compute(self, fetch: Fetch) -> T:
        """Compute the result; every random draw comes from `random_seed`."""

    def write(self, result: T, folder: Path) -> None:
        """Write a result into an empty folder: parquet, JSON, npz or safetensors."""
        raise TypeError(f"{type(self).__name__} is not stored")

    def read(self, folder: Path) -> T:
        """The inverse of `write`."""
        raise TypeError(f"{type(self).__name__} is not stored")

    @property
    def label(self) -> str:
        """What the progress display says while it runs."""
        return self.phase

    @cached_property
    def _read(self) -> _Read:
        """What its fields hold, looked at once: grids have a million steps."""
        return _read_fields(self)

    @property
    def inputs(self) -> tuple[Step[Any], ...]:
        """The input steps, in field order."""
        return self._read.inputs

    @property
    def description(self) -> dict[str, Any]:
        """Everything that identifies the step, as JSON-ready data; input steps by identity."""
        described: dict[str, Any] = json.loads(text_of(self))
        return described

    @property
    def identity(self) -> str:
        """A hash of class, settings, seed and the identities of the inputs; seeds come from it.

        Code and library versions are left out, so that an upgrade does not reshuffle every draw.
        """
        return self._read.identity

    @property
    def key(self) -> str:
        """The identity, plus the code and library versions that the result depends on."""
        return self._read.key

    def parts(self) -> tuple[str, ...]:
        """The components and groups of settings in it, each as `written`."""
        return self._read.parts

    @property
    def random_seed(self) -> int:
        """The seed of every draw that this step makes, in [0, 2**31)."""
        return derive_seed(self.identity)

    def ancestry(self) -> dict[str, Step[Any]]:
        """This step and every step that it depends on, by key, inputs before users."""
        return ancestry([self])


class StepError(Exception):
    """A step failed; carries the step, and the failure as its cause."""

    def __init__(self, step: Step[Any], cause: BaseException) -> None:
        super().__init__(str(cause))
        self.step = step
        self.cause = cause


def ancestry(steps: Iterable[Step[Any]]) -> dict[str, Step[Any]]:
    """The steps and every step that they depend on, by key, inputs before users."""
    found: dict[str, Step[Any]] = {}
    for step in steps:
        if step.key not in found:
            _collect(step, found)
    return found


def _collect(step: Step[Any], found: dict[str, Step[Any]]) -> None:
    """Add a step that is not there yet, after all that it depends on."""
    for parent in step.inputs:
        if parent.key not in found:
            _collect(parent, found)
    found[step.key] = step


class _Read(NamedTuple):
    """What the fields of a step hold.

    Attributes:
        inputs: see `Step.inputs`.
        identity: see `Step.identity`.
        key: see `Step.key`.
        parts: see `Step.parts`.
    """

    inputs: tuple[Step[Any], ...]
    identity: str
    key: str
    parts: tuple[str, ...]


def _read_fields(step: Step[Any]) -> _Read:
    cls = type(step)
    inputs: list[Step[Any]] = []
    code = [code_fingerprint(cls.__module__)]
    parts: list[str] = []
    texts = [class_text(cls)]
    for setting in settings_of(cls):
        value = getattr(step, setting.name)
        sort = sort_of(type(value))  # type: ignore[arg-type]
        inside = sort is not _SCALAR
        if inside:
            inputs += [value] if sort is _STEP else _steps(value)
        if not setting.compares or (setting.later and value == setting.default):
            continue
        text = setting_text(value)
        texts.append(setting.quoted + text)
        if inside and sort is not _STEP:
            code += code_behind(value)
            if sort is Sort.COMPONENT:
                parts.append(text)
    identity = digest(as_object(texts))
    keys = [parent.key for parent in inputs]
    key = digest("\x1e".join([identity, "\x1f".join(code), "\x1f".join(keys)]))
    return _Read(tuple(inputs), identity, key, tuple(parts))


def _steps(value: Any) -> Iterator[Step[Any]]:
    """The steps in a setting; those in lists are none of its inputs."""
    if isinstance(value, tuple):
        for item in value:
            yield from _steps(item)
    elif sort_of(type(value)) is Sort.STEP:  # type: ignore[arg-type]
        yield value
