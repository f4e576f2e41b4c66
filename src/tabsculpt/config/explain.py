"""One line for what Hydra, OmegaConf and YAML find wrong with a configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from hydra import compose
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import GrammarParseError, InterpolationKeyError
from yaml import MarkedYAMLError

from tabsculpt.config.choices import GROUPS, LAUNCHER, as_shipped, choices
from tabsculpt.config.overrides import parse, values
from tabsculpt.errors import UserError, nearest, unknown

HIDDEN = ("_target_", "hydra")


def explain(error: Exception, overrides: Sequence[str]) -> UserError:
    """One line for an error of Hydra, OmegaConf or YAML; call it in the session it came from."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark:
        place = f"{error.problem_mark.name}, line {error.problem_mark.line + 1}"
        return UserError(f"cannot read {place}: {error.problem}")
    message = str(error)
    cause = str(error.__cause__ or "")
    key = re.search(r"Could not override '([^']+)'", message)
    if key and re.search(r"not in (struct|'\w+')", message + cause):
        return _unknown_key(key.group(1), overrides)
    if key and "Could not append" not in message and "group" in message:
        return _unknown_key(key.group(1), overrides)
    full = re.search(r"full_key: (\S+)", message + "\n" + cause)
    if isinstance(error, InterpolationKeyError) and full:
        return _unknown_reference(message, full.group(1))
    if isinstance(error, GrammarParseError):
        wrong = next((text for text in overrides if "${" in text), message.splitlines()[0])
        return UserError(f"cannot read {wrong!r}: '${{' refers to a setting and ends with '}}'")
    first = next(
        (line.strip() for line in (cause or message).splitlines() if line.strip()), message
    )
    return UserError(f"{full.group(1)}: {first}" if full else first)


def _unknown_reference(message: str, key: str) -> UserError:
    found = re.search(r"Interpolation key '([^']*)'", message)
    name = found[1] if found else ""
    return UserError(
        f"{key}: '${{{name}}}' stands for the value of a setting, and there is no setting "
        f"{name!r}; write a backslash before the $ to keep it as text: '{key}=...\\${{{name}}}...'"
    )


def _unknown_key(key: str, overrides: Sequence[str]) -> UserError:
    chosen = [
        f"{o.key_or_group}={values(o)[0]}"
        for o in map(parse, overrides)
        if o.key_or_group in (*GROUPS, LAUNCHER) and not o.is_delete()
    ]
    root: Any = compose("config", chosen, return_hydra_config=True)
    node, parent, leaf = _where_unknown(root, key)
    known = [str(name) for name in node] if isinstance(node, DictConfig) else []
    known = [name for name in known if name not in HIDDEN]
    if leaf in known:
        return UserError(f"{key} takes a new setting by its own name: +{key}.NAME=VALUE")
    if not parent and (places := _places(root, leaf, known)):
        return UserError(f"unknown setting {leaf!r}; did you mean {' or '.join(places)}?")
    if parent in GROUPS and (elsewhere := _of_others(parent, leaf, known)):
        there = f"Choices: {', '.join(sorted(known)) or '(none)'}"
        return UserError(f"unknown setting of {parent} {leaf!r}; {elsewhere}. {there}")
    return unknown(f"setting of {parent}" if parent else "setting", leaf, known)


def _of_others(group: str, leaf: str, known: list[str]) -> str | None:
    """Which other choices of a group have such a setting, where the present one has none."""
    if nearest(leaf, known):
        return None
    having: dict[str, list[str]] = {}
    for name in choices(group):
        for key in map(str, as_shipped(group, name)):
            having.setdefault(key, []).append(name)
    near = leaf if leaf in having else nearest(leaf, set(having) - {*HIDDEN, "defaults"}, 0.75)
    if near is None:
        return None
    meant = "" if near == leaf else f"did you mean {near!r}? "
    return f"{meant}{near} is a setting of {group}={','.join(having[near])}; choose one of them"


def _where_unknown(root: DictConfig, key: str) -> tuple[Any, str, str]:
    """The node that has no part of this name, its own key, and the name: of the first such."""
    node: Any = root
    *parts, leaf = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, DictConfig) or part not in node:
            return node, ".".join(parts[:depth]), part
        node = OmegaConf.select(node, part)
    return node, ".".join(parts), leaf


def _places(root: DictConfig, leaf: str, known: list[str]) -> list[str]:
    """Where there is a setting of this name, or the nearest one if no known name is as near."""
    places: dict[str, list[str]] = {}
    for key in _keys(root):
        places.setdefault(key.rpartition(".")[2], []).append(key)
    near = nearest(leaf, [*places, *known], cutoff=0.8)
    return places.get(near or "", []) if near not in known else []


def _keys(root: DictConfig) -> Iterator[str]:
    """Settings of settings by their whole name: one step down, and those of the launcher."""
    for name in map(str, root):
        node = OmegaConf.select(root, "hydra.launcher" if name == "hydra" else name)
        where = "hydra.launcher" if name == "hydra" else name
        if isinstance(node, DictConfig):
            yield from (f"{where}.{key}" for key in map(str, node) if key not in HIDDEN)
