"""``tabsculpt audit``: what makes results on a table worthless."""

from __future__ import annotations

from tabsculpt.cli.arguments import for_one
from tabsculpt.cli.options import ConfigDir, Json, Overrides
from tabsculpt.cli.shell import console, errors, print_json

LOOKED_AT = ("dataset", "split")


def audit(overrides: Overrides = None, as_json: Json = False, config_dir: ConfigDir = None) -> None:
    """Look for what makes results on a table worthless: leaks, duplicates, groups in both parts.

    Example: [bold]tabsculpt audit dataset=csv dataset.path=mine.csv dataset.target=y[/]
    """
    with errors():
        from tabsculpt.config.compose import load
        from tabsculpt.jobs.job import Job
        from tabsculpt.launch.refusals import show_audit

        given = for_one(overrides, config_dir, LOOKED_AT)
        found = show_audit(Job.of(load(given, config_dir)), console(as_json))
        if as_json:
            print_json(found)
