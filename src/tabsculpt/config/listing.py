"""What can be chosen on the command line, read from the configuration files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    "sequential", "spatial", "devices", "hard_is", "extra",
)  # fmt: skip
TABLES = "tables"
"""The noun of the tables that installed packages hold."""
WHOLE = {"tasks": len(Task), "kinds": len(Kind) - 1}
"""How many choices a capability has that goes without saying: every one, of kinds all but text."""


NOUNS = (*GROUPS, *SECTIONS, TABLES)
"""What can be listed; groups in the plural as well."""


@dataclass(frozen=True)
class Listing:
    """Records of one kind, and how a person reads them.

    Attributes:
        headers: of the columns, by the key of the records.
        records: text, numbers, lists, or settings and capabilities by name.
        footer: lines below the table.
    """

    headers: Mapping[str, str]
    records: Sequence[Mapping[str, Any]]
    footer: Sequence[str] = ()

    def show(self, console: Console) -> None:
        """Print it as a table."""
        table = RichTable()
        for key, header in self.headers.items():
            numbers = any(isinstance(record[key], (int, float)) for record in self.records)
            table.add_column(header, justify="right" if numbers else "left")
        for record in self.records:
            table.add_row(*(escape(_cell(key, record[key])) for key in self.headers))
        if self.records:
            console.print(table)
        for line in self.footer:
            console.print(escape(line))


def listed(noun: str | None, pairs: Sequence[str], config_dir: Path | None) -> list[Listing]:
    """What can be chosen: every group, the choices of one, or those that are named.

    Args:
        noun: a group, also in the plural, a section of settings, or tables; None for all groups.
        pairs: ``GROUP=NAME`` or ``GROUP=NAME,NAME``: these choices alone.
        config_dir: the user's own configuration files.

    Raises:
        UserError: there is no such group or choice.
    """
    if config_dir:
        open_folder(config_dir)
    named = [_named(pair, config_dir) for pair in pairs]
    if noun is None:
        return named or [_nouns(config_dir)]
    if noun in SECTIONS:
        return [_section(noun), *named]
    if noun == TABLES:
        return [_tables(), *named]
    singular = noun if noun in GROUPS else noun.removesuffix("s")
    group = singular if singular in GROUPS else f"{singular}s"
    if group not in GROUPS:
        raise unknown("group", noun, NOUNS)
    return [_choices(group, choices(group, config_dir), config_dir), *named]


def _named(pair: str, config_dir: Path | None) -> Listing:
    group, _, value = pair.partition("=")
    known = choices(group, config_dir)
    names = value.split(",")
    for name in names:
        if name not in known:
            raise unknown(group, name, known)
    return _choices(group, names, config_dir)


def _nouns(config_dir: Path | None) -> Listing:
    held: dict[str, Any] = {group: choices(group, config_dir) for group in GROUPS}
    for section in SECTIONS:
        held[section] = [f"{section}.{name}" for name, *_ in _settings(section)]
    held[TABLES] = "of installed packages: tabsculpt list tables"
    records = [{"group": group, "choices": names} for group, names in held.items() if names]
    return Listing({"group": "group", "choices": "choices"}, records)


def _choices(group: str, names: Sequence[str], config_dir: Path | None) -> Listing:
    headers = {"name": "name", "what": "what it is", "settings": "settings", "can": "can do"}
    return Listing(headers, [_record(group, name, config_dir) for name in names])


def _section(section: str) -> Listing:
    headers = {"setting": "setting", "default": "default", "what": "what it is"}
    records = [
        {"setting": f"{section}.{name}", "default": value, "what": words}
        for name, value, words in _settings(section)
    ]
    return Listing(headers, records)


def _tables() -> Listing:
    from tabsculpt.datasets.list_tables import listed_tables

    tables, absent = listed_tables()
    headers = {"dataset": "dataset", "name": "dataset.name", "rows": "rows", "columns": "columns"}
    headers |= {"task": "task", "imbalance": "imbalance"}
    records = [asdict(table) for table in tables]
    for record in records:
        record["task"] = record["task"] or "choose dataset.target"
    return Listing(headers, records, absent)


def _cell(key: str, value: Any) -> str:
    """A value of a record as a person reads it."""
    if key == "settings" and isinstance(value, Mapping):
        return ", ".join(f"{name}={shown}" for name, shown in value.items())
    if key == "can":
        shown = {name.replace("_", " "): each for name, each in value.items()}
        return ", ".join(f"{name}: {_words(each)}" for name, each in shown.items())
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _settings(section: str) -> list[tuple[str, str, str]]:
    """Name, default and explanation of each setting of a section of the root configuration."""
    text = (conf_folder() / "config.yaml").read_text(encoding="utf-8")
    [block] = re.findall(rf"^{section}:\n((?:  .*\n)+)", text, flags=re.MULTILINE)
    return re.findall(r"^  (\w+): (.*?) +# (.*)$", block, flags=re.MULTILINE)


def _record(group: str, name: str, config_dir: Path | None) -> dict[str, Any]:
    """The description of a choice; of one that cannot be used, why."""
    described: tuple[str, Any, Any]
    try:
        with choice_file(group, name, config_dir).open(encoding="utf-8") as file:
            node = yaml.safe_load(file)
        if not isinstance(node, dict):
            raise UserError("the file is no mapping of settings")
        described = _describe(node, group)
    except yaml.YAMLError as error:
        described = f"cannot be used: {explain(error, [])}", {}, {}
    except (UserError, OSError, UnicodeDecodeError) as error:
        described = f"cannot be used: {error}", {}, {}
    return dict(zip(("name", "what", "settings", "can"), (name, *described), strict=True))


def _describe(
    node: dict[str, Any], where: str
) -> tuple[str, dict[str, Any] | list[str], dict[str, Any]]:
    if TARGET not in node:
        text = f"{len(node)} parts" if node else "what is packaged, and no more"
        return text, list(map(str, node)), {}
    cls = resolve(str(node[TARGET]), where)
    check_class(cls, where)
    settings = {key: value for key, value in node.items() if key not in (TARGET, "defaults")}
    can = {
        name: value
        for name in CAPABILITIES
        if (value := getattr(cls, name, None)) is not None
        and not (isinstance(value, tuple) and len(value) == WHOLE.get(name))
    }
    return (cls.__doc__ or "").strip().partition("\n")[0], settings, can


def _words(value: Any) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)
