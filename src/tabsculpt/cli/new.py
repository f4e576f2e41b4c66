"""The command that starts a part of the user's own from a complete example."""

from __future__ import annotations

import keyword
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.shell import console, errors

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "dataset": ("dataset", "run dataset={name} pipeline=real"),
    "profiler": ("profiler", "profile profiler={name}"),
    "generator": ("generator", "run generator={name} pipeline=traditional"),
    "pipeline": ("pipeline", "run pipeline={name}"),
    "predictor": ("predictors", "run predictors={name} pipeline=real"),
    "metric": ("metric", "run metric={name} pipeline=real"),
}
"""The group of each kind, and a command that uses such a part."""
SHOWN = "results metric={name} --pivot predictor,pipeline"
"""A command that shows what a metric says; the table after a run has the packaged ones alone."""


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS) + ".")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the module and the choice.")],
    config_dir: Annotated[
        Path, typer.Option("--config-dir", help="Folder for it; made where there is none.")
    ] = Path("mine"),
) -> None:
    """Start a part of your own: copies a complete example, which runs as it is, for you to change.

    Example: [bold]tabsculpt new profiler leverage[/]
    """
    with errors():
        from tabsculpt.errors import unknown

        if kind not in KINDS:
            raise unknown("kind of part", kind, KINDS)
        group, command = KINDS[kind]
        _check_name(name, group, config_dir)
        files = {
            config_dir / f"{name}.py": _example(f"{kind}.py", name),
            config_dir / group / f"{name}.yaml": _example(f"{kind}.yaml", name),
        }
        _write(files)
        shown = console()
        for path in files:
            shown.print(f"made {path}", markup=False)
        tried = f"tabsculpt {command.format(name=name)} --config-dir {shlex.quote(str(config_dir))}"
        shown.print(f"try it: {tried}", markup=False, soft_wrap=True)
        if kind == "metric":
            shown.print(f"and then: tabsculpt {SHOWN.format(name=name)}", markup=False)


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

    for path in files:
        if path.exists():
            raise UserError(f"{path} is there already; choose another name, or remove it")
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserError(f"cannot write {path}: {error.strerror}") from error
