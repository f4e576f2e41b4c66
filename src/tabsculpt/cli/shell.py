"""What commands share: where they print, how errors end them, options that several have."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import typer

from tabsculpt.engine.writing import WriteError
from tabsculpt.errors import FailureError, UserError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

PLAIN = str.maketrans(
    {"±": "+-", "–": "-", "—": "-", "…": "...", "×": "x", "≤": "<=", "≥": ">=", "→": "->",
     "▲": "^", "▼": "v", "│": "|", "─": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "²": "2"}
)  # fmt: skip
"""Signs of tables and sentences in ASCII."""


@dataclass(frozen=True)
class Looks:
    """How a command prints: errors alone, or without colours and weights."""

    quiet: bool = False
    plain: bool = False


_looks: ContextVar[Looks] = ContextVar("looks", default=Looks())  # noqa: B039, it is frozen


@contextmanager
def looking(looks: Looks) -> Iterator[None]:
    """Print like this inside."""
    token = _looks.set(looks)
    try:
        yield
    finally:
        _looks.reset(token)


def note(text: str) -> None:
    """Say on standard error what a person should know and a program need not."""
    if not _looks.get().quiet:
        typer.echo(text, err=True)


def console(as_json: bool = False) -> Console:
    """Where to print; a table gets the width it needs where there is no terminal to ask.

    Nothing is printed where it is to be quiet. Standard output is left to JSON where that is asked
    for. A table that is wider than the terminal is printed as one block of lines for each row.

    Where standard output cannot show a character, such as ± under LC_ALL=C, one is shown in its
    place that it can, and tables stay aligned.
    """
    from rich.console import Console

    from tabsculpt.cli.narrow import fitting

    stream = sys.stderr if as_json else sys.stdout
    encoding = stream.encoding or "ascii"
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # what is printed past render_str

    class Shown(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(shown_in(encoding, text), **how)

        def print(self, *things: Any, **how: Any) -> None:
            super().print(*(fitting(thing, self) for thing in things), **how)

    looks = _looks.get()
    return Shown(
        stderr=as_json,
        highlight=False,
        quiet=looks.quiet,
        color_system=None if looks.plain or os.environ.get("NO_COLOR") else "auto",
        width=None if stream.isatty() or "COLUMNS" in os.environ else 180,
    )


def print_json(document: Any) -> None:
    """Print records as one JSON document; a missing value is null.

    Args:
        document: of lists, mappings, dataclasses, tables (lists of records) and plain values.
    """
    from tabsculpt.cli.records import plain

    ascii_alone = "utf" not in (sys.stdout.encoding or "ascii").lower()
    typer.echo(json.dumps(plain(document), ensure_ascii=ascii_alone, allow_nan=False))


def shown_in(encoding: str, text: str) -> str:
    """Text of characters that an encoding has: plain ones for signs, else escaped ones."""
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        plain = text.translate(PLAIN)
        return plain.encode(encoding, "backslashreplace").decode(encoding)


@contextmanager
def errors() -> Iterator[None]:
    """Bad input ends with one line and exit code 2, Ctrl-C with 130, SIGTERM with 143.

    What cannot be written ends with one line as well, and the code that the error carries; a
    computation that fails with one line and exit code 1.
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
    except (UserError, FailureError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, UserError) else 1) from None
    except WriteError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.code) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; what was finished is kept, the same command goes on", err=True)
        raise typer.Exit(code) from None
    finally:
        if here:
            signal.signal(signal.SIGTERM, before)
