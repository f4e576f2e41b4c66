"""``tabsculpt status``: how far sweeps are."""

from __future__ import annotations

from typing import Annotated

import typer

from tabsculpt.cli.arguments import places
from tabsculpt.cli.options import Outputs
from tabsculpt.cli.shell import console, errors


def status(
    named: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="paths.outputs=FOLDER, experiment=NAME."),
    ] = None,
    outputs: Outputs = None,
) -> None:
    """Say how far the sweeps are that are running, or how the last one ended.

    Example: [bold]tabsculpt status --outputs outputs[/]
    """
    with errors():
        from tabsculpt.launch.status import show_status

        folder, rest = places(named, outputs, takes=("experiment",))
        show_status(folder, console(), [text.partition("=")[2] for text in rest])
