"""The two errors that the library raises on purpose; only the command line formats them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """Bad input: one line that says what was wrong, what was expected, what to do (exit code 2)."""


class TooFewRowsError(Exception):
    """A component cannot work on so few rows; the job's rows say so and other jobs go on."""


def unknown(what: str, given: str, choices: Iterable[str]) -> UserError:
    """Build the error for a name that is not among the choices.

    Args:
        what: the noun, for example ``"generator"``.
        given: what the user wrote.
        choices: every name that would have been right.

    Returns:
        An error that lists the choices and, where one is near, suggests it.
    """
    names = sorted(choices)
    near = get_close_matches(given, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return UserError(f"unknown {what} {given!r}{hint} Choices: {', '.join(names) or '(none)'}")
