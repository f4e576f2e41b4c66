"""The walks of CONTRIBUTING.md, done in a copy of the tree as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WALKS = dict(re.findall(r"^### (Add a \w+)\n(.*?)(?=^##)", TEXT, flags=re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
pytestmark = pytest.mark.xdist_group("contributing")


def blocks(walk: str) -> list[tuple[str, str]]:
    return BLOCK.findall(WALKS[walk])


def patched(text: str, hunk: str) -> str:
    """A file with the lines of a hunk that begin with + added among those that do not."""
    lines = hunk.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    assert text.count(old) == 1, f"these lines are not there once:\n{old}"
    return text.replace(old, "".join(f"{line[1:]}\n" for line in lines))


def write(kind: str, block: str, tree: Path) -> None:
    """Do what a block says that is no command."""
    first, _, rest = block.partition("\n")
    path = tree / first.split(" ", 1)[1]
    if kind == "diff":
        text = path.read_text(encoding="utf-8")
        for hunk in rest.split("@@\n"):
            text = patched(text, hunk)
        path.write_text(text, encoding="utf-8")
    else:
        assert not path.exists()
        path.write_text(block, encoding="utf-8")


def shell(commands: str, tree: Path) -> str:
    script = f'set -e\ntabsculpt() {{ "{sys.executable}" -m tabsculpt "$@"; }}\n{commands}'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": "src", "TABSCULPT_OUTPUTS": "outputs"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the tree in which every file of every walk was written, and nothing run."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("src", "conf"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "outputs").mkdir()
    for walk in WALKS:
        for kind, block in blocks(walk):
            if kind != "sh":
                write(kind, block, tree)
            elif block.startswith("sed "):
                shell(block, tree)
    return tree


def commands_run(walk: str, tree: Path) -> str:
    return shell(
        "".join(b for kind, b in blocks(walk) if kind == "sh" and b.startswith("tabsculpt")), tree
    )


def rows(tree: Path) -> pd.DataFrame:
    return pd.read_parquet(tree / "outputs" / "results")


def test_there_are_four_walks_of_two_files_each():
    assert list(WALKS) == ["Add a generator", "Add a predictor", "Add a metric", "Add a command"]
    for walk, text in WALKS.items():
        files = set(re.findall(r"^(?:# |--- |sed .* > )((?:src|conf)/\S+)$", text, re.MULTILINE))
        assert len(files) == 2, walk


def test_a_generator(tree):
    commands_run("Add a generator", tree)
    found = rows(tree)
    found = found[found.generator == "smoothed"]
    assert set(found.status) == {"ok"}
    assert set(found.metric) >= {"wasserstein", "rmse"}


def test_a_predictor(tree):
    commands_run("Add a predictor", tree)
    scores = rows(tree).query("predictors == 'trees' and metric == 'r2'")
    assert list(scores.predictor) == ["tree"]
    assert 0 < scores.value.item() < 1


def test_a_metric(tree):
    assert "max_error" in commands_run("Add a metric", tree)
    values = rows(tree).query("pipeline == 'real' and predictor == 'linear'")
    values = values.set_index("metric").value
    assert values["max_error"] > values["rmse"] > values["mae"]


def test_a_command(tree):
    there = sum(map(len, map(pd.read_parquet, (tree / "outputs" / "results").glob("*.parquet"))))
    assert commands_run("Add a command", tree) == f"{there} rows\n"


def test_what_is_added_is_well_formed(tree):
    shutil.copy(ROOT / "pyproject.toml", tree)
    ruff = Path(sys.executable).with_name("ruff")
    for what in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [ruff, *what, "--no-cache", "src"], cwd=tree, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
