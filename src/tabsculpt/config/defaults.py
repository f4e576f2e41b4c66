"""The user's own defaults, in the working folder: settings for good."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf

from tabsculpt.config.choices import GROUPS, choice_file
from tabsculpt.config.overrides import parse, readable, values
from tabsculpt.errors import UserError

FILE = "tabsculpt.yaml"
PROJECT = "pyproject.toml"
ENVIRONMENT = {"paths.outputs": "TABSCULPT_OUTPUTS", "paths.data": "TABSCULPT_DATA"}
TABLE = f"[tool.tabsculpt] of {PROJECT}"


@dataclass(frozen=True)
class Defaults:
    """Settings as they would be typed, and where they stand.

    Attributes:
        source: the file, in words; empty where there is none.
        overrides: such as ``predictors=boosted``.
    """

    source: str = ""
    overrides: tuple[str, ...] = ()

    def line(self) -> str:
        """What applies, in one line."""
        return f"defaults of {self.source}: {' '.join(self.overrides)}"

    def beside(self, typed: Sequence[str], config_dir: Path | None) -> Defaults:
        """Those that hold beside what was typed, an experiment and the environment.

        Settings of a group are for the choice they stand beside: with another choice they go.
        """
        set_by = {parse(text).key_or_group: parse(text) for text in readable(typed, config_dir)}
        taken = set(set_by) | {key for key, name in ENVIRONMENT.items() if os.environ.get(name)}
        if (experiment := set_by.get("experiment")) and not experiment.is_delete():
            for name in values(experiment):
                taken |= set(keys_of(choice_file("experiment", name, config_dir)))
        kept = [text for text in self.overrides if not _covered(_key(text), taken)]
        return Defaults(self.source, tuple(kept))


def read_defaults(folder: Path) -> Defaults:
    """The defaults of a working folder: ``tabsculpt.yaml``, or a table of ``pyproject.toml``.

    Both hold ``key: value`` pairs, the keys as on the command line, or nested.

    Raises:
        UserError: a file cannot be read, there are two, or one does not hold such pairs.
    """
    if (folder / "tabsculpt.yml").exists():
        raise UserError(f"tabsculpt.yml is not read: name it {FILE}")
    found = {FILE: _of_yaml(folder / FILE), TABLE: _of_project(folder / PROJECT)}
    there = {source: node for source, node in found.items() if node is not None}
    if len(there) > 1:
        raise UserError(f"defaults stand in {FILE} and in {TABLE}; keep one of them")
    for source, node in there.items():
        if not isinstance(node, Mapping):
            raise UserError(f"{source}: expected lines such as 'predictors: boosted'")
        if "experiment" in node:
            raise UserError(f"{source}: an experiment is no default; name it with the command")
        return Defaults(source, tuple(f"{key}={value}" for key, value in _flat(node)))
    return Defaults()


def _of_yaml(path: Path) -> Any:
    if not path.exists():
        return None
    try:
        node = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{FILE} cannot be read: {_one_line(error)}") from error
    return {} if node is None else node


def _of_project(path: Path) -> Any:
    if not path.exists():
        return None
    try:
        node = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{PROJECT} cannot be read: {_one_line(error)}") from error
    return node.get("tool", {}).get("tabsculpt")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _flat(node: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Pairs as they would be typed; text stands as it is, so that it is read as if typed."""
    for key, value in node.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, str):
            yield name, value
        else:
            yield name, json.dumps(value, default=str)


def _key(text: str) -> str:
    return text.partition("=")[0]


def _covered(key: str, taken: set[str]) -> bool:
    """Whether a key, what it is part of, or part of it is set otherwise."""
    parts = key.split(".")
    above = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
    inside = key not in GROUPS and any(name.startswith(f"{key}.") for name in taken)
    return bool(above & taken) or inside


def keys_of(path: Path) -> Iterator[str]:
    """The keys that an experiment sets: choices, settings, and what it sweeps over."""
    if not path.exists():
        return
    node = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    assert isinstance(node, dict)
    for item in node.pop("defaults", []):
        if isinstance(item, Mapping):
            yield from (str(key).removeprefix("override ").strip("/ ") for key in item)
    hydra = node.pop("hydra", {}) or {}
    yield from (hydra.get("sweeper", {}) or {}).get("params", {}) or {}
    yield from (key for key, _ in _flat({str(key): value for key, value in node.items()}))
