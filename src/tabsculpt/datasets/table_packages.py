"""Collections of tables inside packages that are installed; none of the packages is imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tabsculpt.errors import UserError


def package_folder(package: str, install: str) -> Path:
    """Where an installed package lies.

    Importing would run it: one of these packages pins an old numpy, another writes into the home
    folder when it is imported.

    Args:
        package: the name that it is imported by.
        install: the command that installs it.

    Raises:
        UserError: it is not installed.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise UserError(
            f"the tables of the package {package} are not here: it is not installed; {install}"
        )
    return Path(found.origin).parent
