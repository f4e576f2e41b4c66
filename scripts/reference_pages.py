"""The reference pages of the documentation, written from the code and the configuration files.

A hook of MkDocs (``mkdocs.yml`` names it); ``python scripts/reference_pages.py FOLDER`` writes the
pages as files, to look at them.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

from tabsculpt.cli.main import app
from tabsculpt.config.components import TARGET, resolve
from tabsculpt.config.compose import choices, conf_folder
from tabsculpt.config.listing import CAPABILITIES
from tabsculpt.metrics import metrics_for
from tabsculpt.results import Row, schema
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


def reference() -> dict[str, Any]:
    """Formulas, ranges and columns, as `reference.yaml` beside this file has them."""
    text = Path(__file__).with_name("reference.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


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
        if headed := re.fullmatch(r"(\w+):", line):
            lines.append(f"\n**{headed[1]}**\n")
        elif listed := re.match(r"    (\w[\w, ]*): ", line):
            lines.append(f"- `{listed[1]}`: {line[listed.end() :]}")
        else:  # text of a section, or of an item of its list
            lines.append(re.sub(r"^ {4}( *)", lambda m: "  " if m[1] else "", line))
    return "\n".join(line.replace("<", "&lt;") for line in lines)


def _capabilities(cls: type[Any]) -> str:
    reported = {
        name.replace("_", " "): value
        for name in CAPABILITIES
        if (value := getattr(cls, name, None)) is not None
    }
    if not reported:
        return ""
    shown = {
        k: ", ".join(map(str, v)) if isinstance(v, tuple) else str(v) for k, v in reported.items()
    }
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


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _settings() -> str:
    text = (conf_folder() / "config.yaml").read_text(encoding="utf-8")
    parts = ["# Settings", "", "## Of a job", "", _yaml_table(text), "", "## Of launchers", ""]
    for path in sorted((conf_folder() / "hydra" / "launcher").glob("*.yaml")):
        table = _yaml_table(path.read_text(encoding="utf-8"))
        parts += [f"### hydra/launcher={path.stem}", "", _comment(path), "", table, ""]
    return "\n".join(parts)


def _comment(path: Path) -> str:
    """What the first line of a configuration file says of it."""
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _metrics() -> str:
    phrase = reference()
    parts = [
        "# Metrics",
        "",
        "## Of predictions",
        "",
        "y is the truth, f the prediction, p predicted probabilities, n the test rows; TP, FP and",
        "FN are counts of a class. The positive class of two is the last.",
        "",
        "| metric | better | range | formula | tasks | what it is |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    seen = {metric.name: metric for task in Task for metric in metrics_for(task)}
    for name, metric in seen.items():
        tasks = ", ".join(sorted(str(task) for task in metric.tasks))
        doc = inspect.getdoc(metric.function) or ""
        first = doc.split("\n\n")[0].replace("\n", " ")
        better = "low" if metric.direction == "min" else "high"
        cells = (f"`{name}`", better, *formula(metric.function), tasks, first)
        parts.append(_line(cells))
    parts += ["", "## Of parts of the test rows", "", _formulas(phrase["parts"]), ""]
    return "\n".join([*parts, *_quality(phrase["measures"])])


def formula(metric: Any) -> tuple[str, str]:
    """Range and formula of a metric, as the docstring of its function has them."""
    doc = inspect.getdoc(metric) or ""
    found = re.search(
        r"^Formula: (.*);\s+in\s+([\[(].*?[\])])\.$", doc, flags=re.MULTILINE | re.DOTALL
    )
    return (found[2], found[1].replace("\n", " ")) if found else ("", "")


def _formulas(named: dict[str, dict[str, str]]) -> str:
    head = ["| name | range | formula |", "| --- | --- | --- |"]
    rows = [_line((f"`{name}`", one["range"], one["formula"])) for name, one in named.items()]
    return "\n".join([*head, *rows])


def _quality(measures: dict[str, dict[str, str]]) -> Iterator[str]:
    from tabsculpt.metrics import quality

    yield "## Of a synthetic table\n"
    yield "S is the synthetic table, T the train part; `outputs/quality` has the values.\n"
    yield _formulas(measures) + "\n"
    yield _prose(inspect.getdoc(quality.measure) or "") + "\n"
    for module, function in _measuring():
        yield f"### {function.__name__}\n"
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
    phrase = reference()
    parts = [
        "# Tables below the folder of outputs",
        "",
        "All are parquet; `pandas.read_parquet` reads the folder `results`, or any file.",
        "",
        "## results",
        "",
        "`results/JOB.parquet`: one row per job, predictor and metric, failed ones included.",
        "",
        _prose(inspect.getdoc(Row) or ""),
        "",
        "The columns and their types: "
        + ", ".join(f"`{column.name}` ({column.type})" for column in schema())
        + ".",
    ]
    for name, table in phrase["tables"].items():
        columns = {column: phrase["common"][column] for column in table["common"]}
        columns |= table["columns"]
        parts += ["", f"## {name}", "", table["what"], "", "| column | what it is |"]
        parts += ["| --- | --- |"]
        parts += [_line((f"`{column}`", what)) for column, what in columns.items()]
    return "\n".join([*parts, ""])


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
