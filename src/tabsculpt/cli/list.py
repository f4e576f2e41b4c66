"""``tabsculpt list``: what can be chosen."""

from __future__ import annotations

from typing import Annotated

import typer

from tabsculpt.cli.arguments import without_part
from tabsculpt.cli.completion import complete_noun
from tabsculpt.cli.options import ConfigDir, Json
from tabsculpt.cli.shell import console, errors, print_json
from tabsculpt.errors import UserError


def list_choices(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NOUN] [GROUP=NAME]...",
            help="datasets, profilers, generators, ...; or some of them: generator=arf,ddpm.",
            autocompletion=complete_noun,
        ),
    ] = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Show what can be chosen, and what each can do.

    Example: [bold]tabsculpt list generators[/]
    """
    with errors():
        from tabsculpt.config.choices import GROUPS
        from tabsculpt.config.listing import listed

        nouns = [word for word in words or [] if "=" not in word]
        if len(nouns) > 1:
            raise UserError(f"one thing is listed at a time, and not {' and '.join(nouns)}")
        pairs = without_part([word for word in words or [] if "=" in word], GROUPS)
        tables = listed(nouns[0] if nouns else None, pairs, config_dir)
        if as_json:
            print_json([record for table in tables for record in table.records])
            return
        screen = console()
        for table in tables:
            table.show(screen)
