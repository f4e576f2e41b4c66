"""``tabsculpt profile``: which rows of a table are hard, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.arguments import for_one
from tabsculpt.cli.options import ConfigDir, Json, Overrides
from tabsculpt.cli.shell import console, errors, print_json

LOOKED_AT = ("dataset", "profiler", "seed", "device")


def profile(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write rows, scores and segments: .csv, .parquet.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many hard rows to print.")] = 10,
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="Write columns that dataset.drop leaves out, too.")
    ] = False,
) -> None:
    """Score and segment every row of a table, and say why the hardest are hard.

    Example: [bold]tabsculpt profile dataset=csv dataset.path=mine.csv dataset.target=y[/]
    """
    with errors():
        from tabsculpt.launch.profile import (
            profile_dataset,
            profile_record,
            show_profile,
            write_profile,
        )

        screen = console(as_json)
        given = for_one(overrides, config_dir, LOOKED_AT)
        found = profile_dataset(given, config_dir, screen)
        show_profile(found, top, screen)
        if out:
            write_profile(found, out, all_columns)
            screen.print(f"{len(found.dataset.table)} rows written to {out}")
        if as_json:
            print_json(profile_record(found, top, all_columns))
