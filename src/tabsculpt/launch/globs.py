"""Choices of a group named by a pattern, such as ``generator=glob(*)``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.types import Glob, Override
from rich.console import Console
from rich.markup import escape

from tabsculpt.config.choices import GROUPS, choices
from tabsculpt.config.compose import load
from tabsculpt.config.overrides import is_glob, parse, readable, values
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job


def without_globs(overrides: Sequence[str], config_dir: Path | None, console: Console) -> list[str]:
    """Put the names that a pattern stands for in its place, without those that cannot be used.

    A choice cannot be used that needs a value that was not given, an extra that is not installed,
    or that lacks a setting that was; it is left out, and named.

    Args:
        overrides: as typed.
        config_dir: the user's own configuration files.
        console: for what is left out.

    Raises:
        UserError: no choice is like the pattern, or none of those can be used.
    """
    texts = readable(overrides, config_dir)
    patterns = [
        text for text in texts if is_glob(parse(text)) and parse(text).key_or_group in GROUPS
    ]
    if not patterns:
        return list(overrides)
    others = [_first(parse(text)) for text in texts if text not in patterns]
    found = {text: _usable(parse(text), text, others, config_dir, console) for text in patterns}
    return [found.get(text, text) for text in texts]


def _first(override: Override) -> str:
    """An override with the first of its values."""
    text: str = override.input_line or ""
    if not override.is_sweep_override():
        return text
    return f"{text.partition('=')[0]}={values(override)[0]}"


def _usable(
    override: Override, text: str, others: list[str], config_dir: Path | None, console: Console
) -> str:
    group, pattern = override.key_or_group, override.value()
    assert isinstance(pattern, Glob)
    names = pattern.filter(choices(group, config_dir))
    if not names:
        known = ", ".join(choices(group, config_dir))
        raise UserError(f"no {group} has a name as in {text!r}. Choices: {known}")
    kept, errors = [], {}
    for name in names:
        try:
            Job.of(load([*others, f"{group}={name}"], config_dir), gpu=True)
            kept.append(name)
        except UserError as error:
            errors[name] = error
    if not kept:
        raise errors[names[0]]
    for name, error in errors.items():
        console.print(escape(f"{text} leaves out {name}: {error}"), soft_wrap=True)
    return f"{group}={','.join(kept)}"
