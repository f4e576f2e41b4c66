"""The commands of the README are understood as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.config.compose import choices, load
from tabsculpt.config.sweep import expand
from tabsculpt.jobs.job import Job

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    tabsculpt (\w+)([^#\n]*)", README, flags=re.MULTILINE)


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=60), "y": rng.normal(size=60)})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "outputs"))
    return tmp_path


# --config-dir names files of the user's own; see test_conf
@pytest.mark.parametrize(
    ("command", "arguments"), [c for c in COMMANDS if "--config-dir" not in c[1]]
)
def test_a_command_of_the_readme_is_understood(command, arguments, mine):
    words = arguments.split()
    settings = [word for word in words if "=" in word]
    match command:
        case "run" | "profile" | "select" | "audit":
            Job.of(load(settings)).source.load()
        case "sweep" | "plan" if not settings[0].startswith("experiment="):
            assert len(expand(settings)) > 1
        case "sweep":
            assert settings[0].removeprefix("experiment=") in choices("experiment")
        case "list" | "doctor" | "results":
            assert CliRunner().invoke(app, [command, *words]).exit_code == 0
        case _:  # reads what an earlier command left
            assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_there_are_commands_to_check():
    assert {"run", "sweep", "list", "results", "select", "profile"} <= {c for c, _ in COMMANDS}


def test_the_lines_of_the_samplers_run(capsys):
    lines = re.search(r"    (from imblearn.pipeline (?:.*\n)(?:(?:    .*)?\n)+)", README).group(1)
    exec(re.sub(r"^    ", "", lines, flags=re.MULTILINE), {})
    printed = capsys.readouterr().out.splitlines()
    assert [float(line.split()[0]) for line in printed] == pytest.approx([0.42, 0.42], abs=0.03)


def test_the_python_lines_read_the_results(mine):
    settings = ["generator=bootstrap", "pipeline=traditional"]
    assert CliRunner().invoke(app, ["run", *settings]).exit_code == 0
    lines = re.search(r"    (import pandas as pd\n(?:    .*\n)+)", README).group(1)
    scope: dict[str, object] = {}
    code = re.sub(r"^    ", "", lines, flags=re.MULTILINE).strip().splitlines()
    code[-1] = f"found = {code[-1]}"
    exec("\n".join(code), scope)
    assert scope["found"].shape == (4, 2)
