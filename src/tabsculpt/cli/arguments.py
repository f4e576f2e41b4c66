"""What a command was given: settings as typed beside the user's defaults, and where results are."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import typer

from tabsculpt.errors import UserError, unknown
from tabsculpt.results import local_folder

OUTPUTS = "paths.outputs"


def settings(
    typed: Sequence[str] | None, config_dir: Path | None, uses: Collection[str] | None = None
) -> list[str]:
    """What was typed, after the defaults of the working folder that hold beside it.

    Args:
        typed: as typed.
        config_dir: the user's own configuration files.
        uses: what a command for one configuration looks at, groups and sections of settings; None
            for a command that takes them all. What it does not look at is said, and an experiment
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
        typer.echo(kept.line(), err=True)
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
    typed: Sequence[str] | None, outputs: Path | None, takes: Collection[str] | None = None
) -> tuple[Path, list[str]]:
    """Where results are, and what else was typed.

    Args:
        typed: ``paths.outputs=FOLDER`` among other arguments.
        outputs: of the option or of the environment.
        takes: keys that may be typed beside it; None for any.

    Returns:
        The folder, and the arguments without it.

    Raises:
        UserError: a folder was named that is not there, or twice, or a key is not taken.
    """
    named = [text.partition("=")[2] for text in typed or [] if text.partition("=")[0] == OUTPUTS]
    rest = [text for text in typed or [] if text.partition("=")[0] != OUTPUTS]
    known = tuple(takes or ())
    for text in rest if takes is not None else []:
        key, separator, _ = text.partition("=")
        if key not in known or not separator:
            raise unknown("argument", text, [f"{name}=VALUE" for name in (OUTPUTS, *known)])
    from_environment = outputs is not None and str(outputs) == os.environ.get("TABSCULPT_OUTPUTS")
    named += [str(outputs)] if outputs is not None and not from_environment else []
    if len(set(named)) > 1:
        raise UserError(f"the folder of results is {' and '.join(named)}; name it once")
    if named:
        folder = local_folder(named[0].strip("'\""), OUTPUTS)
        if not folder.is_dir():
            raise UserError(f"there is no folder {str(folder)!r}; expected a folder of results")
        return folder, rest
    return outputs or _default_folder(), rest


def _default_folder() -> Path:
    from tabsculpt.config.defaults import read_defaults

    defaults = read_defaults(Path.cwd())
    for text in defaults.overrides:
        key, _, value = text.partition("=")
        if key == OUTPUTS:
            typer.echo(f"defaults of {defaults.source}: {text}", err=True)
            return local_folder(value, OUTPUTS)
    return Path("outputs")


def _tell_unused(typed: Sequence[str], uses: Collection[str]) -> None:
    """Say what of the settings has no part in what is done."""
    from tabsculpt.config.overrides import parse, readable

    for text in readable(typed):
        root = parse(text).key_or_group.replace("/", ".").partition(".")[0]
        if root not in (*uses, "paths", "experiment"):
            typer.echo(f"{text} has no part in this: it looks at {', '.join(uses)}", err=True)


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
