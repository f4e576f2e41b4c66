"""What this machine has: versions, devices, data folders, extras."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.config.defaults import FILE, TABLE, Defaults
from tabsculpt.engine import cuda
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.extras import absent, to_install

CORE = ("tabsculpt", "numpy", "pandas", "scikit-learn", "torch", "ctgan", "hydra-core", "openml")
EXTRAS = {
    "sdv": ("sdv",),
    "autogluon": ("autogluon.tabular", "catboost", "fastai"),
    "dp": ("mbi",),
    "slurm": ("submitit",),
    "ray": ("ray",),
    "files": ("openpyxl", "pyreadstat"),
    "sql": ("SQLAlchemy",),
}
BOOSTING = ("lightgbm", "cleanlab")


def examine(console: Console, defaults: Defaults) -> None:
    """Print versions, devices, folders, extras and the user's own defaults."""
    table = RichTable("what", "found", show_lines=False)
    table.add_row("Python", f"{platform.python_version()} on {platform.platform()}")
    for name in (*CORE, *BOOSTING):
        table.add_row(name, library_version(name))
    table.add_row("xgboost", _either("xgboost", "xgboost-cpu"))
    for extra, names in EXTRAS.items():
        table.add_row(f"extra {extra}", escape(_extra(extra, names)))
    cores, memory = os.cpu_count(), psutil.virtual_memory()
    table.add_row("processor", f"{cores} cores, {memory.total / 1e9:.0f} GB of memory")
    table.add_row("CUDA", _cuda())
    table.add_row("data (TABSCULPT_DATA)", escape(_folder(os.environ.get("TABSCULPT_DATA"))))
    own = dict(text.split("=", 1) for text in defaults.overrides)
    outputs = os.environ.get("TABSCULPT_OUTPUTS") or own.get("paths.outputs", "outputs")
    table.add_row("outputs (TABSCULPT_OUTPUTS)", escape(_folder(outputs)))
    here = f"{FILE} or {TABLE}, in the working folder"
    table.add_row("defaults", escape(defaults.line() if defaults.source else f"none; {here}"))
    console.print(table)


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
