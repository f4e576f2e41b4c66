"""``tabsculpt run``: one combination, beside its real-data baseline: a sweep of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.cli.arguments import refuse_grid, settings
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
    """Run one combination, beside its real-data baseline: a sweep of one.

    On three splits with two seeds each, where that takes minutes; repeats=1 for one of each.
    In this process, for a debugger: hydra/launcher=serial.

    Example: [bold]tabsculpt run dataset=breast_cancer generator=ctgan pipeline=profile2gen[/]
    """
    with errors():
        from tabsculpt.config.compose import load

        given = settings(overrides, config_dir)
        refuse_grid(given, config_dir, WHOLE)
        composed = load(given, config_dir)
        if cfg is not None:
            _print_configuration(composed, cfg)
        else:
            sweep_to_its_end(given, config_dir, console())


def _print_configuration(composed: Composed, what: str) -> None:
    from omegaconf import OmegaConf

    from tabsculpt.errors import unknown

    if what != "job":
        raise unknown("configuration to print", what, ["job"])
    typer.echo(OmegaConf.to_yaml(composed.config, resolve=True), nl=False)
