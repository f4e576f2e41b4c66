"""What commands share: where they print, how errors end them, options that several have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


def console(quiet: bool = False) -> Console:
    """Where to print; a table gets the width it needs where there is no terminal to ask.

    Nothing is printed where it is to be quiet.

    Where standard output cannot show a character, such as ± under LC_ALL=C, one is shown in its
    place that it can, and tables stay aligned.
    """
    from rich.console import Console

    encoding = sys.stdout.encoding or "ascii"
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what is printed past render_str

    class Shown(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(shown_in(encoding, text), **how)

    return Shown(highlight=False, quiet=quiet, width=None if sys.stdout.isatty() else 180)


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
