"""The command that starts a part of the user's own from a complete example."""

from __future__ import annotations

import keyword
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.arguments import EXPERIMENT, without_part
from tabsculpt.cli.completion import complete_kind, complete_setting
from tabsculpt.cli.kinds import KINDS
from tabsculpt.cli.shell import console, errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN = "results metric={name} --pivot predictor,pipeline"
"""A command that shows what a metric says; the table after a run has the packaged ones alone."""


def new(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help=f"{', '.join(KINDS)}; experiment.", autocompletion=complete_kind
        ),
    ],
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of the module and the choice.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="Of an experiment, what is not asked for: dataset=wine generator=arf,ddpm.",
            autocompletion=complete_setting,
        ),
    ] = None,
    config_dir: Annotated[
        Path,
        typer.Option(
            "--config-dir",
            envvar="TABSCULPT_CONFIG_DIR",
            show_envvar=False,
            help="Folder for it; made where there is none.",
        ),
    ] = Path("mine"),
) -> None:
    """Start a part of your own: copies a complete example, which runs as it is, for you to change.

    An experiment asks five questions on a terminal, for what is not typed as key=value.

    Example: [bold]tabsculpt new profiler leverage[/], [bold]tabsculpt new experiment first[/]
    """
    with errors():
        from tabsculpt.cli import experiment
        from tabsculpt.errors import UserError, unknown

        if kind not in (*KINDS, EXPERIMENT):
            raise unknown("kind of part", kind, (*KINDS, EXPERIMENT))
        settings = without_part(overrides or [], None if kind == EXPERIMENT else ())
        if name is not None and "=" in name:
            settings, name = [name, *settings], None
        if name is None and kind == EXPERIMENT and experiment.on_terminal():
            name = typer.prompt("Name of the experiment", err=True)
        if name is None:
            raise UserError(f"NAME is missing; name it, as in tabsculpt new {kind} first")
        _check_name(name, KINDS[kind][0] if kind in KINDS else kind, config_dir)
        if kind == EXPERIMENT:
            _new_experiment(name, settings, config_dir)
        else:
            _new_part(kind, name, config_dir)


def _new_part(kind: str, name: str, config_dir: Path) -> None:
    group, command = KINDS[kind]
    files = {
        config_dir / f"{name}.py": _example(f"{kind}.py", name),
        config_dir / group / f"{name}.yaml": _example(f"{kind}.yaml", name),
    }
    _write(files)
    _tell(files, _tried(command.format(name=name), config_dir))
    if kind == "metric":
        console().print(f"and then: tabsculpt {SHOWN.format(name=name)}", markup=False)


def _new_experiment(name: str, typed: list[str], config_dir: Path) -> None:
    from tabsculpt.cli.experiment import complete_answers, experiment_file

    path = config_dir / EXPERIMENT / f"{name}.yaml"
    _refuse_there([path])
    own = config_dir if any(config_dir.glob("*/*.yaml")) else None
    given = complete_answers(typed, own)
    command = _tried(f"sweep experiment={name}", config_dir)
    _write({path: experiment_file(name, given, command, own)})
    _tell([path], command)


def _tried(command: str, config_dir: Path) -> str:
    return f"tabsculpt {command} --config-dir {shlex.quote(str(config_dir))}"


def _tell(files: Iterable[Path], tried: str) -> None:
    shown = console()
    for path in files:
        shown.print(f"made {path}", markup=False)
    shown.print(f"try it: {tried}", markup=False, soft_wrap=True)


def _check_name(name: str, group: str, config_dir: Path) -> None:
    """Refuse a name that is no module's, or under which another module or choice is found."""
    from tabsculpt.config.compose import choices
    from tabsculpt.engine.modules import find
    from tabsculpt.errors import UserError
    from tabsculpt.metrics import RESERVED

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UserError(
            f"NAME is {name!r}; expected a module's name: small letters, digits and _, as in "
            "leverage"
        )
    if name in choices(group) or (group == "metric" and name in RESERVED):
        raise UserError(f"NAME is {name!r}, which is a packaged {group}; choose another")
    if group == EXPERIMENT:
        return  # it has no module
    own = (config_dir / f"{name}.py").resolve()
    spec = find(name)
    if name in sys.stdlib_module_names or (spec and spec.origin != str(own)):
        raise UserError(
            f"NAME is {name!r}, and a module of that name is installed, which would be taken for "
            "yours; choose another"
        )


def _example(file: str, name: str) -> str:
    from importlib.resources import files

    text = (files("tabsculpt.cli.templates") / file).read_text(encoding="utf-8")
    title = "".join(part.capitalize() for part in name.split("_"))
    return text.replace("Template", title).replace("template", name)


def _write(files: Mapping[Path, str]) -> None:
    """Write new files.

    Raises:
        UserError: one of them is there already, or cannot be written.
    """
    from tabsculpt.errors import UserError

    _refuse_there(files)
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserError(f"cannot write {path}: {error.strerror}") from error


def _refuse_there(files: Iterable[Path]) -> None:
    from tabsculpt.errors import UserError

    for path in files:
        if path.exists():
            raise UserError(f"{path} is there already; choose another name, or remove it")
