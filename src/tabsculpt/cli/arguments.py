"""What a command was given: settings as typed beside the user's defaults, and where results are."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from tabsculpt.cli.shell import note
from tabsculpt.errors import UserError, nearest, unknown
from tabsculpt.results import local_folder

OUTPUTS, DATA, EXPERIMENT = EVERYWHERE = ("paths.outputs", "paths.data", "experiment")
"""What may be typed to every command."""


def check_own(typed: Sequence[str] | None, own: Collection[str]) -> None:
    """Refuse a near miss of what is typed to a command beside settings, before it is taken for one.

    Args:
        typed: as typed.
        own: keys, such as budget.

    Raises:
        UserError: naming the key that was meant.
    """
    from tabsculpt.config.choices import GROUPS
    from tabsculpt.config.compose import Config

    own = {name.rstrip(".") for name in own}
    known = {*GROUPS, *Config.__dataclass_fields__, "hydra", *own}
    for text in typed or []:
        root = re.split(r"[.=/]", text.lstrip("+~"))[0]
        if root not in known and nearest(root, known) in own:
            raise unknown("setting", root, known - {"hydra"})


def settings(
    typed: Sequence[str] | None, config_dir: Path | None, uses: Collection[str] | None = None
) -> list[str]:
    """What was typed, after the defaults of the working folder that hold beside it.

    Args:
        typed: as typed.
        config_dir: the user's own configuration files.
        uses: what a command for one configuration looks at, groups and sections of settings; None
            for a command that takes them all. What it does not use is named, and an experiment
            is refused that varies what it looks at.

    Raises:
        UserError: the defaults are wrong, or see ``uses``.
    """
    from tabsculpt.config.compose import check
    from tabsculpt.config.defaults import read_defaults

    given = list(typed or [])
    if uses is not None:
        _tell_unused(given, uses)
    defaults = read_defaults(Path.cwd())
    if not defaults.overrides:
        return given
    try:
        check(defaults.overrides, config_dir)
    except UserError as error:
        raise UserError(f"{defaults.source}: {error}") from error
    kept = defaults.beside(given, config_dir)
    if kept.overrides:
        note(kept.line())
    return [*kept.overrides, *given]


def refuse_grid(typed: Sequence[str], config_dir: Path | None, uses: Collection[str]) -> None:
    """Refuse an experiment that varies what one configuration has one value of.

    Raises:
        UserError: it does, and what it varies was not set.
    """
    from tabsculpt.config.choices import varied
    from tabsculpt.config.overrides import parse, readable, values

    parsed = [parse(text) for text in readable(typed, config_dir)]
    keys = {override.key_or_group for override in parsed}
    for override in parsed:
        names = values(override) if override.key_or_group == "experiment" else []
        for name in names if not override.is_delete() else []:
            open_ = {
                key: swept
                for key, swept in varied(name, config_dir).items()
                if key not in keys and key.partition(".")[0] in uses
            }
            for key, swept in open_.items():
                raise UserError(
                    f"experiment={name} varies {', '.join(open_)}: 'tabsculpt sweep' does them "
                    f"all; or name one of each, as in {key}={str(swept).split(',')[0]}"
                )


def places(
    typed: Sequence[str] | None, takes: Collection[str] | None = None
) -> tuple[Path, list[str]]:
    """Where results are, and what else was typed.

    Args:
        typed: ``paths.outputs=FOLDER`` among other arguments.
        takes: keys that are looked at beside it; None for any.

    Returns:
        The folder, and the arguments that are looked at.

    Raises:
        UserError: a folder was named that is not there, or twice, or a key is not taken.
    """
    named = _folders(typed or [])
    _one_folder(named)
    rest = without_part([text for text in typed or [] if _key(text) != OUTPUTS], takes)
    if not named:
        return _default_folder(), rest
    folder = local_folder(named.pop(), OUTPUTS)
    if not folder.is_dir():
        raise UserError(f"there is no folder {str(folder)!r}; expected a folder of results")
    return folder, rest


def without_part(typed: Sequence[str], takes: Collection[str] | None) -> list[str]:
    """What is looked at of what was typed; of what every command takes, the rest is named.

    Raises:
        UserError: a key is neither looked at nor taken by every command.
    """
    kept = []
    for text in typed:
        key, separator, _ = text.partition("=")
        looked_at = key != DATA if takes is None else key in takes
        if not looked_at and key in EVERYWHERE and separator:
            note(f"{text} has no part in this")
        elif takes is None or (looked_at and separator):
            kept.append(text)
        else:
            raise unknown(
                "argument", text, [f"{k}=VALUE" for k in dict.fromkeys((*EVERYWHERE, *takes))]
            )
    return kept


def with_folder(typed: Sequence[str], outputs: str) -> list[str]:
    """What was typed, with the folder of the option as it would be typed.

    Raises:
        UserError: another folder was typed.
    """
    from tabsculpt.config.overrides import quoted

    _one_folder({*_folders(typed), outputs})
    return [*typed, f"{OUTPUTS}={quoted(outputs)}"]


def _folders(typed: Sequence[str]) -> set[str]:
    return {_value(text) for text in typed if _key(text) == OUTPUTS}


def _one_folder(named: Collection[str]) -> None:
    if len(named) > 1:
        raise UserError(f"the folder of results is {' and '.join(sorted(named))}; name it once")


def _key(text: str) -> str:
    return text.partition("=")[0]


def _value(text: str) -> str:
    """The value of key=value, as Hydra reads one in quotes."""
    value = text.partition("=")[2]
    if value[:1] not in ("'", '"'):
        return value
    from tabsculpt.config.overrides import parse, readable

    return str(parse(*readable([text])).value())


def _default_folder() -> Path:
    from tabsculpt.config.defaults import read_defaults

    if named := os.environ.get("TABSCULPT_OUTPUTS"):
        return local_folder(named, "TABSCULPT_OUTPUTS")
    defaults = read_defaults(Path.cwd())
    for text in defaults.overrides:
        key, _, value = text.partition("=")
        if key == OUTPUTS:
            note(f"defaults of {defaults.source}: {text}")
            return local_folder(value, OUTPUTS)
    return Path("outputs")


def _tell_unused(typed: Sequence[str], uses: Collection[str]) -> None:
    """Say what of the settings has no part in what is done."""
    from tabsculpt.config.overrides import parse, readable

    for text in readable(typed):
        root = parse(text).key_or_group.replace("/", ".").partition(".")[0]
        if root not in (*uses, "paths", "experiment"):
            note(f"{text} has no part in this: it looks at {', '.join(uses)}")


def for_one(
    typed: Sequence[str] | None, config_dir: Path | None, looked_at: Collection[str]
) -> list[str]:
    """The settings of a command that looks at one configuration, and at a part of it.

    Args:
        typed: as typed.
        config_dir: the user's own configuration files.
        looked_at: groups and sections of settings, beside folders.
    """
    given = settings(typed, config_dir, looked_at)
    refuse_grid(given, config_dir, looked_at)
    return given
