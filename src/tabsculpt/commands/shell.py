"""What commands share: where they print, how errors end them, options that several have."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tabsculpt.errors import UserError
from tabsculpt.writing import WriteError

if TYPE_CHECKING:
    from rich.console import Console


def console() -> Console:
    """Where to print; a table gets the width it needs where there is no terminal to ask."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 180)


@contextmanager
def errors() -> Iterator[None]:
    """Bad input ends with one line and exit code 2, Ctrl-C with 130, SIGTERM with 143.

    What cannot be written ends with one line as well, and the code that the error carries.
    """
    import signal
    import threading

    code = 130

    def terminate(_number: int, _frame: object) -> None:
        nonlocal code
        code = 143
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, terminate) if here else None
    try:
        yield
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except WriteError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.code) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; what was finished is kept, the same command goes on", err=True)
        raise typer.Exit(code) from None
    finally:
        if here:
            signal.signal(signal.SIGTERM, before)


def _folder(value: str | Path) -> Path:
    from tabsculpt.results import local_folder

    try:
        return local_folder(str(value), "--outputs")
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


Outputs = Annotated[
    Path,
    typer.Option(
        envvar="TABSCULPT_OUTPUTS", help="The folder of results.", parser=_folder, metavar="FOLDER"
    ),
]
Filters = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COLUMN=VALUE]...", help="Rows to keep, such as dataset=bodyfat."),
]
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str, option: str) -> float:
    """Read a span of time such as ``30d``, ``12h`` or ``90m``.

    Raises:
        UserError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if not found:
        raise UserError(f"{option} is {text!r}; expected a span of time, as in 30d, 12h or 90m")
    return float(found[1]) * UNITS[found[2]]


def size(text: str, option: str) -> float:
    """Read an amount of bytes such as ``500MB`` or ``2GB``.

    Raises:
        UserError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB|TB)", text.strip().upper())
    if not found:
        raise UserError(f"{option} is {text!r}; expected an amount, as in 500MB or 2GB")
    return float(found[1]) * 1000.0 ** (1 + ["KB", "MB", "GB", "TB"].index(found[2]))
