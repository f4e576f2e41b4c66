"""Whether a library is installed, and what to install where it is not."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from tabsculpt.engine.fingerprints import library_version
from tabsculpt.errors import UserError


def absent(distributions: Iterable[str]) -> list[str]:
    """Those of some distributions that are not installed; none of them is imported."""
    return [name for name in distributions if library_version(name) == "absent"]


def require(extra: str, module: str, component: str) -> ModuleType:
    """Import a module that only an extra of this package installs.

    Args:
        extra: the extra's name, as in ``pip install 'tabsculpt[extra]'``.
        module: the dotted name to import.
        component: what needs it, as named on the command line.

    Raises:
        UserError: the module is not installed; the message says which extra to install.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not module.startswith(f"{error.name}"):
            raise
        raise UserError(f"{component} needs the extra {extra!r}: {to_install(extra)}") from error


def check_installed(component: str, distributions: Iterable[str], extra: str | None) -> None:
    """Refuse a component whose libraries are not installed, without the cost of an import.

    Args:
        component: see `require`.
        distributions: that it needs.
        extra: that installs them, None where there is none.

    Raises:
        UserError: the first of them that is not there, with what to install.
    """
    if names := absent(distributions):
        what = to_install(extra) if extra else f"pip install {names[0]}"
        raise UserError(f"{component} needs {names[0]}, which is not installed: {what}")


def check_component(part: Any) -> None:
    """Refuse a component that cannot work here, whatever the data.

    One that needs more than libraries has a method ``check_usable``, which raises `UserError`.

    Raises:
        UserError: a declared library is not installed (see `check_installed`), or what else it
            needs is not there.
    """
    check_installed(type(part).__name__, part.libraries, getattr(part, "extra", None))
    if hasattr(part, "check_usable"):
        part.check_usable()


def to_install(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'tabsculpt[{extra}]'"
