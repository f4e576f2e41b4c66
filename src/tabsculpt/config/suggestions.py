"""What may be typed next: keys, choices and values that begin as what is typed so far."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tabsculpt.config.choices import GROUPS, LAUNCHER, choice_file, choices, conf_folder

FIXED = {"device": ("auto", "cpu", "cuda")}
"""Values of settings of the root that have few."""
FLAGS = ("true", "false")
NO_SETTINGS = ("_target_", "defaults", "hydra")


def suggestions(
    incomplete: str,
    typed: Sequence[str] = (),
    config_dir: Path | None = None,
    own: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """What a setting that begins like this may be, as key=value, or as keys if they are several.

    Args:
        incomplete: as typed so far: part of a key, or key= and part of its value.
        typed: the other settings, which name the choices whose settings are meant.
        config_dir: the user's own configuration files.
        own: values of keys that a command has beside settings.
    """
    known = {**_root(), **_groups(config_dir), **_inside(incomplete, typed, config_dir)}
    return matching(incomplete, {**known, **(own or {})})


def matching(incomplete: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    """Of keys with their values, those that begin like what is typed.

    A single key comes with its values: a shell would otherwise put a blank behind the sign =.
    """
    key, separator, value = incomplete.partition("=")
    if separator:
        return [f"{key}={each}" for each in _values(value, known.get(key, ()))]
    keys = [name for name in known if name.startswith(key)]
    if len(keys) == 1 and known[keys[0]]:
        return [f"{keys[0]}={each}" for each in known[keys[0]]]
    return [f"{name}=" for name in keys]


def _values(value: str, known: Sequence[str]) -> Iterator[str]:
    """Values that begin like the last of those typed, separated by commas, behind the others."""
    before, comma, last = value.rpartition(",")
    there = before.split(",")
    for each in known:
        if each.startswith(last) and each not in there:
            yield f"{before}{comma}{each}"


def _groups(config_dir: Path | None) -> dict[str, list[str]]:
    return {group: choices(group, config_dir) for group in (*GROUPS, LAUNCHER)}


def _root() -> dict[str, Sequence[str]]:
    """Settings outside the groups."""
    node = yaml.safe_load((conf_folder() / "config.yaml").read_text(encoding="utf-8"))
    held = {name: node[name] for name in node if name not in (*NO_SETTINGS, *GROUPS)}
    return {**dict(_flat(held)), **FIXED}


def _inside(
    incomplete: str, typed: Sequence[str], config_dir: Path | None
) -> dict[str, Sequence[str]]:
    """Settings of the choice of the group that the key begins with, or of the launcher."""
    root, dot, _ = incomplete.partition(".")
    if not dot or root not in (*GROUPS, "hydra"):
        return {}
    group, above = (LAUNCHER, LAUNCHER.replace("/", ".")) if root == "hydra" else (root, root)
    chosen = [text.partition("=")[2] for text in typed if text.partition("=")[0] == group]
    name = (chosen or [_default(group)])[-1].partition(",")[0]
    path = choice_file(group, name, config_dir)
    if not path.exists():
        return {}
    try:
        node = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return dict(_flat(node, f"{above}.")) if isinstance(node, dict) else {}


def _default(group: str) -> str:
    text = (conf_folder() / "config.yaml").read_text(encoding="utf-8")
    found = re.search(rf"^  - (?:override )?{group}: (\S+)", text, flags=re.MULTILINE)
    return found[1] if found else ""


def _flat(node: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Sequence[str]]]:
    """Settings with the values that are suggested: the default, and both of a flag."""
    for name, value in node.items():
        if name in NO_SETTINGS:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif isinstance(value, bool):
            yield f"{above}{name}", FLAGS
        else:
            plain = isinstance(value, (int, float, str)) and "${" not in str(value)
            yield f"{above}{name}", [str(value)] if plain else []
