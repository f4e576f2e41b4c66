"""What identifies a step or a component: its class and settings, written as JSON and hashed."""

from __future__ import annotations

import hashlib
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from tabsculpt.engine.fingerprints import code_fingerprint, library_version
from tabsculpt.engine.modules import PACKAGE
from tabsculpt.engine.remembered import once_each

IS = "is"
SCALAR = (str, int, float, bool, type(None))
as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False).encode
"""JSON as it is hashed; it does not depend on the order of keys."""
LATER = {"later": True}
"""Metadata of a setting that its class got later: at its default it is no part of the identity.

Results that do not depend on it then keep the seeds, and so the values, that they had without it.
"""


class Identified(ABC):
    """What stands in others by its identity: a step."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """A hash of all that its result depends on, but for code and libraries."""


class Setting(NamedTuple):
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
def settings_of(cls: type[Any]) -> tuple[Setting, ...]:
    """The fields of a class of steps or components."""
    return tuple(
        Setting(f.name, f"{as_json(f.name)}: ", f.compare, f.metadata == LATER, f.default)
        for f in fields(cls)
    )


def _identifying(instance: Any) -> Iterator[tuple[Setting, Any]]:
    for setting in settings_of(type(instance)):  # type: ignore[arg-type]
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
    return text_of(component)


def class_name(cls: type[Any]) -> str:
    """What a class is called in identities: by its folder in this package, else by its module.

    So a file of the package can be moved within its folder without reshuffling every draw. A test
    holds the names to be distinct.
    """
    package, _, rest = cls.__module__.partition(".")
    place = f"{package}.{rest.partition('.')[0]}" if package == PACKAGE else cls.__module__
    return f"{place}.{cls.__qualname__}"


@cache
def class_text(cls: type[Any]) -> str:
    """A class as the member of an object of JSON."""
    return f"{as_json(IS)}: {as_json(class_name(cls))}"


def text_of(instance: Any) -> str:
    """A step or a component as JSON: its class and its identifying settings."""
    texts = [setting.quoted + setting_text(value) for setting, value in _identifying(instance)]
    return as_object([class_text(type(instance)), *texts])  # type: ignore[arg-type]


def as_object(texts: list[str]) -> str:
    """An object of JSON, of its members as JSON, as `as_json` writes it.

    Names of fields and the mark after them sort as the names do.
    """
    texts.sort()
    return f"{{{', '.join(texts)}}}"


class Sort(Enum):
    """What a value of a setting is."""

    SCALAR = "scalar"
    STEP = "step"
    COMPONENT = "component"
    SEQUENCE = "sequence"
    MAPPING = "mapping"
    OTHER = "other"


@cache
def sort_of(cls: type[Any]) -> Sort:
    """What values of a class are; asked of the class, as grids have a million values."""
    if issubclass(cls, SCALAR):
        return Sort.SCALAR
    if issubclass(cls, Identified):
        return Sort.STEP
    if is_dataclass(cls):
        return Sort.COMPONENT
    if issubclass(cls, (list, tuple)):
        return Sort.SEQUENCE
    return Sort.MAPPING if issubclass(cls, dict) else Sort.OTHER


def setting_text(value: Any) -> str:
    """A setting as `as_json` would write it; an input step by its identity."""
    kind = type(value)  # most are of these; the encoder would take ten times as long
    if kind is int:
        return int.__repr__(value)
    if kind is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if kind is float and math.isfinite(value):
        return float.__repr__(value)
    sort = sort_of(kind)  # type: ignore[arg-type]
    if sort is Sort.STEP:
        return f'{{"step": "{value.identity}"}}'
    if sort is Sort.SCALAR:
        return as_json(value)
    if sort is Sort.COMPONENT:
        return written(value)
    if sort is Sort.SEQUENCE:
        return f"[{', '.join([setting_text(item) for item in value])}]"
    if sort is Sort.MAPPING:
        texts = {str(key): setting_text(item) for key, item in value.items()}
        return f"{{{', '.join([f'{as_json(name)}: {texts[name]}' for name in sorted(texts)])}}}"
    raise TypeError(f"a step's setting must be plain data, not {type(value).__name__}")


def code_behind(value: Any) -> list[str]:
    """Code and library versions of the components in a setting, nested ones too.

    Components are the dataclasses that declare their libraries; each is looked at once.
    """
    sort = sort_of(type(value))  # type: ignore[arg-type]
    if sort is Sort.SEQUENCE:
        return [code for item in value for code in code_behind(item)]
    if sort is Sort.MAPPING:
        return code_behind(list(value.values()))
    return _code_of(value) if sort is Sort.COMPONENT and hasattr(value, "libraries") else []


@once_each
def _code_of(component: Any) -> list[str]:
    own = [code_fingerprint(type(component).__module__)]
    own += [f"{name}={library_version(name)}" for name in type(component).libraries]
    return own + code_behind([item for _, item in _identifying(component)])


def hashed(data: Any) -> str:
    """A hash of JSON-ready data that does not depend on the order of keys."""
    return digest(as_json(data))


def hashed_list(texts: Iterable[str]) -> str:
    """`hashed` of a list whose items are written as JSON already."""
    return digest(f"[{', '.join(texts)}]")


def digest(text: str) -> str:
    """A hash of a text, 32 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
