"""``tabsculpt list``: what can be chosen."""

from __future__ import annotations

from typing import Annotated

import typer

from tabsculpt.cli.options import ConfigDir
from tabsculpt.cli.shell import console, errors


def list_choices(
    noun: Annotated[str | None, typer.Argument(help="datasets, profilers, generators, ...")] = None,
    config_dir: ConfigDir = None,
) -> None:
    """Show what can be chosen, and what each can do.

    Example: [bold]tabsculpt list generators[/]
    """
    with errors():
        from tabsculpt.config.listing import show_choices, show_nouns

        if noun is None:
            show_nouns(console(), config_dir)
        else:
            show_choices(noun, console(), config_dir)
