"""The command line as a whole: its version, and one line for what is wrong with a command."""

from __future__ import annotations

import os
import re
from typing import Any

import typer
from typer.core import TyperGroup

from tabsculpt.cli.completion import understand_bash
from tabsculpt.errors import unknown

SETTINGS = "settings are typed as key=value, as in"
ELSEWHERE = {
    "--multirun": "'tabsculpt sweep' does every combination of values separated by commas",
    "--cfg": "'tabsculpt run ... --cfg job' prints the configuration",
    "--resolve": "'tabsculpt run ... --cfg job' prints the configuration, resolved",
    "--package": "'tabsculpt run ... --cfg job' prints the whole configuration",
    "--run": "'tabsculpt run' does one job",
    "--config-name": "experiment=NAME chooses a file of settings; --config-dir adds your own",
    "--config-path": "--config-dir FOLDER adds configuration files of your own",
    "--info": "'tabsculpt run ... --cfg job' prints the configuration, 'tabsculpt doctor' the rest",
    "--hydra-help": "'tabsculpt list' shows what can be set",
    "--shell-completion": "'tabsculpt --install-completion' installs it",
    "--experimental-rerun": "the same command again does what is missing",
    "--json": "'tabsculpt results --json' prints the rows",
    "--verbose": "what a job prints is in OUTPUTS/logs; 'tabsculpt status' says how far a sweep is",
    "--output": "paths.outputs=FOLDER says where everything is written",
    "--overwrite": "'tabsculpt sweep --force' computes everything anew",
}
BEHIND = {
    "--quiet": "status --quiet",
    "--no-color": "results --no-color",
    "--json": "results --json",
    "--outputs": "results --outputs FOLDER",
    "--config-dir": "list --config-dir FOLDER",
}
"""Options of every command, which are none of the whole, and how they are typed."""
SHORT = {
    "-m": "--multirun", "-c": "--cfg", "-p": "--package", "-r": "--run", "-cn": "--config-name",
    "-cp": "--config-path", "-cd": "--config-path", "-i": "--info", "-sc": "--shell-completion",
    "-v": "--verbose", "-q": "--quiet", "-o": "--output",
}  # fmt: skip
UsageError: type[Any] = typer.BadParameter.__mro__[1]
"""Of the click that typer uses, its own or the package."""


class Group(TyperGroup):
    """Ends a command that cannot be read with one line and exit code 2."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """As typer's, for options and commands of the whole."""
        try:
            return super().make_context(info_name, args, *rest, **more)
        except UsageError as error:
            raise _ended(error, args) from None

    def _main_shell_completion(self, *given: Any, **named: Any) -> None:
        """As typer's, with settings as one word in bash."""
        if "COMP_WORDS" in os.environ:
            understand_bash()
        super()._main_shell_completion(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        """As typer's; commands read their own arguments in it."""
        args = [*getattr(ctx, "_protected_args", ()), *ctx.args]
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise _ended(error, args) from None


def _ended(error: Any, args: list[str]) -> Exception:
    if type(error).__name__ == "NoArgsIsHelpError":
        return error
    typer.echo(f"error: {_line(error, args)}", err=True)
    return typer.Exit(2)


def _line(error: Any, args: list[str]) -> str:
    option = getattr(error, "option_name", None)
    if option is not None and type(error).__name__ == "NoSuchOption":
        return _no_option(option, error, args)
    if found := re.match(r"No such command '(.*?)'", error.message):
        ctx = error.ctx
        return str(unknown("command", found[1], ctx.command.list_commands(ctx)))
    return " ".join(error.format_message().split())


def _no_option(option: str, error: Any, args: list[str]) -> str:
    typed = next((arg for arg in args if arg.partition("=")[0] == option), None)
    typed = typed or next((arg for arg in args if arg in SHORT and arg.startswith(option)), option)
    command = error.ctx.command
    name = SHORT.get(typed, option)
    if hasattr(command, "commands") and name in BEHIND:
        return f"there is no {typed} here: it follows the command, as in 'tabsculpt {BEHIND[name]}'"
    if name in ELSEWHERE:
        return f"there is no {typed} here: {ELSEWHERE[name]}"
    if key := _setting(name.lstrip("-").replace("-", "_")):
        return f"there is no {typed} here: {SETTINGS} {key}=VALUE"
    options = [each for parameter in command.params for each in parameter.opts if each[:1] == "-"]
    return str(unknown(f"option of {command.name}", typed, [*options, "--help"]))


def _setting(name: str) -> str | None:
    """The setting that an option is called like, if there is one."""
    from tabsculpt.config.choices import GROUPS
    from tabsculpt.config.compose import Config, PathsConfig, SplitConfig

    known = {key: key for key in (*Config.__dataclass_fields__, *GROUPS)}
    for section, cls in (("split", SplitConfig), ("paths", PathsConfig)):
        known |= {key: f"{section}.{key}" for key in cls.__dataclass_fields__ if key not in known}
    return known.get(name)
