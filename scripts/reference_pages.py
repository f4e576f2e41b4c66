"""The reference pages of the documentation, written from the code and the configuration files.

A hook of MkDocs (``mkdocs.yml`` names it); ``python scripts/reference_pages.py FOLDER`` writes the
pages as files, to look at them.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

from tabsculpt.cli.main import app
from tabsculpt.config.components import TARGET, resolve
from tabsculpt.config.compose import choices, conf_folder
from tabsculpt.config.listing import CAPABILITIES
from tabsculpt.metrics import metrics_for
from tabsculpt.results import Row
from tabsculpt.table import Task

GROUPS = {
    "dataset": "datasets",
    "profiler": "profilers",
    "generator": "generators",
    "pipeline": "pipelines",
    "protocol": "protocols",
    "predictors": "predictors",
}
SETTING = re.compile(r"^( *)([\w.]+): ?([^#]*?)(?:\s+# (.*))?$")


def pages() -> dict[str, str]:
    """Every page, by its path below ``docs``."""
    found = {f"reference/{page}.md": _group(group, page) for group, page in GROUPS.items()}
    return found | {
        "reference/command-line.md": _command_line(),
        "reference/settings.md": _settings(),
        "reference/metrics.md": _metrics(),
        "reference/tables.md": _tables(),
    }


def _group(group: str, title: str) -> str:
    parts = [f"# {title.capitalize()}", f"`{group}=NAME` chooses one of these.", ""]
    for name in choices(group):
        text = (conf_folder() / group / f"{name}.yaml").read_text(encoding="utf-8")
        node = yaml.safe_load(text) or {}
        parts += [f"## {name}", ""]
        if TARGET in node:
            cls = resolve(node[TARGET], f"{group}={name}")
            parts += [_prose(inspect.getdoc(cls) or ""), "", _capabilities(cls), ""]
        parts += [_yaml_table(text), ""]
    return "\n".join(parts)


def _prose(doc: str) -> str:
    """A docstring of Google's style as Markdown: sections become headed lists."""
    lines = []
    for line in doc.replace("``", "`").splitlines():
        headed = re.fullmatch(r"(\w+):", line)
        lines.append(
            f"\n**{headed[1]}**\n" if headed else re.sub(r"^    (\w[\w, ]*): ", r"- `\1`: ", line)
        )
    return "\n".join(line.replace("<", "&lt;") for line in lines)


def _capabilities(cls: type[Any]) -> str:
    told = {
        name.replace("_", " "): value
        for name in CAPABILITIES
        if (value := getattr(cls, name, None)) is not None
    }
    if not told:
        return ""
    shown = {k: ", ".join(map(str, v)) if isinstance(v, tuple) else str(v) for k, v in told.items()}
    return " · ".join(f"{name}: {value}" for name, value in shown.items())


def _yaml_table(text: str) -> str:
    """The settings of a file with the comments behind them."""
    found = [match for line in text.splitlines() if (match := SETTING.match(line))]
    rows = [
        f"| `{'&nbsp;' * len(m[1])}{m[2]}` | `{m[3].strip() or ' '}` | {_cell(m[4] or '')} |"
        for m in found
        if m[2] not in (TARGET, "defaults")
    ]
    return (
        "\n".join(["| setting | default | meaning |", "| --- | --- | --- |", *rows]) if rows else ""
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _settings() -> str:
    text = (conf_folder() / "config.yaml").read_text(encoding="utf-8")
    launchers = [
        f"## hydra/launcher={path.stem}\n\n{_yaml_table(path.read_text(encoding='utf-8'))}\n"
        for path in sorted((conf_folder() / "hydra" / "launcher").glob("*.yaml"))
    ]
    return "\n".join(
        ["# Settings of a job", "", _yaml_table(text), "", "# Launchers", "", *launchers]
    )


def _metrics() -> str:
    parts = [
        "# Metrics of predictions",
        "",
        "| metric | better | tasks | |",
        "| --- | --- | --- | --- |",
    ]
    seen: dict[str, Any] = {}
    for task in Task:
        for metric in metrics_for(task):
            seen.setdefault(metric.name, metric)
    for name, metric in seen.items():
        tasks = ", ".join(sorted(str(task) for task in metric.tasks))
        first = (inspect.getdoc(metric.function) or "").split("\n\n")[0].replace("\n", " ")
        better = "low" if metric.direction == "min" else "high"
        parts.append(f"| `{name}` | {better} | {tasks} | {_cell(first)} |")
    return "\n".join([*parts, "", *_quality()])


def _quality() -> Iterator[str]:
    from tabsculpt.metrics import quality

    yield "# Measures of a synthetic table\n"
    yield _prose(inspect.getdoc(quality.measure) or "") + "\n"
    for module, function in _measuring():
        yield f"## {function.__name__}\n"
        yield _prose(inspect.getdoc(function) or "") + f"\n\n(`{module}`)\n"


def _measuring() -> Iterator[tuple[str, Any]]:
    import importlib
    import pkgutil

    import tabsculpt.metrics as package

    skipped = {"quality", "classification", "regression", "features"}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not function.__name__.startswith("_")
            if own and info.name not in skipped and "Source" in (inspect.getdoc(function) or ""):
                yield module.__name__, function


def _tables() -> str:
    doc = _prose(inspect.getdoc(Row) or "")
    intro = "`<outputs>/results/*.parquet` holds one row per job, predictor and metric."
    return f"# Columns of the results\n\n{intro}\n\n{doc}\n"


def _command_line() -> str:
    group: Any = typer.main.get_command(app)
    parts = ["# Command line", ""]
    for name, command in sorted(group.commands.items()):
        parts += list(_command(name, command))
    return "\n".join(parts)


def _command(name: str, command: Any) -> Iterator[str]:
    if hasattr(command, "commands"):
        for inner, one in sorted(command.commands.items()):
            yield from _command(f"{name} {inner}", one)
        return
    yield f"## tabsculpt {name}\n"
    yield re.sub(r"\[/?[^\]]*\]", "`", command.help or "") + "\n"
    options = [param for param in command.params if param.param_type_name == "option"]
    if options:
        yield "| option | meaning |\n| --- | --- |"
        for option in options:
            yield f"| `{' '.join(option.opts)}` | {_cell(option.help or '')} |"
        yield ""


def on_files(files: Any, config: Any) -> Any:
    """Called by MkDocs: adds the pages to those that lie in ``docs``."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


if __name__ == "__main__":
    for path, text in pages().items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
