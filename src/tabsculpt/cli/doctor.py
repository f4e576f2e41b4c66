"""``tabsculpt doctor``: what this machine has."""

from __future__ import annotations

from pathlib import Path

from tabsculpt.cli.shell import console, errors


def doctor() -> None:
    """Say what is installed, which devices and data there are, and which defaults hold.

    Example: [bold]tabsculpt doctor[/]
    """
    with errors():
        from tabsculpt.cli.machine import examine
        from tabsculpt.config.defaults import read_defaults

        examine(console(), read_defaults(Path.cwd()))
