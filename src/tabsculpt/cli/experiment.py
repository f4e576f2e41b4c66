"""An experiment of the user's own: five questions, and the commented file that they make."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from tabsculpt.errors import UserError

QUESTIONS = {
    "dataset": ("Data set: a name of `tabsculpt list datasets`, or a file", "sklearn_diabetes"),
    "generator": ("Generators, separated by commas (`tabsculpt list generators`)", "arf"),
    "pipeline": ("Pipelines, separated by commas", "traditional,profile2gen"),
    "protocol": (
        "Train on synthetic rows alone (tstr), or beside real ones (augmentation)",
        "tstr",
    ),
    "repeats": ("Splits of the rows, with two seeds each: 1 to try, 10 for an answer", "3"),
}
"""What is asked of each setting, and what it is without an answer."""
READ_BY = {".csv": "csv", ".parquet": "parquet", ".arff": "arff"}
"""The data set that reads a file; ``file`` reads any other."""
MEANS = {
    "dataset": "what is read: tabsculpt list datasets",
    "profiler": "says which rows are hard: tabsculpt list profilers",
    "generator": "makes synthetic rows: tabsculpt list generators",
    "pipeline": "what they are made from, and which are kept: tabsculpt list pipelines",
    "protocol": "what predictors train on: tabsculpt list protocols",
    "predictors": "what is trained: tabsculpt list predictors",
    "repeats": "splits of the rows, with two seeds each; more of them: a surer answer",
    "seed": "of everything but the split",
    "dataset.path": "the file",
    "dataset.target": "column to predict",
}
HEAD = """\
# @package _global_
# {name}: run it with
#   {command}
# Every line may be changed; what is typed beside experiment={name} takes precedence. Real rows
# alone are run beside the others, as the baseline.
"""


def on_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def complete_answers(typed: Sequence[str], config_dir: Path | None) -> list[str]:
    """Settings of an experiment: those typed, and for the others answers or defaults.

    Args:
        typed: as key=value.
        config_dir: the user's own configuration files, where there are some.

    Raises:
        UserError: they cannot be run.
    """
    from tabsculpt.config.sweep import expand

    given = list(typed)
    keys = {text.partition("=")[0] for text in typed}
    asks = on_terminal()
    for key, (question, default) in QUESTIONS.items():
        if key not in keys:
            given += _answer(key, question, default, config_dir) if asks else [f"{key}={default}"]
    expand(given, config_dir)
    return given


def _answer(key: str, question: str, default: str, config_dir: Path | None) -> list[str]:
    """Ask until the answer can be used."""
    from tabsculpt.config.overrides import check_choices, readable

    while True:
        answer = typer.prompt(question, default=default, err=True).replace(" ", "")
        if key == "dataset" and Path(answer).is_file():
            return _own_file(answer)
        try:
            if key == "repeats" and not answer.isdecimal():
                raise UserError(f"repeats is {answer!r}; expected a whole number, as in 3")
            check_choices(readable([f"{key}={answer}"], config_dir), config_dir)
        except UserError as error:
            typer.echo(str(error), err=True)
        else:
            return [f"{key}={answer}"]


def _own_file(path: str) -> list[str]:
    target = typer.prompt("The column to predict", err=True)
    kind = READ_BY.get(Path(path).suffix.lower(), "file")
    return [f"dataset={kind}", f"dataset.path={path}", f"dataset.target={target}"]


def experiment_file(name: str, given: Sequence[str], command: str, config_dir: Path | None) -> str:
    """The text of an experiment.

    Args:
        name: of the experiment.
        given: its settings, as key=value.
        command: that runs it.
        config_dir: the user's own configuration files, where there are some.
    """
    from tabsculpt.config.choices import GROUPS
    from tabsculpt.config.overrides import parse, readable, values

    chosen: list[str] = []
    held: dict[str, Any] = {}
    swept: list[str] = []
    for text in readable(given, config_dir):
        override = parse(text)
        key = override.key_or_group
        if override.is_sweep_override() or (key in GROUPS and key != "dataset"):
            listed = ",".join(values(override))
            swept.append(f"      {key}: {_scalar(listed)}{_meaning(key)}")
        elif key in GROUPS:
            chosen.append(f"  - override /{key}: {override.value()}{_meaning(key)}")
        else:
            held[key] = override.value()
    parts = [HEAD.format(name=name, command=command)]
    parts += ["defaults:", *chosen, ""] if chosen else []
    parts += [*_nested(held), ""]
    parts += ["hydra:", "  sweeper:", "    params: # values separated by commas: each with each"]
    return "\n".join([*parts, *swept, ""])


def _nested(held: Mapping[str, Any]) -> list[str]:
    """Settings by their dotted names as nested lines of YAML."""
    lines: list[str] = []
    open_: list[str] = []
    for key, value in sorted(held.items()):
        *above, leaf = key.split(".")
        same = 0
        while same < min(len(above), len(open_)) and above[same] == open_[same]:
            same += 1
        lines += [f"{'  ' * depth}{above[depth]}:" for depth in range(same, len(above))]
        open_ = above
        lines.append(f"{'  ' * len(above)}{leaf}: {_scalar(value)}{_meaning(key)}")
    return lines


def _scalar(value: Any) -> str:
    """A value as YAML; text stands without quotes where it is read as the same text."""
    import yaml

    if isinstance(value, str) and yaml.safe_load(f"a: {value} # b") == {"a": value}:
        return value
    return json.dumps(value, ensure_ascii=False)


def _meaning(key: str) -> str:
    return f" # {MEANS[key]}" if key in MEANS else ""
