"""The command line. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tabsculpt.job import Job

app = typer.Typer(
    name="tabsculpt",
    help="Which rows are hard, what to generate, does it help, can you trust the answer.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings, as `tabsculpt list` names them."),
]
ConfigDir = Annotated[
    Path | None, typer.Option("--config-dir", help="Folder with configuration files of your own.")
]


@app.command()
def run(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Run one job, beside its real-data baseline.

    Example: [bold]tabsculpt run dataset=breast_cancer generator=ctgan pipeline=profile2gen[/]
    """
    with _errors():
        from tabsculpt.config import load
        from tabsculpt.job import Job

        given = overrides or []
        jobs = Job.each(load(given, config_dir))
        _run([*(job.baseline() for job in jobs if job.suite), *jobs])


@app.command()
def sweep(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Run every combination of the values given, separated by commas.

    Example: [bold]tabsculpt sweep pipeline=real,traditional,profile2gen seed=0,1,2[/]
    """
    with _errors():
        from tabsculpt.job import Job
        from tabsculpt.launch.sweep import expand

        _run([job for one in expand(overrides or [], config_dir) for job in Job.each(one)])


@app.command()
def select(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Plant label errors and find which profiler, at which threshold, sees them best.

    Example: [bold]tabsculpt select dataset=bodyfat profiler.repeats=5[/]
    """
    with _errors():
        from tabsculpt.launch.select import select as search
        from tabsculpt.report.selection import show_selection

        console = _console()
        found = search(overrides or [], config_dir, console)
        show_selection(found.cells, console)
        winner = found.winner
        console.print(
            f"[bold]{winner.profiler} at {winner.threshold:g}[/] on {found.dataset} by the rule "
            f"{found.rule}: mean F1 {winner.f1:.3f}"
        )
        console.print(f"{len(found.cells)} rows in {found.path}")


@app.command()
def profile(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write rows, scores and segments: .csv, .parquet.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many hard rows to print.")] = 10,
) -> None:
    """Score and segment every row of a table, and say why the hardest are hard.

    Example: [bold]tabsculpt profile dataset=csv dataset.path=mine.csv dataset.target=y[/]
    """
    with _errors():
        from tabsculpt.launch.profile import profile_dataset, show_profile, write_profile

        console = _console()
        found = profile_dataset(overrides or [], config_dir, console)
        show_profile(found, top, console)
        if out:
            write_profile(found, out)
            console.print(f"{len(found.dataset.table)} rows written to {out}")


@app.command()
def audit(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Look for what makes results on a table worthless: leaks, duplicates, groups in both parts.

    Example: [bold]tabsculpt audit dataset=csv dataset.path=mine.csv dataset.target=y[/]
    """
    with _errors():
        from tabsculpt.config import load
        from tabsculpt.job import Job
        from tabsculpt.launch.run import show_audit

        show_audit(Job.of(load(overrides or [], config_dir)), _console())


@app.command(name="list")
def list_(
    noun: Annotated[str | None, typer.Argument(help="datasets, profilers, generators, ...")] = None,
    config_dir: ConfigDir = None,
) -> None:
    """Show what can be chosen, and what each can do.

    Example: [bold]tabsculpt list generators[/]
    """
    with _errors():
        from tabsculpt.listing import show_choices, show_nouns

        if noun is None:
            show_nouns(_console(), config_dir)
        else:
            show_choices(noun, _console(), config_dir)


@app.command()
def results(
    filters: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLUMN=VALUE]...", help="Rows to keep, such as dataset=bodyfat."),
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows to this file.")] = None,
    outputs: Annotated[
        Path, typer.Option(envvar="TABSCULPT_OUTPUTS", help="The folder of results.")
    ] = Path("outputs"),
) -> None:
    """Show the results so far, or write them to a CSV file.

    Example: [bold]tabsculpt results dataset=bodyfat --csv bodyfat.csv[/]
    """
    with _errors():
        from tabsculpt.report.terminal import keep, show
        from tabsculpt.results import read_rows

        rows = keep(read_rows(outputs / "results"), filters or [])
        if csv:
            rows.to_csv(csv, index=False)
            _console().print(f"{len(rows)} rows written to {csv}")
        else:
            show(rows, outputs / "store", _console())


@app.command(name="tests")
def significance(
    filters: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLUMN=VALUE]...", help="Rows to keep, such as dataset=bodyfat."),
    ] = None,
    metric: Annotated[str | None, typer.Option(help="Such as rmse; default: by task.")] = None,
    missing: Annotated[
        str, typer.Option(help="Failed cells: complete (leave out) or worst (the worst value).")
    ] = "complete",
    outputs: Annotated[
        Path, typer.Option(envvar="TABSCULPT_OUTPUTS", help="The folder of results.")
    ] = Path("outputs"),
) -> None:
    """Test which pipelines differ: Kruskal-Wallis, Wilcoxon with Holm, ranks over data sets.

    Example: [bold]tabsculpt tests protocol=tstr --metric rmse[/]
    """
    with _errors():
        from tabsculpt.errors import unknown
        from tabsculpt.report.terminal import keep
        from tabsculpt.report.tests import show_tests
        from tabsculpt.results import read_rows

        rows = keep(read_rows(outputs / "results"), filters or [], with_baseline=True)
        if missing not in ("complete", "worst"):
            raise unknown("treatment of failed cells", missing, ("complete", "worst"))
        if metric is not None and metric not in set(rows.metric):
            raise unknown("metric", metric, rows.metric.dropna().unique())
        show_tests(rows, metric, missing, _console())  # type: ignore[arg-type]


@app.command()
def report(
    filters: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLUMN=VALUE]...", help="Rows to keep, such as dataset=bodyfat."),
    ] = None,
    experiment: Annotated[
        str | None, typer.Option(help="Keep the jobs that were run under this experiment.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; default: <outputs>/reports/NAME.")
    ] = None,
    outputs: Annotated[
        Path, typer.Option(envvar="TABSCULPT_OUTPUTS", help="The folder of results.")
    ] = Path("outputs"),
) -> None:
    """Write the results as one HTML page, with its figures and tables as files.

    Example: [bold]tabsculpt report protocol=tstr --experiment profile2gen_tstr[/]
    """
    with _errors():
        from tabsculpt.report.command import report as write

        write(outputs, filters or [], experiment, out, _console())


@app.command()
def doctor() -> None:
    """Say what is installed, which devices there are, and where data is looked for.

    Example: [bold]tabsculpt doctor[/]
    """
    with _errors():
        from tabsculpt.doctor import examine

        examine(_console())


def main() -> None:
    """The console script."""
    app()


def _console() -> Console:
    from rich.console import Console

    # Where there is no terminal to ask, tables get the width they need.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 180)


def _run(jobs: Sequence[Job]) -> None:
    from tabsculpt.launch.run import run_jobs
    from tabsculpt.report.terminal import show
    from tabsculpt.results import read_rows
    from tabsculpt.stats.comparisons import write_tests

    console = _console()
    outcomes = run_jobs(jobs, console)
    outputs = jobs[0].outputs
    rows = read_rows(outputs / "results", [outcome.job for outcome in outcomes])
    show(rows, outputs / "store", console)
    console.print(f"{len(rows)} rows in {outputs / 'results'}")
    if path := write_tests(rows, outputs / "tests"):
        console.print(f"every pair of pipelines tested, in {path}: tabsculpt tests shows them")
    if not all(outcome.ok for outcome in outcomes):
        raise typer.Exit(1)


@contextmanager
def _errors() -> Iterator[None]:
    """Bad input ends with one line and exit code 2, an interruption with exit code 130."""
    try:
        yield
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; what was finished is kept, the same command goes on", err=True)
        raise typer.Exit(130) from None
