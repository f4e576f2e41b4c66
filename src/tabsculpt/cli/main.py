"""The command line put together. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

from typing import Annotated

import typer

from tabsculpt.cli import store
from tabsculpt.cli.advise import advise
from tabsculpt.cli.audit import audit
from tabsculpt.cli.doctor import doctor
from tabsculpt.cli.generate import generate
from tabsculpt.cli.group import Group
from tabsculpt.cli.list import list_choices
from tabsculpt.cli.new import new
from tabsculpt.cli.plan import plan
from tabsculpt.cli.profile import profile
from tabsculpt.cli.report import report
from tabsculpt.cli.reproduce import reproduce
from tabsculpt.cli.results import results
from tabsculpt.cli.run import run
from tabsculpt.cli.select import select
from tabsculpt.cli.shared import shared
from tabsculpt.cli.status import status
from tabsculpt.cli.sweep import sweep
from tabsculpt.cli.tests import significance

app = typer.Typer(
    name="tabsculpt",
    cls=Group,
    help="Which rows are hard, what to generate, does it help, can you trust the answer.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    run, sweep, advise, generate, plan, status, select, profile, audit, report, doctor, results,
    reproduce, new,
)  # fmt: skip
for command in COMMANDS:
    app.command()(shared(command))
app.command(name="list")(shared(list_choices))
app.command(name="tests")(shared(significance))
app.add_typer(store.app, name="store")


def _version(asked: bool) -> None:
    if asked:
        from tabsculpt.engine.fingerprints import library_version

        typer.echo(f"tabsculpt {library_version('tabsculpt')}")
        raise typer.Exit


@app.callback()
def tabsculpt(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version it is.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Which rows are hard, what to generate, does it help, can you trust the answer."""


def main() -> None:
    """The console script."""
    app()
