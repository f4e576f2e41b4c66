"""``tabsculpt sweep``: every combination of values, in processes of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.arguments import settings
from tabsculpt.cli.options import ConfigDir, Force, Overrides, Retry
from tabsculpt.cli.plan import plan
from tabsculpt.cli.shell import console, errors

if TYPE_CHECKING:
    from rich.console import Console


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
    On how many splits, with two seeds each: repeats=5.

    Example: [bold]tabsculpt sweep pipeline=real,traditional,profile2gen seed=0,1,2[/]
    """
    if dry_run:
        plan(overrides, config_dir, retry, force)
        return
    with errors():
        given = settings(overrides, config_dir)
        sweep_to_its_end(given, config_dir, console(), retry, force)


def sweep_to_its_end(
    given: Sequence[str],
    config_dir: Path | None,
    console: Console,
    retry: str = "failed",
    force: bool = False,
) -> None:
    """Run a sweep, print its results, and end with exit code 1 where a job did not end well."""
    from tabsculpt.launch.sweep import prepare_sweep, run_sweep, show_bad

    grid = prepare_sweep(given, config_dir, console, retry, force)
    bad = run_sweep(grid, console)
    _show_outcome(list(grid.batch.titles), grid.outputs, console, anew=bool(grid.batch.tasks))
    show_bad(bad, grid.outputs, console)
    if bad:
        raise typer.Exit(1)


def _show_outcome(jobs: Sequence[str], outputs: Path, console: Console, anew: bool) -> None:
    """Print results; their tests are worked out again only where some job was run."""
    from tabsculpt.analysis.comparisons import tests_file, write_tests
    from tabsculpt.report.terminal import TABLE_METRICS, UNSEEN, show
    from tabsculpt.results import count_rows, read_rows

    rows = read_rows(outputs / "results", jobs, TABLE_METRICS, UNSEEN)
    show(rows, outputs / "store", console)
    console.print(f"{count_rows(outputs / 'results', jobs)} rows in {outputs / 'results'}")
    path: Path | None = tests_file(rows.job, outputs / "tests")
    if anew or path is None or not path.exists():
        path = write_tests(rows, outputs / "tests")
    if path:
        console.print(f"every pair of pipelines tested, in {path}: tabsculpt tests shows them")
