"""The command line. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli import store
from tabsculpt.cli.arguments import places, refuse_grid, settings
from tabsculpt.cli.group import Group
from tabsculpt.cli.new import new
from tabsculpt.cli.results import results
from tabsculpt.cli.shell import Filters, Outputs
from tabsculpt.cli.shell import console as _console
from tabsculpt.cli.shell import errors as _errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tabsculpt.config.compose import Composed
    from tabsculpt.launch.sweep import Grid

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
app.add_typer(store.app, name="store")
app.command()(results)
app.command()(new)

LOOKED_AT = {
    "audit": ("dataset", "split"),
    "profile": ("dataset", "profiler", "seed", "device"),
    "select": ("dataset", "profiler", "split", "seed"),
}
"""What commands for one configuration look at of it, beside folders."""
WHOLE = ("dataset", "profiler", "generator", "pipeline", "protocol", "predictors", "split", "seed")
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings, as `tabsculpt list` names them."),
]
ConfigDir = Annotated[
    Path | None, typer.Option("--config-dir", help="Folder with configuration files of your own.")
]
RetryOption = Annotated[
    str, typer.Option("--retry", help="Finished jobs to run again: failed, all (not ok) or none.")
]
Force = Annotated[bool, typer.Option("--force", help="Compute everything anew.")]


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


@app.command()
def run(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    cfg: Annotated[
        str | None,
        typer.Option("--cfg", metavar="job", help="Print the configuration; nothing is run."),
    ] = None,
) -> None:
    """Run one job, beside its real-data baseline, in this process.

    With any of the settings of hydra.launcher, in a process of its own, as `sweep` does.

    Example: [bold]tabsculpt run dataset=breast_cancer generator=ctgan pipeline=profile2gen[/]
    """
    with _errors():
        from tabsculpt.config.compose import load
        from tabsculpt.config.overrides import readable
        from tabsculpt.jobs.job import Job
        from tabsculpt.launch.baselines import missing_baselines
        from tabsculpt.launch.in_process import run_jobs
        from tabsculpt.launch.sweep import open_grid
        from tabsculpt.launch.unused_settings import tell_unused

        given, console = settings(overrides, config_dir), _console()
        refuse_grid(given, config_dir, WHOLE)
        composed = load(given, config_dir)
        if cfg is not None:
            _print_configuration(composed, cfg)
            return
        jobs = Job.each(composed)
        if any(text.startswith(("hydra/launcher", "hydra.launcher")) for text in given):
            _conduct(open_grid(given, config_dir, console), console)
            return
        tell_unused(readable(given, config_dir), jobs, console)
        jobs = [*missing_baselines(jobs, jobs if composed.config.baseline else []), *jobs]
        outcomes = run_jobs(jobs, console)
        _show([outcome.job for outcome in outcomes], jobs[0].outputs, console)
        if not all(outcome.ok for outcome in outcomes):
            raise typer.Exit(1)


@app.command()
def sweep(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    retry: RetryOption = "failed",
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
    with _errors():
        from tabsculpt.launch.sweep import open_grid

        console = _console()
        given = settings(overrides, config_dir)
        _conduct(open_grid(given, config_dir, console, retry, force), console)


@app.command()
def plan(
    overrides: Overrides = None,
    config_dir: ConfigDir = None,
    retry: RetryOption = "failed",
    force: Force = False,
) -> None:
    """Say what a sweep would do: jobs, steps, what is there, what cannot work, what it may cost.

    Example: [bold]tabsculpt plan pipeline=real,traditional,profile2gen seed=0,1,2[/]
    """
    with _errors():
        from tabsculpt.launch.plan import show_plan
        from tabsculpt.launch.sweep import open_grid

        console = _console()
        grid = open_grid(settings(overrides, config_dir), config_dir, console, retry, force)
        show_plan(grid.batch, grid.outputs / "store", grid.slots, console)


@app.command()
def status(
    named: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="paths.outputs=FOLDER, experiment=NAME."),
    ] = None,
    outputs: Outputs = None,
) -> None:
    """Say how far the sweeps are that are running, or how the last one ended.

    Example: [bold]tabsculpt status --outputs outputs[/]
    """
    with _errors():
        from tabsculpt.launch.status import show_status

        folder, rest = places(named, outputs, takes=("experiment",))
        show_status(folder, _console(), [text.partition("=")[2] for text in rest])


@app.command()
def select(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Plant label errors and find which profiler, at which threshold, sees them best.

    Example: [bold]tabsculpt select dataset=bodyfat profiler.repeats=5[/]
    """
    with _errors():
        from tabsculpt.launch.select import select as search
        from tabsculpt.report.selection import show_selection

        console = _console()
        given = _for_one("select", overrides, config_dir)
        found = search(given, config_dir, console)
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
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="Write columns that dataset.drop leaves out, too.")
    ] = False,
) -> None:
    """Score and segment every row of a table, and say why the hardest are hard.

    Example: [bold]tabsculpt profile dataset=csv dataset.path=mine.csv dataset.target=y[/]
    """
    with _errors():
        from tabsculpt.launch.profile import profile_dataset, show_profile, write_profile

        console = _console()
        given = _for_one("profile", overrides, config_dir)
        found = profile_dataset(given, config_dir, console)
        show_profile(found, top, console)
        if out:
            write_profile(found, out, all_columns)
            console.print(f"{len(found.dataset.table)} rows written to {out}")


@app.command()
def audit(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Look for what makes results on a table worthless: leaks, duplicates, groups in both parts.

    Example: [bold]tabsculpt audit dataset=csv dataset.path=mine.csv dataset.target=y[/]
    """
    with _errors():
        from tabsculpt.config.compose import load
        from tabsculpt.jobs.job import Job
        from tabsculpt.launch.in_process import show_audit

        given = _for_one("audit", overrides, config_dir)
        show_audit(Job.of(load(given, config_dir)), _console())


@app.command(name="list")
def list_(
    noun: Annotated[str | None, typer.Argument(help="datasets, profilers, generators, ...")] = None,
    config_dir: ConfigDir = None,
) -> None:
    """Show what can be chosen, and what each can do.

    Example: [bold]tabsculpt list generators[/]
    """
    with _errors():
        from tabsculpt.config.listing import show_choices, show_nouns

        if noun is None:
            show_nouns(_console(), config_dir)
        else:
            show_choices(noun, _console(), config_dir)


@app.command(name="tests")
def significance(
    filters: Filters = None,
    metric: Annotated[str | None, typer.Option(help="Such as rmse; default: by task.")] = None,
    missing: Annotated[
        str, typer.Option(help="Failed cells: complete (leave out) or worst (the worst value).")
    ] = "complete",
    outputs: Outputs = None,
) -> None:
    """Test which pipelines differ: Kruskal-Wallis, Wilcoxon with Holm, ranks over data sets.

    Example: [bold]tabsculpt tests protocol=tstr --metric rmse[/]
    """
    with _errors():
        from tabsculpt.errors import unknown
        from tabsculpt.report.filters import keep
        from tabsculpt.report.tests import show_tests
        from tabsculpt.results import read_rows

        folder, kept = places(filters, outputs)
        rows = keep(read_rows(folder / "results"), kept, with_baseline=True)
        if missing not in ("complete", "worst"):
            raise unknown("treatment of failed cells", missing, ("complete", "worst"))
        if metric is not None and metric not in set(rows.metric):
            raise unknown("metric", metric, rows.metric.dropna().unique())
        show_tests(rows, metric, missing, _console())  # type: ignore[arg-type]


@app.command()
def report(
    filters: Filters = None,
    experiment: Annotated[
        str | None, typer.Option(help="Keep the jobs that were run under this experiment.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; default: <outputs>/reports/NAME.")
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option("--figures", help="Folder for every figure as SVG and PDF, for a paper."),
    ] = None,
    outputs: Outputs = None,
) -> None:
    """Write the results as one HTML page, its tables as files and, if asked for, its figures.

    Example: [bold]tabsculpt report protocol=tstr --experiment profile2gen_tstr[/]
    """
    with _errors():
        from tabsculpt.report.command import report as write

        folder, kept = places(filters, outputs)
        write(folder, kept, experiment, out, figures, _console())


@app.command()
def doctor() -> None:
    """Say what is installed, which devices and data there are, and which defaults hold.

    Example: [bold]tabsculpt doctor[/]
    """
    with _errors():
        from tabsculpt.cli.doctor import examine
        from tabsculpt.config.defaults import read_defaults

        examine(_console(), read_defaults(Path.cwd()))


def main() -> None:
    """The console script."""
    app()


def _for_one(command: str, overrides: list[str] | None, config_dir: Path | None) -> list[str]:
    """The settings of a command that looks at one configuration, and at a part of it."""
    given = settings(overrides, config_dir, LOOKED_AT[command])
    refuse_grid(given, config_dir, LOOKED_AT[command])
    return given


def _print_configuration(composed: Composed, what: str) -> None:
    from omegaconf import OmegaConf

    from tabsculpt.errors import unknown

    if what != "job":
        raise unknown("configuration to print", what, ["job"])
    typer.echo(OmegaConf.to_yaml(composed.config, resolve=True), nl=False)


def _conduct(grid: Grid, console: Console) -> None:
    from tabsculpt.launch.sweep import conduct, show_bad

    bad = conduct(grid, console)
    _show(list(grid.batch.titles), grid.outputs, console, anew=bool(grid.batch.tasks))
    show_bad(bad, grid.outputs, console)
    if bad:
        raise typer.Exit(1)


def _show(jobs: Sequence[str], outputs: Path, console: Console, anew: bool = True) -> None:
    """Print results; their tests are worked out again only where some job was run."""
    from tabsculpt.analysis.comparisons import tests_file, write_tests
    from tabsculpt.report.terminal import METRICS, UNSEEN, show
    from tabsculpt.results import count_rows, read_rows

    rows = read_rows(outputs / "results", jobs, METRICS, UNSEEN)
    show(rows, outputs / "store", console)
    console.print(f"{count_rows(outputs / 'results', jobs)} rows in {outputs / 'results'}")
    path: Path | None = tests_file(rows.job, outputs / "tests")
    if anew or path is None or not path.exists():
        path = write_tests(rows, outputs / "tests")
    if path:
        console.print(f"every pair of pipelines tested, in {path}: tabsculpt tests shows them")
