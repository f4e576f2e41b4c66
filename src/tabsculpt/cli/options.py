"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.errors import UserError

Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings, as `tabsculpt list` names them."),
]
ConfigDir = Annotated[
    Path | None, typer.Option("--config-dir", help="Folder with configuration files of your own.")
]
Retry = Annotated[
    str, typer.Option("--retry", help="Finished jobs to run again: failed, all (not ok) or none.")
]
Force = Annotated[bool, typer.Option("--force", help="Compute everything anew.")]


def _folder(value: str | Path) -> Path:
    from tabsculpt.results import local_folder

    try:
        return local_folder(str(value), "--outputs")
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


Outputs = Annotated[
    Path | None,
    typer.Option(
        envvar="TABSCULPT_OUTPUTS",
        help="The folder of results; outputs where none is named.",
        parser=_folder,
        metavar="FOLDER",
    ),
]
Filters = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COLUMN=VALUE]...", help="Rows to keep: dataset=bodyfat,plasma."),
]
