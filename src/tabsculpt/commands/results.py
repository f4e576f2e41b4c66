"""``tabsculpt results``: the rows so far, as tables, a pivot, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.commands.shell import Filters, Outputs, console, errors


def results(
    filters: Filters = None,
    pivot: Annotated[
        str | None,
        typer.Option(
            "--pivot", help="Mean values by these columns, the last one across: predictor,pipeline."
        ),
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write to this file.")] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", help="Write to this file.")] = None,
    outputs: Outputs = Path("outputs"),
) -> None:
    """Show the results so far, also while a sweep writes them; or write them to a file.

    Example: [bold]tabsculpt results metric=rmse dataset=bodyfat --pivot predictor,pipeline[/]
    """
    with errors():
        from tabsculpt.report.filters import keep
        from tabsculpt.report.pivot import pivot as turn
        from tabsculpt.report.pivot import pivot_table
        from tabsculpt.report.terminal import show
        from tabsculpt.results import read_rows, write_frame

        rows, shown = keep(read_rows(outputs / "results"), filters or []), console()
        table = rows if pivot is None else turn(rows, pivot.split(","))
        for path in filter(None, (csv, parquet)):
            write_frame(table, path, "parquet" if path == parquet else "csv")
            shown.print(f"{len(table)} rows written to {path}")
        if csv or parquet:
            return
        if pivot is None:
            show(rows, outputs / "store", shown)
        else:
            shown.print(pivot_table(table, rows))
