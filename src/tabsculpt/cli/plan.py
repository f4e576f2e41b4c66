"""``tabsculpt plan``: what a sweep would do, and what it may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.arguments import settings
from tabsculpt.cli.options import ConfigDir, Force, Json, Overrides, Retry
from tabsculpt.cli.shell import console, errors, print_json


def plan(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    retry: Retry = "failed",
    force: Force = False,
    frozen: Annotated[
        Path | None,
        typer.Option(
            "--freeze",
            metavar="FILE",
            help="Write the comparisons of the plan, before it is run, for `report` to tell.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a sweep would do: jobs, steps, what is there, what cannot work, what it may cost.

    Example: [bold]tabsculpt plan pipeline=real,traditional,profile2gen seed=0,1,2[/]
    """
    with errors():
        from tabsculpt.launch.freeze import freeze
        from tabsculpt.launch.plan import plan_record, show_plan
        from tabsculpt.launch.repeats import BUDGET
        from tabsculpt.launch.status import duration
        from tabsculpt.launch.sweep import prepare_sweep

        screen = console(as_json)
        typed = settings(overrides, config_dir)
        grid = prepare_sweep(typed, config_dir, screen, retry, force)
        store = grid.outputs / "store"
        show_plan(grid.batch, store, grid.slots, screen)
        if frozen is not None:
            freeze(grid.batch, typed, grid.outputs, frozen, screen)
        if grid.trial is not None:
            screen.print(
                f"{grid.repeats} of each, fewer where they would take more than "
                f"{duration(BUDGET)}; repeats=1 for one of each, repeats=N for N splits"
            )
        if as_json:
            print_json(plan_record(grid.batch, store, grid.slots))
