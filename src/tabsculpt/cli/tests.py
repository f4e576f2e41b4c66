"""``tabsculpt tests``: which differences between pipelines hold."""

from __future__ import annotations

from typing import Annotated

import typer

from tabsculpt.cli.arguments import places
from tabsculpt.cli.options import Filters, Json
from tabsculpt.cli.shell import console, errors, print_json


def significance(
    filters: Filters = None,
    metric: Annotated[str | None, typer.Option(help="Such as rmse; default: by task.")] = None,
    missing: Annotated[
        str, typer.Option(help="Failed cells: complete (leave out) or worst (the worst value).")
    ] = "complete",
    rope: Annotated[
        float,
        typer.Option(help="Practically equal: within this share of the real rows' mean.", min=0.0),
    ] = 0.01,
    as_json: Json = False,
) -> None:
    """Say which pipelines differ over splits and fits; ranks over data sets; the published tests.

    Example: [bold]tabsculpt tests protocol=tstr --metric rmse[/]
    """
    with errors():
        from tabsculpt.errors import unknown
        from tabsculpt.report.filters import keep
        from tabsculpt.report.significance import show_tests, tests_record
        from tabsculpt.results import read_rows

        folder, kept = places(filters)
        rows = keep(read_rows(folder / "results"), kept, with_baseline=True)
        if missing not in ("complete", "worst"):
            raise unknown("treatment of failed cells", missing, ("complete", "worst"))
        if metric is not None and metric not in set(rows.metric):
            raise unknown("metric", metric, rows.metric.dropna().unique())
        if as_json:
            print_json(tests_record(rows, metric, missing, rope))  # type: ignore[arg-type]
        else:
            show_tests(rows, metric, missing, console(), rope)  # type: ignore[arg-type]
