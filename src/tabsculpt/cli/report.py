"""``tabsculpt report``: the results as a page, tables and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.arguments import places
from tabsculpt.cli.completion import complete_experiment
from tabsculpt.cli.options import Filters
from tabsculpt.cli.shell import console, errors


def report(
    filters: Filters = None,
    experiment: Annotated[
        str | None,
        typer.Option(
            help="Keep the jobs that were run under this experiment.",
            autocompletion=complete_experiment,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; default: <outputs>/reports/NAME.")
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option("--figures", help="Folder for every figure as SVG and PDF, for a paper."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Another output folder: say what changed since its results."),
    ] = None,
) -> None:
    """Write the results as one HTML page, its tables as files and, if asked for, its figures.

    Example: [bold]tabsculpt report protocol=tstr --experiment profile2gen_tstr[/]
    """
    with errors():
        from tabsculpt.report.command import report as write

        folder, kept = places(filters)
        write(folder, kept, experiment, out, figures, against, console())
