"""The errors that the library raises on purpose; only the command line formats them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Any


class UserError(Exception):
    """Bad input: one line that says what was wrong, what was expected, what to do (exit code 2)."""


class ContractError(UserError):
    """A component does not keep the contract of its group; its job's rows say so, as failed.

    Args:
        cls: of the component.
        where: the group, or a configuration key that begins with it.
        what: which member, and what was expected.
    """

    def __init__(self, cls: type[Any], where: str, what: str) -> None:
        self.arguments = (cls, where, what)
        page = f"docs/own-parts.md#{where.partition('.')[0]}"
        super().__init__(f"{where}: {cls.__module__}.{cls.__qualname__}: {what}; see {page}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.arguments


class FailureError(Exception):
    """A computation failed: one line that names it, why, and where its traceback is (exit code 1).

    Jobs never raise it, whose failures are rows; commands that compute one thing do.
    """


class TooFewRowsError(Exception):
    """A component cannot work on so few rows; the job's rows say so and other jobs go on."""


def check_returned(part: Any, group: str, member: str, value: Any, expected: type[Any]) -> None:
    """Refuse what a component's method returned where it is of another type.

    Raises:
        ContractError: it is.
    """
    if not isinstance(value, expected):
        raise ContractError(
            type(part),
            group,
            f"{member} returned a {type(value).__name__}; "
            f"expected a {expected.__module__}.{expected.__qualname__}",
        )


def unknown(what: str, given: str, choices: Iterable[str]) -> UserError:
    """Build the error for a name that is not among the choices.

    Args:
        what: the noun, for example ``"generator"``.
        given: what the user wrote.
        choices: every name that would have been right.

    Returns:
        An error that lists the choices and, where one is near, suggests it.
    """
    names = sorted(map(str, choices))  # of an enumeration, too, the words alone
    near = nearest(given, names)
    hint = f"; did you mean {near!r}?" if near else "."
    return UserError(f"unknown {what} {given!r}{hint} Choices: {', '.join(names) or '(none)'}")


def nearest(given: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The name that was probably meant, if one is near; capitals and - for _ are no difference."""
    alike = {_plain(name): name for name in names}
    word = _plain(given)
    found = get_close_matches(word, alike, n=5, cutoff=cutoff)
    # Of names that are equally near, one with the same first letter: afr is arf, not par.
    best = max(found, key=lambda each: (_likeness(each, word), each[:1] == word[:1]), default=None)
    return None if best is None else alike[best]


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")


def _likeness(name: str, word: str) -> float:
    return SequenceMatcher(None, word, name).ratio()
