"""Refuses settings of generators that are out of range."""

from __future__ import annotations

from tabsculpt.errors import UserError


def check_counts(name: str, **settings: int | None) -> None:
    """Raise a `UserError` if a setting is given and below 1.

    Args:
        name: the generator's.
        settings: by name.
    """
    for setting, value in settings.items():
        if value is not None and value < 1:
            raise UserError(f"{name}: {setting} is {value}, expected at least 1")


def check_shares(name: str, **settings: float) -> None:
    """Raise a `UserError` if a setting is not in [0, 1).

    Args:
        name: the generator's.
        settings: by name.
    """
    for setting, value in settings.items():
        if not 0 <= value < 1:
            raise UserError(f"{name}: {setting} is {value}, expected at least 0 and less than 1")


def check_positive(name: str, **settings: float) -> None:
    """Raise a `UserError` if a setting is not above 0.

    Args:
        name: the generator's.
        settings: by name.
    """
    for setting, value in settings.items():
        if not value > 0:
            raise UserError(f"{name}: {setting} is {value}, expected more than 0")
