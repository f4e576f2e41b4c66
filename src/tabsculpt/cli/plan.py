"""``tabsculpt plan``: what a sweep would do, and what it may cost."""

from __future__ import annotations

from tabsculpt.cli.arguments import settings
from tabsculpt.cli.options import ConfigDir, Force, Overrides, Retry
from tabsculpt.cli.shell import console, errors


def plan(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    retry: Retry = "failed",
    force: Force = False,
) -> None:
    """Say what a sweep would do: jobs, steps, what is there, what cannot work, what it may cost.

    Example: [bold]tabsculpt plan pipeline=real,traditional,profile2gen seed=0,1,2[/]
    """
    with errors():
        from tabsculpt.launch.plan import show_plan
        from tabsculpt.launch.repeats import BUDGET
        from tabsculpt.launch.status import duration
        from tabsculpt.launch.sweep import prepare_sweep

        screen = console()
        grid = prepare_sweep(settings(overrides, config_dir), config_dir, screen, retry, force)
        show_plan(grid.batch, grid.outputs / "store", grid.slots, screen)
        if grid.trial is not None:
            screen.print(
                f"{grid.repeats} of each, fewer where they would take more than "
                f"{duration(BUDGET)}; repeats=1 for one of each, repeats=N for N splits"
            )
