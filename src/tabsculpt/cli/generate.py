"""``tabsculpt generate``: the synthetic table itself, with a card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.arguments import check_own, for_one
from tabsculpt.cli.completion import OWN
from tabsculpt.cli.options import ConfigDir, Json, Overrides
from tabsculpt.cli.shell import console, errors, print_json

LOOKED_AT = (
    "dataset", "profiler", "generator", "pipeline", "predictors", "split", "seed", "device",
)  # fmt: skip


def generate(
    overrides: Overrides = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The file: .csv, .tsv, .parquet, .arff or .feather."),
    ] = None,
    train_only: Annotated[
        bool, typer.Option("--train-only", help="Learn from the train part of the split alone.")
    ] = False,
    append_real: Annotated[
        bool,
        typer.Option("--append-real", help="Real rows first; the column 'synthetic' says which."),
    ] = False,
    guard_formulas: Annotated[
        bool,
        typer.Option(
            "--guard-formulas",
            help="Put ' before texts of a CSV that begin with =, +, - or @: spreadsheets run them.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file and its card.")] = False,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Write a synthetic table in the form of its source, and beside it a card that says what it is.

    Besides settings: rows=N for how many, given.COLUMN=VALUE for rows that have a value. The
    pipeline is traditional (one generator on all rows) where none is named.

    Example: [bold]tabsculpt generate dataset=csv dataset.path=mine.csv dataset.target=y
    generator=arf rows=1000 --out synthetic.csv[/]
    """
    with errors():
        from tabsculpt.errors import UserError
        from tabsculpt.synthesis.command import Options, generate_file
        from tabsculpt.synthesis.request import Asked

        check_own(overrides, OWN["generate"])
        if out is None:
            raise UserError("where to? name the file, as in --out synthetic.csv")
        asked = Asked.of(overrides or [])
        beside = [text for text in overrides or [] if text not in asked.settings]
        typed = [*for_one(asked.settings, config_dir, LOOKED_AT), *beside]
        screen = console(as_json)
        options = Options(out, train_only, append_real, guard_formulas, force)
        card = generate_file(typed, options, config_dir, screen)
        if as_json:
            print_json(card)
