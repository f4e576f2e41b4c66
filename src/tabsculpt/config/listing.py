"""What can be chosen on the command line, read from the configuration files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.config.choices import GROUPS, choice_file, choices, conf_folder
from tabsculpt.config.components import TARGET, resolve
from tabsculpt.config.contracts import check_class
from tabsculpt.config.explain import explain
from tabsculpt.config.overrides import SECTIONS
from tabsculpt.config.own_folder import open_folder
from tabsculpt.errors import UserError, unknown
from tabsculpt.table import Kind, Task

CAPABILITIES = (
    "least_rows", "tasks", "kinds", "accepts_missing", "conditional", "follows_curves",
    "sequential", "devices", "hard_is", "extra",
)  # fmt: skip
TABLES = "tables"
"""The noun of the tables that installed packages hold."""
WHOLE = {"tasks": len(Task), "kinds": len(Kind)}
"""How many choices a capability has that goes without saying where all are there."""


def show_nouns(console: Console, config_dir: Path | None) -> None:
    """Print every group with its choices."""
    if config_dir:
        open_folder(config_dir)
    table = RichTable("group", "choices")
    for group in GROUPS:
        if names := choices(group, config_dir):
            table.add_row(group, ", ".join(names))
    for section in SECTIONS:
        table.add_row(section, ", ".join(f"{section}.{name}" for name, *_ in _settings(section)))
    table.add_row(TABLES, "of installed packages: tabsculpt list tables")
    console.print(table)


def show_choices(noun: str, console: Console, config_dir: Path | None) -> None:
    """Print the choices of one group: what each is, its settings and what it can do.

    Raises:
        UserError: there is no such group.
    """
    if noun in SECTIONS:
        _show_settings(noun, console)
        return
    if noun == TABLES:
        _show_tables(console)
        return
    singular = noun if noun in GROUPS else noun.removesuffix("s")
    group = singular if singular in GROUPS else f"{singular}s"
    if group not in GROUPS:
        raise unknown("group", noun, (*GROUPS, *SECTIONS, TABLES))
    if config_dir:
        open_folder(config_dir)
    table = RichTable("name", "what it is", "settings", "can do")
    for name in choices(group, config_dir):
        table.add_row(name, *map(escape, _row(group, name, config_dir)))
    console.print(table)


def _show_settings(section: str, console: Console) -> None:
    table = RichTable("setting", "default", "what it is")
    for name, value, words in _settings(section):
        table.add_row(f"{section}.{name}", escape(value), escape(words))
    console.print(table)


def _show_tables(console: Console) -> None:
    from tabsculpt.datasets.list_tables import listed_tables

    tables, absent = listed_tables()
    shown = RichTable("dataset", "dataset.name")
    for name in ("rows", "columns", "task", "imbalance"):
        shown.add_column(name, justify="left" if name == "task" else "right")
    for table in tables:
        task = table.task or "choose dataset.target"
        imbalance = "" if table.imbalance is None else f"{table.imbalance:.1f}"
        sizes = str(table.rows), str(table.columns)
        shown.add_row(table.dataset, escape(table.name), *sizes, task, imbalance)
    if tables:
        console.print(shown)
    for said in absent:
        console.print(escape(said))


def _settings(section: str) -> list[tuple[str, str, str]]:
    """Name, default and explanation of each setting of a section of the root configuration."""
    text = (conf_folder() / "config.yaml").read_text(encoding="utf-8")
    [block] = re.findall(rf"^{section}:\n((?:  .*\n)+)", text, flags=re.MULTILINE)
    return re.findall(r"^  (\w+): (.*?) +# (.*)$", block, flags=re.MULTILINE)


def _row(group: str, name: str, config_dir: Path | None) -> tuple[str, str, str]:
    """What is said of a choice; of one that cannot be used, why."""
    try:
        with choice_file(group, name, config_dir).open(encoding="utf-8") as file:
            node = yaml.safe_load(file)
        if not isinstance(node, dict):
            raise UserError("the file is no mapping of settings")
        return _describe(node, group)
    except yaml.YAMLError as error:
        return f"cannot be used: {explain(error, [])}", "", ""
    except (UserError, OSError, UnicodeDecodeError) as error:
        return f"cannot be used: {error}", "", ""


def _describe(node: dict[str, Any], where: str) -> tuple[str, str, str]:
    if TARGET not in node:
        return (
            f"{len(node)} parts" if node else "what is packaged, and no more",
            ", ".join(map(str, node)),
            "",
        )
    cls = resolve(str(node[TARGET]), where)
    check_class(cls, where)
    settings = ", ".join(
        f"{key}={value}" for key, value in node.items() if key not in (TARGET, "defaults")
    )
    can = [
        f"{name.replace('_', ' ')}: {_words(value)}"
        for name in CAPABILITIES
        if (value := getattr(cls, name, None)) is not None
        and not (isinstance(value, tuple) and len(value) == WHOLE.get(name))
    ]
    return (cls.__doc__ or "").strip().partition("\n")[0], settings, ", ".join(can)


def _words(value: Any) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)
