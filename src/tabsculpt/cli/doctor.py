"""``tabsculpt doctor``: what this machine has."""

from __future__ import annotations

from pathlib import Path

from tabsculpt.cli.arguments import DATA, OUTPUTS, without_part
from tabsculpt.cli.options import Json, Places
from tabsculpt.cli.shell import console, errors, print_json


def doctor(named: Places = None, as_json: Json = False) -> None:
    """Say what is installed, which devices and data there are, and which defaults hold.

    Example: [bold]tabsculpt doctor[/]
    """
    with errors():
        from tabsculpt.cli.machine import examine, machine_table
        from tabsculpt.config.defaults import read_defaults

        typed = without_part(named or [], (OUTPUTS, DATA))
        found = examine(read_defaults(Path.cwd()), typed)
        if as_json:
            print_json([{"what": what, "found": answer} for what, answer in found])
        else:
            console().print(machine_table(found))
