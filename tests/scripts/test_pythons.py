"""The Pythons that are declared are those that are installed for, found and asked for by name."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
TOOLS = ("sh", "sed", "grep", "head", "tail", "paste", "dirname", "env")


@pytest.fixture
def machine(tmp_path):
    """Runs ``find_python.sh`` where only some commands are Pythons, each of some version."""

    def find(*asked: str, **versions: str) -> subprocess.CompletedProcess[str]:
        for tool in TOOLS:
            (tmp_path / tool).symlink_to(shutil.which(tool))
        for name, version in versions.items():
            says = f"echo {version}" if version else "exit 127"  # as pyenv's for what is off
            (tmp_path / name.replace("_", ".")).write_text(f"#!{shutil.which('sh')}\n{says}\n")
            (tmp_path / name.replace("_", ".")).chmod(0o755)
        command = ["sh", SCRIPTS / "find_python.sh", *asked]
        return subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    return find


def test_the_declarations_agree(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import check_pythons

    assert check_pythons.supported() == ["3.11", "3.12", "3.13"]
    assert list(check_pythons.declared()) == []


def test_the_first_python_that_works_and_suits_is_taken(machine, tmp_path):
    found = machine(python3="3.14", python3_11="", python3_12="3.12", python3_13="3.13")
    assert found.stdout.strip() == str(tmp_path / "python3.12")


def test_a_python3_that_suits_is_enough(machine, tmp_path):
    assert machine(python3="3.13").stdout.strip() == str(tmp_path / "python3")


@pytest.mark.parametrize(
    ("asked", "versions", "words"),
    [
        ((), {"python3": "3.14"}, "needs Python 3.11, 3.12, 3.13; python3 is 3.14"),
        ((), {}, "python3 is not there"),
        (("python3",), {"python3": "3.9", "python3_12": "3.12"}, "python3 is 3.9"),
    ],
)
def test_without_one_it_says_what_to_type(machine, asked, versions, words):
    refused = machine(*asked, **versions)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "uv python install 3.13" in refused.stderr
    assert "make setup PYTHON=" in refused.stderr
