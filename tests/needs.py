"""What a test needs that a machine may lack: an extra of this package, or a browser."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from functools import cache

import pytest
from packaging.requirements import Requirement

from tabsculpt.engine.fingerprints import library_version

ALL_EXTRAS = "make setup EXTRAS=all"


def extras_of(*components: object) -> list[pytest.MarkDecorator]:
    """A mark for each extra that components, or their classes, declare as ``extra``."""
    declared = {getattr(component, "extra", None) for component in components}
    names = {name for name in declared if isinstance(name, str)}
    return [pytest.mark.extra(name) for name in sorted(names)]


def lacking(item: pytest.Item) -> str | None:
    """Why this machine cannot run a test, and what to type; None where it can."""
    for mark in item.iter_markers("extra"):
        (name,) = mark.args
        if absent := _absent(name):
            return f"needs the extra {name!r} (absent: {', '.join(absent)}): {ALL_EXTRAS}"
    if item.get_closest_marker("browser") and not (chromium() and chromedriver()):
        return "needs chromium and chromedriver: make browser"
    if item.get_closest_marker("slurm") and not os.environ.get("TABSCULPT_SLURM"):
        return "needs a Slurm: make slurm, or TABSCULPT_SLURM=1 where sbatch works and has /tmp"
    return None


def chromium() -> str | None:
    """Where a browser lies that `chromedriver` can drive."""
    return shutil.which("chromium") or shutil.which("google-chrome")


def chromedriver() -> str | None:
    """Where the program lies through which tests drive the browser."""
    return shutil.which("chromedriver")


@cache
def _absent(extra: str) -> tuple[str, ...]:
    """The distributions that an extra names and this environment lacks."""
    named = [Requirement(text) for text in importlib.metadata.requires("tabsculpt") or ()]
    known = importlib.metadata.metadata("tabsculpt").get_all("Provides-Extra") or ()
    if extra not in known:
        raise pytest.UsageError(f"no extra {extra!r}; pyproject.toml has {', '.join(known)}")
    of_extra = [one.name for one in named if one.marker and _asks(one, extra)]
    return tuple(name for name in of_extra if library_version(name) == "absent")


def _asks(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    assert marker is not None
    return marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})
