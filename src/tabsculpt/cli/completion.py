"""What a shell completes: settings, columns of results, kinds of parts."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

OWN: Mapping[str, Mapping[str, Sequence[str]]] = {
    "generate": {"rows": ["1000"], "given.": []},
    "advise": {"budget": ["2m", "10m", "1h"], "rope": ["0.01"], "metric": ["auto"]},
}
"""What is typed to a command beside settings, with values to begin from."""


def complete_setting(ctx: typer.Context, incomplete: str) -> list[str]:
    """Groups, choices, keys and their defaults."""
    from tabsculpt.config.suggestions import suggestions

    return suggestions(incomplete, _typed(ctx), _config_dir(ctx), OWN.get(ctx.info_name or ""))


def complete_column(ctx: typer.Context, incomplete: str) -> list[str]:
    """Columns of results, and the choices of those that are groups."""
    from tabsculpt.config.choices import GROUPS, choices
    from tabsculpt.config.suggestions import matching
    from tabsculpt.results import Row

    known: dict[str, Sequence[str]] = {"paths.outputs": []}
    known |= {name: [] for name in Row.__dataclass_fields__}
    known |= {group: choices(group) for group in GROUPS if group in known and group != "metric"}
    if incomplete and "metric".startswith(incomplete.partition("=")[0]):
        known["metric"] = _metrics()
    return matching(incomplete, known)


def _metrics() -> list[str]:
    from tabsculpt.metrics import metrics_for
    from tabsculpt.table import Task

    return list(dict.fromkeys(metric.name for task in Task for metric in metrics_for(task)))


def complete_place(ctx: typer.Context, incomplete: str) -> list[str]:
    """What every command takes."""
    from tabsculpt.config.choices import choices
    from tabsculpt.config.suggestions import matching

    known = {"paths.outputs": [], "paths.data": [], "experiment": choices("experiment")}
    return matching(incomplete, known)


def complete_noun(ctx: typer.Context, incomplete: str) -> list[str]:
    """What `tabsculpt list` lists."""
    from tabsculpt.config.choices import GROUPS, choices
    from tabsculpt.config.listing import NOUNS
    from tabsculpt.config.suggestions import matching

    if "=" in incomplete:
        return matching(incomplete, {group: choices(group, _config_dir(ctx)) for group in GROUPS})
    return [noun for noun in NOUNS if noun.startswith(incomplete)]


def complete_kind(incomplete: str) -> list[str]:
    """What `tabsculpt new` begins."""
    from tabsculpt.cli.arguments import EXPERIMENT
    from tabsculpt.cli.kinds import KINDS

    return [kind for kind in (*KINDS, EXPERIMENT) if kind.startswith(incomplete)]


def complete_experiment(incomplete: str) -> list[str]:
    """Names of experiments."""
    from tabsculpt.config.choices import choices

    return [name for name in choices("experiment") if name.startswith(incomplete)]


def complete_paper(incomplete: str) -> list[str]:
    """Names of papers."""
    from tabsculpt.papers.source import names

    return [name for name in names() if name.startswith(incomplete)]


def understand_bash() -> None:
    """Have settings completed in bash, which takes key, sign and value for three words."""
    from typer._completion_classes import BashComplete

    class Joined(BashComplete):
        before = ""

        def get_completion_args(self) -> tuple[list[str], str]:
            words, last = super().get_completion_args()
            args: list[str] = []
            for word in [*words, last]:
                if args and (word == "=" or args[-1].endswith("=")):
                    args[-1] += word
                else:
                    args.append(word)
            *args, whole = args
            self.before = whole.rpartition("=")[0] + "=" if whole != last else ""
            return args, whole

        def format_completion(self, item: Any) -> str:
            return super().format_completion(item).removeprefix(self.before)

    click = sys.modules[BashComplete.__mro__[1].__module__]  # typer's own, or the package
    click.add_completion_class(Joined, "bash")


def _typed(ctx: typer.Context) -> list[str]:
    return list(ctx.params.get("overrides") or [])


def _config_dir(ctx: typer.Context) -> Path | None:
    folder = ctx.params.get("config_dir")
    return Path(folder) if folder and Path(folder).is_dir() else None
