"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.completion import complete_column, complete_place, complete_setting

Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...",
        help="Settings, as `tabsculpt list` names them.",
        autocompletion=complete_setting,
    ),
]
Filters = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COLUMN=VALUE]...",
        help="Rows to keep: dataset=bodyfat,plasma.",
        autocompletion=complete_column,
    ),
]
Places = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...",
        help="paths.outputs=FOLDER, experiment=NAME.",
        autocompletion=complete_place,
    ),
]
ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config-dir",
        envvar="TABSCULPT_CONFIG_DIR",
        show_envvar=False,
        help="Folder with configuration files of your own, or TABSCULPT_CONFIG_DIR.",
    ),
]
Outputs = Annotated[
    str | None,
    typer.Option(
        "--outputs",
        metavar="FOLDER",
        help="The folder of results, as paths.outputs=FOLDER or TABSCULPT_OUTPUTS.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print errors alone, and what --json asks for.")
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="Print without colours and weights, as with NO_COLOR.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print JSON to standard output, and nothing else there.")
]
Retry = Annotated[
    str, typer.Option("--retry", help="Finished jobs to run again: failed, all (not ok) or none.")
]
Force = Annotated[bool, typer.Option("--force", help="Compute everything anew.")]
