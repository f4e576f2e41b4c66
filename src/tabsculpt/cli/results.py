"""``tabsculpt results``: the rows so far, as tables, a pivot, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tabsculpt.cli.arguments import places
from tabsculpt.cli.options import Filters, Json
from tabsculpt.cli.shell import console, errors, print_json
from tabsculpt.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

STDOUT = "-"


def results(
    filters: Filters = None,
    pivot: Annotated[
        str | None,
        typer.Option(
            "--pivot", help="Mean values by these columns, the last one across: predictor,pipeline."
        ),
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write to this file; -: to stdout.")
    ] = None,
    parquet: Annotated[
        str | None, typer.Option("--parquet", metavar="FILE", help="Write to this file.")
    ] = None,
    by_split: Annotated[
        bool, typer.Option("--by-split", help="Also a table for each split and seed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the results so far, also while a sweep writes them; or write them to a file.

    Example: [bold]tabsculpt results metric=rmse dataset=bodyfat --pivot predictor,pipeline[/]
    """
    with errors():
        from tabsculpt.analysis.measurements import read_measurements
        from tabsculpt.analysis.pivot import pivot as turn
        from tabsculpt.report.filters import keep
        from tabsculpt.report.pivot import pivot_table
        from tabsculpt.report.subgroups import subgroup_tables
        from tabsculpt.report.terminal import show

        if parquet == STDOUT:
            raise UserError("--parquet writes to a file; to standard output: --csv -")
        if as_json and (csv or parquet):
            raise UserError("--json prints what --csv and --parquet write to a file; choose one")
        folder, kept = places(filters)
        rows, shown = keep(read_measurements(folder / "results").rows, kept), console()
        turned = None if pivot is None or rows.empty else turn(rows, pivot.split(","))
        table = rows if turned is None else turned.table
        if as_json:
            print_json(table if turned is not None else table.assign(notes=_structured(rows.notes)))
        elif csv is not None or parquet is not None:
            _write(table, csv, parquet, shown)
        elif rows.empty:
            shown.print(f"no results yet in {folder}", markup=False, soft_wrap=True)
        elif turned is None:
            show(rows, folder / "store", shown, by_split)
            for subgroups in subgroup_tables(rows):
                shown.print(subgroups)
        else:
            shown.print(pivot_table(turned))


def _structured(notes: pd.Series) -> list[list[dict[str, Any]]]:
    """The notes of rows as lists of objects, each text of JSON read once."""
    from tabsculpt.notes import from_json, to_records

    read = {text: to_records(from_json(text)) for text in notes.unique()}
    return [read[text] for text in notes]


def _write(table: pd.DataFrame, csv: str | None, parquet: str | None, shown: Console) -> None:
    from tabsculpt.results import write_frame

    for kind, name in (("csv", csv), ("parquet", parquet)):
        if name == STDOUT:
            typer.echo(table.to_csv(index=False).encode(), nl=False)
        elif name is not None:
            write_frame(table, Path(name), kind)
            if csv != STDOUT:  # there, nothing but the table
                shown.print(f"{len(table)} rows written to {name}", markup=False, soft_wrap=True)
