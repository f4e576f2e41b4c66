"""What is typed as key=value, read as it is meant before Hydra reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, OverrideType, ValueType
from hydra.errors import HydraException

from tabsculpt.config.choices import GROUPS, LAUNCHER, check_experiment, choice_file, choices
from tabsculpt.config.components import TARGET, resolve
from tabsculpt.errors import UserError, unknown

SECTIONS = ("split", "paths")
"""Settings that hold settings."""
TEXT = {"paths.outputs": False, "paths.data": True, "paths.inception": True, "device": False}
"""Settings outside the groups that are text, and whether they may be null."""
REFERENCE, ESCAPED = "${", "\\${"
"""How a reference to another setting begins, and how text does that is none."""
INSTEAD = {
    "run": "paths.outputs=FOLDER says where everything is written",
    "sweep": "paths.outputs=FOLDER says where everything is written",
    "output_subdir": "paths.outputs=FOLDER says where everything is written",
    "mode": "'tabsculpt run' does one job, 'tabsculpt sweep' does every combination",
    "sweeper": "'tabsculpt sweep' does every combination of values separated by commas",
    "searchpath": "--config-dir FOLDER adds configuration files of your own",
}
OF_HYDRA = (
    "of Hydra's settings those of hydra.launcher are used; what jobs print is in OUTPUTS/logs"
)

parse = lru_cache(maxsize=100_000)(OverridesParser.create().parse_override)


def readable(overrides: Sequence[str], config_dir: Path | None = None) -> list[str]:
    """What was typed, with quotes where Hydra's grammar would not take a value as it stands.

    That is a value that it cannot read, such as ``dataset.target=größe``, and one that it would
    take for a number, a flag or nothing where the setting is text: ``dataset.target=1e3``.

    Raises:
        UserError: what was typed is not key=value, or a setting of Hydra that is not used here.
    """
    texts = [_readable(text) for text in overrides]
    for text in texts:
        _refuse_hydra(parse(text).key_or_group)
    kinds = _TextSettings(texts, config_dir)
    return [_as_text(text) if kinds.is_text(text) else text for text in texts]


def values(override: Override) -> list[str]:
    """What an override sets its key to, one value unless it is swept over."""
    if override.is_sweep_override():
        return list(override.sweep_string_iterator())
    return [str(override.value())]


def check_choices(overrides: Sequence[str], config_dir: Path | None) -> None:
    """Refuse overrides that name an unknown choice of a group.

    Raises:
        UserError: with the choices.
    """
    for override in map(parse, overrides):
        group = override.key_or_group
        if override.is_delete() or is_glob(override):
            continue  # a glob names those that there are
        holds_settings = any(isinstance(part, dict) for part in _parts(override))
        if group in SECTIONS and not holds_settings:
            raise UserError(
                f"{group} has settings, not choices: set {group}.NAME=VALUE; "
                f"'tabsculpt list {group}' shows them"
            )
        if group not in (*GROUPS, LAUNCHER) or holds_settings:
            continue
        names = choices(group, config_dir)
        if override.type is OverrideType.ADD:
            raise UserError(f"{group} has a choice already; leave the + before it out")
        if override.value() is None:
            raise UserError(f"{group} cannot be null; leave it out, or choose {', '.join(names)}")
        for value in values(override):
            if value not in names:
                raise unknown(group, value, names)
            if group == "experiment":
                check_experiment(value, config_dir)


def is_glob(override: Override) -> bool:
    """Whether an override names choices by a pattern."""
    return override.value_type == ValueType.GLOB_CHOICE_SWEEP


def _readable(text: str) -> str:
    if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UserError(
            f"cannot read {text.encode('ascii', 'backslashreplace').decode()!r}: this locale has "
            "no such characters; set PYTHONUTF8=1 or a UTF-8 locale, as in LC_ALL=C.UTF-8"
        )
    key, separator, value = text.partition("=")
    if key and ESCAPED not in value and _parses(text):
        return text
    if key and separator and _parses(taken := f"{key}={_all_quoted(value)}"):
        return taken
    raise UserError(f"cannot read {text!r}: expected key=value, as in seed=1")


def _parses(text: str) -> bool:
    try:
        parse(text)
    except HydraException:
        return False
    return True


def _all_quoted(value: str) -> str:
    """Text in quotes, or a list of texts each in quotes."""
    listed = re.fullmatch(r"\[(.*)\]", value)
    return f"[{','.join(map(quoted, listed[1].split(',')))}]" if listed else quoted(value)


def quoted(value: str) -> str:
    """A value in quotes, so that Hydra takes it as text."""
    stripped = value.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "'\"":
        return stripped
    plain = stripped.replace(ESCAPED, REFERENCE)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped.replace(REFERENCE, ESCAPED)}"'


def _refuse_hydra(key: str) -> None:
    root, _, rest = key.replace("/", ".").partition(".")
    name = rest.partition(".")[0]
    if root == "hydra" and name != "launcher":
        raise UserError(f"{key} does nothing here: {INSTEAD.get(name, OF_HYDRA)}")


def _as_text(text: str) -> str:
    key, _, value = text.partition("=")
    if isinstance(parse(text).value(), ChoiceSweep):
        return f"{key}={','.join(map(quoted, value.split(',')))}"
    return f"{key}={_all_quoted(value)}"


class _TextSettings:
    """Tells values that are to be text, by the classes that the groups are set to."""

    def __init__(self, overrides: Sequence[str], config_dir: Path | None) -> None:
        self._config_dir = config_dir
        self._chosen: dict[str, list[str]] = {}
        for override in map(parse, overrides):
            if override.key_or_group in GROUPS and not is_glob(override):
                self._chosen[override.key_or_group] = values(override)

    def is_text(self, text: str) -> bool:
        """Whether a setting is text and its value would be read as something else."""
        override = parse(text)
        if override.is_delete() or "=" not in text:
            return False
        parts = _parts(override)
        if not any(part is None or isinstance(part, (bool, int, float)) for part in parts):
            return False
        kinds = set(self._kinds(override.key_or_group))
        nothing = parts == [None]
        return bool(kinds) and None not in kinds and not (nothing and True in kinds)

    def _kinds(self, key: str) -> Iterator[bool | None]:
        """For each class that a key may belong to: None: no text; else whether it may be null."""
        if key in TEXT:
            yield TEXT[key]
        group, _, name = key.partition(".")
        if group not in GROUPS:
            return
        known = choices(group, self._config_dir)
        usual = known if group == "dataset" else []  # what an experiment may have chosen
        for choice in self._chosen.get(group, usual):
            hint = _hints(choice_file(group, choice, self._config_dir)).get(name)
            if hint is not None:
                yield _text(hint)


def _parts(override: Override) -> list[Any]:
    """The values of an override: its own, those swept over, those of its list."""
    value = override.value()
    if isinstance(value, ChoiceSweep):
        return list(value.list)
    return list(value) if isinstance(value, list) else [value]


def _hints(path: Path) -> dict[str, Any]:
    """Types of the settings of a choice; none where its class cannot be imported."""
    try:
        node = yaml.safe_load(path.read_text(encoding="utf-8"))
        return get_type_hints(resolve(node[TARGET], str(path)))
    except (OSError, yaml.YAMLError, KeyError, TypeError, NameError, UserError):
        return {}


def _text(hint: Any) -> bool | None:
    """Whether a setting of this type may be null; None where it may be something else than text."""
    kinds = set(get_args(hint)) if get_origin(hint) in (Union, UnionType) else {hint}
    return type(None) in kinds if kinds - {type(None)} <= {str, list[str]} else None
