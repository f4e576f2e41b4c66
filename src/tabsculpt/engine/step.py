"""Steps: computations named by what determines their result."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from tabsculpt.engine.fingerprints import code_fingerprint, library_version
from tabsculpt.engine.modules import PACKAGE
from tabsculpt.engine.remembered import once_each
from tabsculpt.engine.seeds import derive_seed

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., Any])
IS = "is"
SCALAR = (str, int, float, bool, type(None))
as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False).encode
"""JSON as it is hashed; it does not depend on the order of keys."""
LATER = {"later": True}
"""Metadata of a setting that its class got later: at its default it is no part of the identity.

Results that do not depend on it then keep the seeds, and so the values, that they had without it.
"""


class Fetch(Protocol):
    """Hands a step the results of its input steps."""

    def __call__(self, step: Step[T], /) -> T: ...


class Step(ABC, Generic[T]):
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
    def inputs(self) -> tuple[Step[Any], ...]:
        """The input steps, in field order."""
        return tuple(_steps(getattr(self, f.name) for f in fields(self)))  # type: ignore[arg-type]

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that identifies the step, as JSON-ready data; input steps by identity."""
        return _describe(self)

    @cached_property
    def identity(self) -> str:
        """A hash of class, settings, seed and the identities of the inputs; seeds come from it.

        Code and library versions are left out, so that an upgrade does not reshuffle every draw.
        """
        return hashed(self.description)

    @cached_property
    def key(self) -> str:
        """The identity, plus the code and library versions that the result depends on."""
        own = [code_fingerprint(type(self).__module__)]
        for _, value in _identifying(self):
            own += code_behind(value)
        return hashed([self.identity, own, [step.key for step in self.inputs]])

    def parts(self) -> tuple[str, ...]:
        """The components and groups of settings in it, each as `written`."""
        values = (value for _, value in _identifying(self))
        return tuple(written(v) for v in values if is_dataclass(v) and not isinstance(v, Step))

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
        _collect(step, found)
    return found


def _collect(step: Step[Any], found: dict[str, Step[Any]]) -> None:
    if step.key not in found:
        for parent in step.inputs:
            if parent.key not in found:
                _collect(parent, found)
        found[step.key] = step


@cache
def _settings(cls: type[Any]) -> tuple[tuple[str, bool, Any], ...]:
    """Name of each field that identifies, whether it came `LATER`, and its default."""
    return tuple((f.name, f.metadata == LATER, f.default) for f in fields(cls) if f.compare)


def _identifying(instance: Any) -> Iterator[tuple[str, Any]]:
    for name, later, default in _settings(type(instance)):  # type: ignore[arg-type]
        value = getattr(instance, name)
        if not (later and value == default):
            yield name, value


@once_each
def describe(component: Any) -> dict[str, Any]:
    """The class and the identifying settings of a component, as JSON-ready data.

    Worked out once for each instance: the many steps of a sweep share their components.
    """
    return _describe(component)


def _describe(instance: Any) -> dict[str, Any]:
    cls = type(instance)
    settings = {name: _plain(value) for name, value in _identifying(instance)}
    return {IS: class_name(cls), **settings}


@once_each
def written(component: Any) -> str:
    """`describe` as JSON, which tells components apart."""
    return as_json(describe(component))


def class_name(cls: type[Any]) -> str:
    """What a class is called in identities: by its folder in this package, else by its module.

    So a file of the package can be moved within its folder without reshuffling every draw. A test
    holds the names to be distinct.
    """
    package, _, rest = cls.__module__.partition(".")
    place = f"{package}.{rest.partition('.')[0]}" if package == PACKAGE else cls.__module__
    return f"{place}.{cls.__qualname__}"


def _plain(value: Any) -> Any:
    if isinstance(value, SCALAR):
        return value
    if isinstance(value, Step):
        return {"step": value.identity}
    if is_dataclass(value) and not isinstance(value, type):
        return describe(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    raise TypeError(f"a step's setting must be plain data, not {type(value).__name__}")


def _steps(values: Iterable[Any]) -> Iterator[Step[Any]]:
    for value in values:
        if isinstance(value, SCALAR):
            continue
        if isinstance(value, tuple):
            yield from _steps(value)
        elif isinstance(value, Step):
            yield value


def code_behind(value: Any) -> list[str]:
    """Code and library versions of the components in a setting, nested ones too.

    Components are the dataclasses that declare their libraries; each is looked at once.
    """
    if isinstance(value, SCALAR):  # most settings are; asking for a `Step` takes longer
        return []
    if isinstance(value, (tuple, list)):
        return [code for item in value for code in code_behind(item)]
    if isinstance(value, dict):
        return code_behind(list(value.values()))
    if isinstance(value, Step) or not hasattr(type(value), "libraries"):
        return []
    return _code_of(value)


@once_each
def _code_of(component: Any) -> list[str]:
    own = [code_fingerprint(type(component).__module__)]
    own += [f"{name}={library_version(name)}" for name in type(component).libraries]
    return own + code_behind([item for _, item in _identifying(component)])


def hashed(data: Any) -> str:
    """A hash of JSON-ready data that does not depend on the order of keys."""
    return _digest(as_json(data))


def hashed_list(texts: Iterable[str]) -> str:
    """`hashed` of a list whose items are written as JSON already."""
    return _digest(f"[{', '.join(texts)}]")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
