"""The commands that run jobs again, from what was typed to run them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

import pandas as pd

OTHERWISE = {"seed", "split.seed", "split.repeats", "repeats", "baseline", "paths.outputs"}
"""Settings that a repeat has values of its own of, or that do not matter to it."""
GROUPS = ("dataset", "generator", "profiler", "pipeline", "protocol", "predictors")
NONE = "none"


def typed_settings(jobs: pd.DataFrame) -> list[str] | None:
    """What was typed for some jobs, apart from seeds; None where it is unknown or not the same.

    Args:
        jobs: records of ``outputs/jobs``.
    """
    if "typed" not in jobs or jobs.empty:
        return None
    kept = {_kept(*pair) for pair in zip(jobs["typed"], jobs["settings"], strict=True)}
    [*found] = kept
    return None if len(found) > 1 or found[0] is None else list(found[0])


def command(verb: str, settings: Sequence[str]) -> str:
    """A command of this package for a shell."""
    return f"tabsculpt {shlex.join([verb, *settings])}"


def _kept(text: object, settings: str) -> tuple[str, ...] | None:
    """The choices of a job, those that it left to defaults too, and what else was typed."""
    if not isinstance(text, str):
        return None  # written by a version that did not keep it
    words = [word.rstrip("=") if word[:1] == "~" else word for word in json.loads(text)]
    names = json.loads(settings)["names"]
    unused = {group for group in GROUPS if names.get(group, NONE) == NONE}
    chosen = [f"{group}={names[group]}" for group in GROUPS if group not in unused]
    keys = [word.partition("=")[0] for word in words]
    more = [
        word
        for key, word in zip(keys, words, strict=True)
        if not _is_otherwise(key) and key.partition(".")[0] not in unused
    ]
    return (*chosen, *more)


def _is_otherwise(key: str) -> bool:
    return key in OTHERWISE or key in GROUPS or key.partition(".")[0].partition("/")[0] == "hydra"
