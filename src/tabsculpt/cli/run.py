"""``tabsculpt run``: one job, beside its real-data baseline, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.arguments import refuse_grid, settings
from tabsculpt.cli.ending import show_outcome
from tabsculpt.cli.options import ConfigDir, Overrides
from tabsculpt.cli.shell import console, errors
from tabsculpt.cli.sweep import sweep_to_its_end

if TYPE_CHECKING:
    from tabsculpt.config.compose import Composed

WHOLE = ("dataset", "profiler", "generator", "pipeline", "protocol", "predictors", "split", "seed")


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
    with errors():
        from tabsculpt.config.compose import load
        from tabsculpt.config.overrides import readable
        from tabsculpt.jobs.job import Job
        from tabsculpt.launch.baselines import missing_baselines
        from tabsculpt.launch.in_process import run_jobs
        from tabsculpt.launch.sweep import prepare_sweep
        from tabsculpt.launch.unused_settings import tell_unused

        given, screen = settings(overrides, config_dir), console()
        refuse_grid(given, config_dir, WHOLE)
        composed = load(given, config_dir)
        if cfg is not None:
            _print_configuration(composed, cfg)
            return
        jobs = Job.each(composed)
        if any(text.startswith(("hydra/launcher", "hydra.launcher")) for text in given):
            sweep_to_its_end(prepare_sweep(given, config_dir, screen), screen)
            return
        tell_unused(readable(given, config_dir), jobs, screen)
        jobs = [*missing_baselines(jobs, jobs if composed.config.baseline else []), *jobs]
        outcomes = run_jobs(jobs, screen)
        show_outcome([outcome.job for outcome in outcomes], jobs[0].outputs, screen)
        if not all(outcome.ok for outcome in outcomes):
            raise typer.Exit(1)


def _print_configuration(composed: Composed, what: str) -> None:
    from omegaconf import OmegaConf

    from tabsculpt.errors import unknown

    if what != "job":
        raise unknown("configuration to print", what, ["job"])
    typer.echo(OmegaConf.to_yaml(composed.config, resolve=True), nl=False)
