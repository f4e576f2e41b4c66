"""Libraries that live in an extra of this package, imported with a message that helps."""

from __future__ import annotations

import importlib
from types import ModuleType

from tabsculpt.engine.fingerprints import library_version
from tabsculpt.errors import UserError


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
        raise _not_installed(extra, component) from error


def check_installed(extra: str, distribution: str, component: str) -> None:
    """Refuse a component whose extra is not installed, without the cost of an import.

    Args:
        extra: see `require`.
        distribution: that the extra installs.
        component: see `require`.

    Raises:
        UserError: it is not there.
    """
    if library_version(distribution) == "absent":
        raise _not_installed(extra, component)


def _not_installed(extra: str, component: str) -> UserError:
    return UserError(f"{component} needs the extra {extra!r}: pip install 'tabsculpt[{extra}]'")
