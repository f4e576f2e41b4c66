"""The commands that run jobs again, from what was typed to run them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

import pandas as pd

OTHERWISE = {"seed", "split.seed", "split.repeats", "repeats", "baseline", "paths.outputs"}
"""Settings that a repeat has values of its own of, or that do not matter to it."""


def typed_settings(jobs: pd.DataFrame) -> list[str] | None:
    """What was typed for some jobs, apart from seeds; None where it is unknown or not the same.

    Args:
        jobs: records of ``outputs/jobs``.
    """
    kept = {_kept(text) for text in jobs["typed"]} if "typed" in jobs and len(jobs) else {None}
    [*found] = kept
    return None if len(found) > 1 or found[0] is None else list(found[0])


def command(verb: str, settings: Sequence[str]) -> str:
    """A command of this package for a shell."""
    return f"tabsculpt {shlex.join([verb, *settings])}"


def _kept(text: object) -> tuple[str, ...] | None:
    if not isinstance(text, str):
        return None  # written by a version that did not keep it
    settings = [word.rstrip("=") if word[:1] == "~" else word for word in json.loads(text)]
    return tuple(word for word in settings if not _is_otherwise(word.partition("=")[0])) or None


def _is_otherwise(key: str) -> bool:
    return key in OTHERWISE or key.partition(".")[0].partition("/")[0] == "hydra"
