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
        from tabsculpt.analysis.measurements import read_measurements
        from tabsculpt.analysis.pivot import pivot as turn
        from tabsculpt.report.pivot import pivot_table
        from tabsculpt.report.terminal import keep, show
        from tabsculpt.results import write_frame

        rows, shown = keep(read_measurements(outputs / "results").rows, filters or []), console()
        turned = None if pivot is None else turn(rows, pivot.split(","))
        table = rows if turned is None else turned.table
        for path in filter(None, (csv, parquet)):
            write_frame(table, path, "parquet" if path == parquet else "csv")
            shown.print(f"{len(table)} rows written to {path}")
        if csv or parquet:
            return
        if turned is None:
            show(rows, outputs / "store", shown)
        else:
            shown.print(pivot_table(turned))
