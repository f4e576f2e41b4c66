"""``tabsculpt status``: how far sweeps are."""

from __future__ import annotations

from tabsculpt.cli.arguments import EXPERIMENT, places
from tabsculpt.cli.options import Json, Places
from tabsculpt.cli.shell import console, errors, print_json


def status(named: Places = None, as_json: Json = False) -> None:
    """Say how far the sweeps are that are running, or how the last one ended.

    Example: [bold]tabsculpt status --outputs outputs[/]
    """
    with errors():
        from tabsculpt.launch.status import show_status, status_record, sweeps_to_show

        folder, rest = places(named, (EXPERIMENT,))
        states = sweeps_to_show(folder, [text.partition("=")[2] for text in rest])
        if as_json:
            print_json([status_record(state) for state in states])
        else:
            show_status(states, folder, console())
