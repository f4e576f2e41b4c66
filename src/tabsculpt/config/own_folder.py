"""The folder of the user's own parts: on the import path, and all that a file may name besides us.

Nothing else can be named by a ``_target_``: a module is run when it is imported, and a file that
came from somewhere else must not choose which.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from tabsculpt.engine import modules
from tabsculpt.errors import UserError

DOCS = "docs/own-parts.md"
FOLDERS: list[Path] = []
"""The one that was given last as ``--config-dir`` in this process, if any was."""


def open_folder(folder: Path) -> None:
    """Let files name the modules of a folder, in this process and in those it starts.

    The folder comes last on the import path, so that no module in it stands in for another's.

    Raises:
        UserError: there is no such folder.
    """
    if not folder.is_dir():
        raise UserError(f"--config-dir {folder} is not a folder")
    path = folder.resolve()
    if [path] == FOLDERS:
        return
    sys.path[:] = [entry for entry in sys.path if Path(entry) not in FOLDERS] + [str(path)]
    FOLDERS[:] = [path]
    modules.forget()


def import_named(module: str, where: str) -> Any:
    """Import a module that a ``_target_`` names.

    Args:
        module: dotted name.
        where: the configuration key, for the error.

    Raises:
        UserError: it is neither ours nor in a folder of the user's own, which is found out before
            anything is imported; or it cannot be imported.
    """
    if module.partition(".")[0] == modules.PACKAGE:
        try:
            return importlib.import_module(module)
        except ImportError as error:
            raise UserError(
                f"{where}: cannot import {module!r} ({error}); expected package.module.Class"
            ) from error
    path = _file(module, where)
    try:
        found = importlib.import_module(module)
    except Exception as error:  # whatever the user's own code raises
        raise UserError(f"{where}: cannot import {modules.reason(error, path)}") from error
    if not found.__file__ or Path(found.__file__).resolve() != path:
        raise UserError(f"{where}: {path} is not imported, as {found.__file__} was before it")
    return found


def _file(module: str, where: str) -> Path:
    spec = modules.find(module)
    origin = Path(spec.origin).resolve() if spec and spec.origin else None
    if origin and any(origin.is_relative_to(folder) for folder in FOLDERS):
        return origin
    hidden = next((path for path in _wanted(module) if path.exists()), None)
    if hidden and origin != hidden:
        raise UserError(
            f"{where}: {hidden} is hidden by another module {module!r} on the import path; "
            "give yours another name"
        )
    looked = ", ".join(map(str, FOLDERS)) or "none was given"
    raise UserError(
        f"{where}: {module!r} is neither a module of {modules.PACKAGE} nor in the folder of "
        f"--config-dir ({looked}), and no other is imported; see {DOCS}"
    )


def _wanted(module: str) -> list[Path]:
    relative = module.replace(".", "/")
    ends = (".py", "/__init__.py")
    return [folder / f"{relative}{end}" for folder in FOLDERS for end in ends]
