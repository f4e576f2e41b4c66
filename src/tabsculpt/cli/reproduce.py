"""``tabsculpt reproduce``: a paper's table, ours beside it, as far as a budget goes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.arguments import settings
from tabsculpt.cli.completion import complete_paper
from tabsculpt.cli.options import ConfigDir, Json, Overrides
from tabsculpt.cli.shell import console, errors, print_json
from tabsculpt.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from tabsculpt.launch.timed import Clock
    from tabsculpt.papers.command import Reproduced

EXPECTED = "a span of time, as in 90m or 2h, or 0s to run nothing"


def reproduce(
    paper: Annotated[
        str | None,
        typer.Argument(
            metavar="[PAPER]", help="Its name; none: list them.", autocompletion=complete_paper
        ),
    ] = None,
    overrides: Overrides = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="How long to run, as in 90m or 2h; 0s: write the page alone."
        ),
    ] = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Run what fits a budget of a paper's table, and write a page with its figures beside ours.

    Without a name the papers are listed, without a budget all is run. The same command goes on
    where it was.

    Example: [bold]tabsculpt reproduce small_classification --budget 2h[/]
    """
    began = time.monotonic()
    with errors():
        typed = list(overrides or [])
        if paper is None or "=" in paper:
            _list([*filter(None, [paper]), *typed], as_json)
            return
        from tabsculpt.papers.command import reproduce as run
        from tabsculpt.papers.source import read_paper

        screen, source, clock = console(as_json), read_paper(paper), _clock(budget, began, typed)
        given = settings([f"experiment={source.experiment}", *typed], config_dir)
        found = run(source, given, clock, config_dir, screen)
        _show(found, screen)
        if as_json:
            print_json(found.record())
        if found.done.total("failed"):
            raise typer.Exit(1)


def _clock(budget: str | None, began: float, typed: Sequence[str]) -> Clock:
    """The time that may be taken.

    Raises:
        UserError: it was typed otherwise.
    """
    from tabsculpt.config.amounts import seconds_of
    from tabsculpt.launch.timed import Clock

    for text in typed:
        if text.startswith("budget="):
            raise UserError(f"{text}: here it is typed as --budget {text.partition('=')[2]}")
    seconds = math.inf if budget is None else seconds_of(budget, "--budget", EXPECTED)
    return Clock(seconds, began)


def _list(typed: Sequence[str], as_json: bool) -> None:
    from rich.table import Table as RichTable

    from tabsculpt.cli.arguments import without_part
    from tabsculpt.papers.source import names, read_paper

    without_part(typed, ())
    papers = [read_paper(name) for name in names()]
    if as_json:
        print_json([{**asdict(paper), "cited": paper.cited} for paper in papers])
        return
    table = RichTable(title="tabsculpt reproduce NAME", title_justify="left", title_style="bold")
    for head in ("name", "what is run", "figures in", "paper"):
        table.add_column(head)
    for paper in papers:
        table.add_row(paper.name, paper.about, paper.place, paper.cited)
    console().print(table)


def _show(found: Reproduced, screen: Console) -> None:
    screen.print(found.done.words(), markup=False)
    counted = [f"{word} {n}" for word, n in found.beside.verdicts().items() if n]
    screen.print(f"figures of the paper: {', '.join(counted) or 'none beside ours'}", markup=False)
    for path in found.pages:
        screen.print(str(path), markup=False, soft_wrap=True)
