"""Steps: computations named by what determines their result."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, cached_property
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

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
        described: dict[str, Any] = json.loads(_text_of(self))
        return described

    @property
    def identity(self) -> str:
        """A hash of class, settings, seed and the identities of the inputs; seeds come from it.

        Code and library versions are left out, so that an upgrade does not reshuffle every draw.
        """
        return self._read.identity

    @cached_property
    def key(self) -> str:
        """The identity, plus the code and library versions that the result depends on."""
        read = self._read
        own = [code_fingerprint(type(self).__module__), *read.code]
        keys = [step.key for step in read.inputs]
        return _digest("\x1e".join([read.identity, "\x1f".join(own), "\x1f".join(keys)]))

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
        _collect(step, found)
    return found


def _collect(step: Step[Any], found: dict[str, Step[Any]]) -> None:
    if step.key not in found:
        for parent in step.inputs:
            if parent.key not in found:
                _collect(parent, found)
        found[step.key] = step


class _Read(NamedTuple):
    """What the fields of a step hold.

    Attributes:
        inputs: see `Step.inputs`.
        identity: see `Step.identity`.
        code: see `code_behind`, of all settings.
        parts: see `Step.parts`.
    """

    inputs: tuple[Step[Any], ...]
    identity: str
    code: tuple[str, ...]
    parts: tuple[str, ...]


def _read_fields(step: Step[Any]) -> _Read:
    inputs: list[Step[Any]] = []
    code: list[str] = []
    parts: list[str] = []
    cls = type(step)
    texts = [_class_text(cls)]
    for setting in _settings(cls):
        value = getattr(step, setting.name)
        sort = _sort(type(value))  # type: ignore[arg-type]
        if sort is _Sort.STEP or sort is _Sort.SEQUENCE:
            inputs += _steps(value)
        if not setting.compares or (setting.later and value == setting.default):
            continue
        text = _text(value)
        texts.append(setting.quoted + text)
        if sort is _Sort.COMPONENT:
            parts.append(text)
        if sort is not _Sort.SCALAR and sort is not _Sort.STEP:
            code += code_behind(value)
    return _Read(tuple(inputs), _digest(_object(texts)), tuple(code), tuple(parts))


class _Setting(NamedTuple):
    """A field of a step or a component.

    Attributes:
        name: its own; ``quoted``: as an object of JSON has it, before its value.
        compares: whether it can change a result.
        later: whether it came `LATER`.
        default: its own.
    """

    name: str
    quoted: str
    compares: bool
    later: bool
    default: Any


@cache
def _settings(cls: type[Any]) -> tuple[_Setting, ...]:
    return tuple(
        _Setting(f.name, f"{as_json(f.name)}: ", f.compare, f.metadata == LATER, f.default)
        for f in fields(cls)
    )


def _identifying(instance: Any) -> Iterator[tuple[_Setting, Any]]:
    for setting in _settings(type(instance)):  # type: ignore[arg-type]
        value = getattr(instance, setting.name)
        if setting.compares and not (setting.later and value == setting.default):
            yield setting, value


@once_each
def describe(component: Any) -> dict[str, Any]:
    """The class and the identifying settings of a component, as JSON-ready data.

    Worked out once for each instance: the many steps of a sweep share their components.
    """
    described: dict[str, Any] = json.loads(written(component))
    return described


@once_each
def written(component: Any) -> str:
    """`describe` as JSON, which tells components apart."""
    return _text_of(component)


def class_name(cls: type[Any]) -> str:
    """What a class is called in identities: by its folder in this package, else by its module.

    So a file of the package can be moved within its folder without reshuffling every draw. A test
    holds the names to be distinct.
    """
    package, _, rest = cls.__module__.partition(".")
    place = f"{package}.{rest.partition('.')[0]}" if package == PACKAGE else cls.__module__
    return f"{place}.{cls.__qualname__}"


@cache
def _class_text(cls: type[Any]) -> str:
    return f"{as_json(IS)}: {as_json(class_name(cls))}"


def _text_of(instance: Any) -> str:
    """A step or a component as JSON: its class and its identifying settings."""
    texts = [setting.quoted + _text(value) for setting, value in _identifying(instance)]
    return _object([_class_text(type(instance)), *texts])  # type: ignore[arg-type]


def _object(texts: list[str]) -> str:
    """An object of JSON, of its members as JSON, as `as_json` writes it.

    Names of fields and the mark after them sort as the names do.
    """
    texts.sort()
    return f"{{{', '.join(texts)}}}"


class _Sort(Enum):
    """What a value of a setting is."""

    SCALAR = "scalar"
    STEP = "step"
    COMPONENT = "component"
    SEQUENCE = "sequence"
    MAPPING = "mapping"
    OTHER = "other"


@cache
def _sort(cls: type[Any]) -> _Sort:
    """What values of a class are; asked of the class, as grids have a million values."""
    if issubclass(cls, SCALAR):
        return _Sort.SCALAR
    if issubclass(cls, Step):
        return _Sort.STEP
    if is_dataclass(cls):
        return _Sort.COMPONENT
    if issubclass(cls, (list, tuple)):
        return _Sort.SEQUENCE
    return _Sort.MAPPING if issubclass(cls, dict) else _Sort.OTHER


def _text(value: Any) -> str:
    """A setting as `as_json` would write it; an input step by its identity."""
    kind = type(value)  # most are of these two; the encoder would take ten times as long
    if kind is int:
        return int.__repr__(value)
    if kind is str:
        return encode_basestring(value)
    sort = _sort(kind)  # type: ignore[arg-type]
    if sort is _Sort.SCALAR:
        return as_json(value)
    if sort is _Sort.STEP:
        return f'{{"step": "{value.identity}"}}'
    if sort is _Sort.COMPONENT:
        return written(value)
    if sort is _Sort.SEQUENCE:
        return f"[{', '.join([_text(item) for item in value])}]"
    if sort is _Sort.MAPPING:
        texts = {str(key): _text(item) for key, item in value.items()}
        return f"{{{', '.join([f'{as_json(name)}: {texts[name]}' for name in sorted(texts)])}}}"
    raise TypeError(f"a step's setting must be plain data, not {type(value).__name__}")


def _steps(value: Any) -> Iterator[Step[Any]]:
    """The steps in a setting; those in lists are none of its inputs."""
    if isinstance(value, tuple):
        for item in value:
            yield from _steps(item)
    elif _sort(type(value)) is _Sort.STEP:  # type: ignore[arg-type]
        yield value


def code_behind(value: Any) -> list[str]:
    """Code and library versions of the components in a setting, nested ones too.

    Components are the dataclasses that declare their libraries; each is looked at once.
    """
    sort = _sort(type(value))  # type: ignore[arg-type]
    if sort is _Sort.SEQUENCE:
        return [code for item in value for code in code_behind(item)]
    if sort is _Sort.MAPPING:
        return code_behind(list(value.values()))
    return _code_of(value) if sort is _Sort.COMPONENT and hasattr(value, "libraries") else []


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
