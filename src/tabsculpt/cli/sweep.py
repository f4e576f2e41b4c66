"""``tabsculpt sweep``: every combination of values, in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.arguments import settings
from tabsculpt.cli.ending import show_outcome
from tabsculpt.cli.options import ConfigDir, Force, Overrides, Retry
from tabsculpt.cli.plan import plan
from tabsculpt.cli.shell import console, errors

if TYPE_CHECKING:
    from rich.console import Console

    from tabsculpt.launch.sweep import PreparedSweep


def sweep(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    retry: Retry = "failed",
    force: Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, as `plan` does.")
    ] = False,
) -> None:
    """Run every combination of the values given, separated by commas, in processes of their own.

    How many at a time, and for how long: hydra.launcher.jobs=4 hydra.launcher.timeout=600.

    Example: [bold]tabsculpt sweep pipeline=real,traditional,profile2gen seed=0,1,2[/]
    """
    if dry_run:
        plan(overrides, config_dir, retry, force)
        return
    with errors():
        from tabsculpt.launch.sweep import prepare_sweep

        screen = console()
        given = settings(overrides, config_dir)
        sweep_to_its_end(prepare_sweep(given, config_dir, screen, retry, force), screen)


def sweep_to_its_end(grid: PreparedSweep, console: Console) -> None:
    """Run the jobs of a grid, print their results, and end with exit code 1 where one failed."""
    from tabsculpt.launch.sweep import run_sweep, show_bad

    bad = run_sweep(grid, console)
    show_outcome(list(grid.batch.titles), grid.outputs, console, anew=bool(grid.batch.tasks))
    show_bad(bad, grid.outputs, console)
    if bad:
        raise typer.Exit(1)
