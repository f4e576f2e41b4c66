"""``tabsculpt select``: which profiler, at which threshold, finds planted label errors."""

from __future__ import annotations

from tabsculpt.cli.arguments import for_one
from tabsculpt.cli.options import ConfigDir, Json, Overrides
from tabsculpt.cli.shell import console, errors, print_json

LOOKED_AT = ("dataset", "profiler", "split", "seed")


def select(
    overrides: Overrides = None, as_json: Json = False, config_dir: ConfigDir = None
) -> None:
    """Plant label errors and find which profiler, at which threshold, sees them best.

    Example: [bold]tabsculpt select dataset=bodyfat profiler.repeats=5[/]
    """
    with errors():
        from tabsculpt.launch.select import select as search
        from tabsculpt.report.selection import show_selection

        screen = console(as_json)
        given = for_one(overrides, config_dir, LOOKED_AT)
        found = search(given, config_dir, screen)
        show_selection(found.cells, screen)
        winner = found.winner
        screen.print(
            f"[bold]{winner.profiler} at {winner.threshold:g}[/] on {found.dataset} by the rule "
            f"{found.rule}: mean F1 {winner.f1:.3f}"
        )
        screen.print(f"{len(found.cells)} rows in {found.path}")
        if as_json:
            print_json(found)
