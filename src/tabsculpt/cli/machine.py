"""What this machine has: versions, devices, data folders, extras."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import psutil
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.config.defaults import FILE, TABLE, Defaults
from tabsculpt.engine import cuda
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.extras import absent, to_install

CORE = ("tabsculpt", "numpy", "pandas", "scikit-learn", "torch", "hydra-core", "openml")
EXTRAS = {
    "sdv": ("sdv",),
    "autogluon": ("autogluon.tabular", "catboost", "fastai"),
    "dp": ("mbi", "opacus"),
    "foundation": ("tabpfn", "tabicl"),
    "slurm": ("submitit",),
    "ray": ("ray",),
    "files": ("openpyxl", "pyreadstat"),
    "sql": ("SQLAlchemy",),
    "text": ("nltk",),
}
BOOSTING = ("lightgbm", "cleanlab")


def examine(defaults: Defaults, typed: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Versions, devices, folders, extras and the user's own defaults, each with what was found.

    Args:
        defaults: of the working folder.
        typed: folders that hold before them, as key=value.
    """
    found = [("Python", f"{platform.python_version()} on {platform.platform()}")]
    found += [(name, library_version(name)) for name in (*CORE, *BOOSTING)]
    found += [("xgboost", _either("xgboost", "xgboost-cpu"))]
    found += [(f"extra {extra}", _extra(extra, names)) for extra, names in EXTRAS.items()]
    cores, memory = os.cpu_count(), psutil.virtual_memory()
    own = dict(text.split("=", 1) for text in defaults.overrides)
    given = dict(text.split("=", 1) for text in typed)
    data = given.get("paths.data") or os.environ.get("TABSCULPT_DATA") or own.get("paths.data")
    outputs = given.get("paths.outputs") or os.environ.get("TABSCULPT_OUTPUTS")
    here = f"{FILE} or {TABLE}, in the working folder"
    return [
        *found,
        ("processor", f"{cores} cores, {memory.total / 1e9:.0f} GB of memory"),
        ("CUDA", _cuda()),
        ("data (TABSCULPT_DATA)", _folder(data)),
        ("outputs (TABSCULPT_OUTPUTS)", _folder(outputs or own.get("paths.outputs", "outputs"))),
        ("defaults", defaults.line() if defaults.source else f"none; {here}"),
    ]


def machine_table(found: Sequence[tuple[str, str]]) -> RichTable:
    """The same as a person reads it."""
    table = RichTable("what", "found", show_lines=False)
    for what, answer in found:
        table.add_row(escape(what), escape(answer))
    return table


def _either(*names: str) -> str:
    missing = absent(names)
    found = [f"{name} {library_version(name)}" for name in names if name not in missing]
    return ", ".join(found) or "absent"


def _extra(extra: str, names: tuple[str, ...]) -> str:
    if missing := absent(names):
        return f"absent: {', '.join(missing)}; {to_install(extra)}"
    return ", ".join(f"{name} {library_version(name)}" for name in names)


def _cuda() -> str:
    if absent(["torch"]):
        return "torch is absent"
    return ", ".join(cuda.device_names()) or "none that torch can use"


def _folder(path: str | None) -> str:
    if path is None:
        return "not set"
    return f"{path} ({'there' if Path(path).is_dir() else 'not there'})"
