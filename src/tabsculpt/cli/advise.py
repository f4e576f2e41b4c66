"""``tabsculpt advise``: does synthetic data help on this table, which, and how sure is that."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.arguments import check_own, settings
from tabsculpt.cli.completion import OWN
from tabsculpt.cli.options import ConfigDir, Json, Overrides
from tabsculpt.cli.shell import console, errors, print_json


def advise(
    overrides: Overrides = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The file of rows to add; OUTPUTS/advice/... by default."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file that --out names.")
    ] = False,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Say whether synthetic rows help on a table, which, how sure that is, and write them.

    Besides settings: budget=10m for the time of all, metric=auto for what is improved, rope=0.01
    for the share of it that is no difference in practice; generator=arf,ddpm and
    pipeline=traditional,upsample for what is tried. The same command goes on where it was.

    Example: [bold]tabsculpt advise dataset=csv dataset.path=mine.csv dataset.target=y budget=10m[/]
    """
    began = time.monotonic()  # the imports are of the budget, too
    with errors():
        from tabsculpt.advice.command import advise_command
        from tabsculpt.advice.request import Request

        check_own(overrides, OWN["advise"])
        given = overrides or []
        own = [text for text in given if text not in Request.of(given).settings]
        typed = [*settings(Request.of(given).settings, config_dir), *own]
        answer = advise_command(typed, out, force, config_dir, console(as_json), began)
        if as_json:
            print_json(answer.record())
