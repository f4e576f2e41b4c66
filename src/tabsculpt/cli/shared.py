"""What every command is given in the same way: a folder of results, its own files, its looks."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_origin

from typer.models import ArgumentInfo

from tabsculpt.cli.arguments import with_folder
from tabsculpt.cli.options import ConfigDir, NoColor, Outputs, Quiet
from tabsculpt.cli.shell import Looks, errors, looking, note

OPTIONS = {"outputs": Outputs, "config_dir": ConfigDir, "quiet": Quiet, "no_color": NoColor}
OFF = {"outputs": None, "config_dir": None, "quiet": False, "no_color": False}


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """A command with the options that every command has.

    ``--outputs FOLDER`` reaches it as ``paths.outputs=FOLDER``, beside what was typed;
    ``--config-dir`` if it takes one.
    """
    own = inspect.signature(function, eval_str=True).parameters
    typed = next(name for name, parameter in own.items() if _takes_several(parameter.annotation))
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=OFF[name], annotation=OPTIONS[name]
        )
        for name in OPTIONS
        if name not in own
    ]

    @wraps(function)
    def command(**given: Any) -> None:
        here = {parameter.name: given.pop(parameter.name) for parameter in added}
        with looking(Looks(quiet=here["quiet"], plain=here["no_color"])):
            with errors():
                if here["outputs"] is not None:
                    given[typed] = with_folder(given[typed] or [], here["outputs"])
                _tell_unused(here.get("config_dir"))
            function(**given)

    parameters = [parameter.replace(kind=parameter.KEYWORD_ONLY) for parameter in own.values()]
    every = [*parameters, *added]
    command.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in every}
    return command


def _takes_several(annotation: Any) -> bool:
    """Whether an annotation is that of the argument for what is typed as key=value."""
    if get_origin(annotation) is not Annotated:
        return False
    several = annotation.__origin__ == list[str] | None
    return several and any(isinstance(mark, ArgumentInfo) for mark in annotation.__metadata__)


def _tell_unused(config_dir: Path | None) -> None:
    if config_dir is not None and str(config_dir) != os.environ.get("TABSCULPT_CONFIG_DIR"):
        note(f"--config-dir {config_dir} has no part in this: it reads what was written")
