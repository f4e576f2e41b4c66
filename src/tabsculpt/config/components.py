"""Turns a node of the configuration into the component that it names, checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from tabsculpt.config.own_folder import DOCS, import_named
from tabsculpt.errors import UserError, unknown

if TYPE_CHECKING:
    from pydantic import BaseModel

TARGET = "_target_"


def resolve(target: str, where: str) -> type[Any]:
    """Import the class that a ``_target_`` names.

    Args:
        target: dotted path of a frozen dataclass.
        where: the configuration key, for the error.

    Raises:
        UserError: it is neither ours nor in the user's own folder, there is no such class, or it
            is not a dataclass.
    """
    module_name, _, name = target.rpartition(".")
    if not all(part.isidentifier() for part in target.split(".")) or not module_name:
        raise UserError(f"{where}._target_: {target!r} is no class; expected package.module.Class")
    module = import_named(module_name, f"{where}._target_: {target}")
    found = getattr(module, name, None)
    if found is None:
        raise UserError(
            f"{where}._target_: {target}: {module.__file__} has no {name!r}; "
            "expected package.module.Class"
        )
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise UserError(f"{where}._target_: {target!r} is not a dataclass")
    return found


def instantiate(node: Mapping[str, Any], where: str) -> Any:
    """Make the component that a configuration node describes.

    Args:
        node: ``_target_`` and the settings, interpolations resolved.
        where: the configuration key, for errors; empty where the settings have none.

    Returns:
        An instance of the class that ``_target_`` names.

    Raises:
        UserError: an unknown setting, a setting of the wrong type or out of its range.
    """
    from pydantic import ValidationError
    from pydantic.errors import PydanticUserError

    if TARGET not in node:
        raise UserError(f"{where} has no _target_: name the class, as package.module.Class")
    cls = resolve(str(node[TARGET]), where)
    try:
        model = _model(cls)  # type: ignore[arg-type]
    except (NameError, TypeError, PydanticUserError) as error:
        cause = str(error).splitlines()[0]
        raise UserError(
            f"{where}: the types of the settings of {cls.__name__} cannot be read ({cause}); "
            f"expected plain ones, see {DOCS}"
        ) from error
    given = {
        str(key): _parts(value, f"{where}.{key}") for key, value in node.items() if key != TARGET
    }
    for key in given:
        if key not in model.model_fields:
            raise unknown(f"setting of {where}", key, model.model_fields)
    try:
        checked = model(**given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (where, *first["loc"]) if part != "")
        raise UserError(f"{key}: {first['msg'].lower()}, got {first['input']!r}") from error
    try:
        return cls(**{name: getattr(checked, name) for name in model.model_fields})
    except (TypeError, ValueError) as error:  # of a check that the class makes itself
        raise UserError(f"{where}: {cls.__name__}: {error}") from error


@cache
def _model(cls: type[Any]) -> type[BaseModel]:
    """What checks the settings of a component; it takes longer to make than to use."""
    from pydantic import ConfigDict, create_model

    hints = get_type_hints(cls, include_extras=True)
    settings: dict[str, Any] = {
        f.name: (hints[f.name], _default(f)) for f in dataclasses.fields(cls) if f.init
    }
    return create_model(cls.__name__, __config__=ConfigDict(coerce_numbers_to_str=True), **settings)


def changed(component: Any, leave: Collection[str] = (), standard: Any = None) -> str:
    """The settings that differ from their defaults, as ``name=value name=value``.

    Args:
        component: a dataclass.
        leave: settings that are left out.
        standard: a component with the defaults; those of the class, unless it is of that class.
    """
    own = type(standard) is not type(component)
    parts = []
    for field in dataclasses.fields(component):
        if field.name in leave:
            continue
        value = getattr(component, field.name)
        if isinstance(value, dict) and any(map(dataclasses.is_dataclass, value.values())):
            inner = [" ".join(filter(None, [name, changed(part)])) for name, part in value.items()]
            parts.append(f"{field.name}=[{', '.join(inner)}]")
        elif value != (_default(field) if own else getattr(standard, field.name)):
            parts.append(f"{field.name}={value}")
    return " ".join(parts)


def _parts(value: Any, where: str) -> Any:
    """A mapping of nodes becomes a mapping of components; anything else stays as it is."""
    if isinstance(value, Mapping) and any(_is_node(item) for item in value.values()):
        return {str(name): instantiate(node, f"{where}.{name}") for name, node in value.items()}
    return value


def _is_node(value: Any) -> bool:
    return isinstance(value, Mapping) and TARGET in value


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return ... if field.default is dataclasses.MISSING else field.default
