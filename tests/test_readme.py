"""The commands of the README and of the documentation are understood as they stand there."""

from __future__ import annotations

import re
import shlex
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.config.compose import choices, load
from tabsculpt.config.sweep import expand
from tabsculpt.jobs.job import Job

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
}
SHOWN = r"^    tabsculpt ([a-z]\w*)((?:'[^'\n]*'|[^#'\n])*)"
COMMANDS = {
    (command, arguments.strip()): page
    for page, text in reversed(PAGES.items())
    for command, arguments in re.findall(SHOWN, text, flags=re.MULTILINE)
}
"""Each command once, with a page that shows it."""
PYTHON = PAGES["docs/how-to/from-python.md"]


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=60), "y": rng.normal(size=60)})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    with sqlite3.connect(tmp_path / "mine.db") as connection:
        frame.to_sql("visits", connection, index=False)
    named = frame.assign(finding=np.where(frame.y > 0, "benign", "malignant")).drop(columns="y")
    named.to_csv(tmp_path / "biopsies.csv", index=False)
    own = frame.assign(patient=np.arange(60) // 2, outcome=np.where(frame.y > 0, "ill", "well"))
    (tmp_path / "clinic.csv").write_text(f"# exported\n{own.to_csv(index=False)}60 rows\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "outputs"))
    return tmp_path


# --config-dir names files of the user's own; see test_own_parts
@pytest.mark.parametrize(
    ("command", "arguments"),
    [pytest.param(*c, id=f"{page}: {' '.join(c)}",
                  marks=[pytest.mark.extra("sql")] if "dataset=sql" in c[1] else [])
     for c, page in COMMANDS.items() if "--config-dir" not in c[1]],
)  # fmt: skip
def test_a_command_is_understood(command, arguments, mine):
    words = shlex.split(arguments)
    settings = [word for word in words if "=" in word]
    match command:
        case "run" | "profile" | "select" | "audit":
            composed = load(settings)
            if composed.names["dataset"] != "openml":
                Job.of(composed).source.load()
        case "sweep" | "plan" if not settings[0].startswith("experiment="):
            assert len(expand(settings)) > 1
        case "sweep":
            assert settings[0].removeprefix("experiment=") in choices("experiment")
        case "list" | "doctor" | "results":
            assert CliRunner().invoke(app, [command, *words]).exit_code == 0
        case _:  # reads what an earlier command left
            options = [word.partition("=")[0] for word in words if word.startswith("--")]
            below = [word for word in words[:1] if not word.startswith("--")]
            helped = CliRunner().invoke(app, [command, *below, "--help"])
            assert helped.exit_code == 0
            assert all(option in helped.output for option in options)


def test_there_are_commands_to_check():
    assert {"run", "sweep", "list", "results", "select", "profile"} <= {c for c, _ in COMMANDS}
    assert {"README.md", "docs/tutorial.md", "docs/how-to/own-table.md"} <= {*COMMANDS.values()}


def test_the_readme_is_read_in_two_minutes():
    assert len(PAGES["README.md"].splitlines()) < 150


def test_the_lines_of_the_samplers_run(capsys):
    lines = re.search(r"    (from imblearn.pipeline (?:.*\n)(?:(?:    .*)?\n)+)", PYTHON).group(1)
    exec(re.sub(r"^    ", "", lines, flags=re.MULTILINE), {})
    printed = capsys.readouterr().out.splitlines()
    assert [float(line.split()[0]) for line in printed] == pytest.approx([0.42, 0.42], abs=0.03)


def test_the_python_lines_read_the_results(mine):
    settings = ["generator=bootstrap", "pipeline=traditional"]
    assert CliRunner().invoke(app, ["run", *settings]).exit_code == 0
    page = PAGES["docs/how-to/read-results.md"]
    lines = re.search(r"    (import pandas as pd\n(?:    .*\n)+)", page).group(1)
    scope: dict[str, object] = {}
    code = re.sub(r"^    ", "", lines, flags=re.MULTILINE).strip().splitlines()
    code[-1] = f"found = {code[-1]}"
    exec("\n".join(code), scope)
    assert scope["found"].shape == (4, 2)


def test_the_python_lines_compare_the_results(mine, capsys):
    for seed in ("0", "1"):
        words = ["generator=bootstrap", "pipeline=traditional", f"seed={seed}"]
        assert CliRunner().invoke(app, ["run", *words, "~predictors.lightgbm"]).exit_code == 0
    lines = re.search(r"    (from tabsculpt import compare(?:.*\n)(?:(?:    .*)?\n)+)", PYTHON)
    scope: dict[str, pd.DataFrame] = {}
    exec(re.sub(r"^    ", "", lines.group(1), flags=re.MULTILINE), scope)
    assert scope["pairs"][["first", "second", "n"]].to_numpy().tolist() == [
        ["real", "traditional", 6]
    ]
    assert "conclusion" in capsys.readouterr().out


def test_the_table_of_the_tutorial_is_what_the_tutorial_says(mine):
    page = PAGES["docs/tutorial.md"]
    lines = re.search(r"    (import pandas as pd\n(?:(?:    .*)?\n)+?)(?=##)", page).group(1)
    exec(re.sub(r"^    ", "", lines, flags=re.MULTILINE), {})
    printed = CliRunner().invoke(
        app, ["audit", "dataset=csv", "dataset.path=biopsies.csv", "dataset.target=finding"]
    )
    shown = [line for line in printed.output.splitlines() if line]
    assert len(shown) == 4
    assert all(f"    {line}\n" in page for line in shown)
