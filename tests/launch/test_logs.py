"""Failures tell: where the traceback is, and whether it was for want of memory."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.results import read_rows

FEW = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]


def call(command: str, name: str, conf: Path, *arguments: str, settings: str = ""):
    """Run a generator of the tests."""
    folder = conf / "generator"
    folder.mkdir(parents=True, exist_ok=True)
    module = re.sub(r"\W", "_", f"logs_{conf.parent.name}")  # another one for each test
    (conf / f"{module}.py").write_text("from awkward import *\n")
    (folder / "own.yaml").write_text(f"_target_: {module}.{name}\n{settings}")
    own = ["generator=own", "pipeline=traditional", *FEW, "--config-dir", str(conf)]
    return CliRunner().invoke(app, [command, *own, *arguments])


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_job_in_this_process_keeps_its_traceback(command, outputs, tmp_path):
    before = logging.getLogger("tabsculpt").level
    done = call(command, "Raises", tmp_path / "conf", "hydra/launcher=serial")
    assert done.exit_code == 1
    rows = read_rows(outputs / "results")
    [job] = set(rows[rows.status == "failed"].job)
    log = outputs / "logs" / f"{job}.log"
    assert str(log) in done.output.replace("\n", "")
    assert "no way" in done.output
    text = log.read_text()
    assert text.count("Traceback") == 1
    assert 'awkward.py", line' in text
    assert 'raise ValueError("no way")' in text
    assert [path.name for path in log.parent.iterdir()] == [log.name]  # none of the real rows
    assert logging.getLogger("tabsculpt").level == before
    assert logging.getLogger("tabsculpt").handlers == []


@pytest.mark.parametrize(("on", "words"), [("cuda", "20.00 GiB"), ("cpu", "can't allocate")])
def test_torch_running_out_of_memory_is_no_other_failure(on, words, outputs, tmp_path):
    done = call("run", "RunsOut", tmp_path / "conf", settings=f"memory: {on}\n")
    assert done.exit_code == 1
    rows = read_rows(outputs / "results").query("pipeline == 'traditional'")
    assert set(rows.status) == {"out_of_memory"}
    assert rows.reason.str.contains(words).all()


def test_a_model_that_the_store_does_not_keep_is_told_with_its_writer(outputs, tmp_path):
    assert call("run", "Pickles", tmp_path / "conf").exit_code == 0
    found = CliRunner().invoke(app, ["store", "verify", "--remove"])
    assert found.exit_code == 0
    [remark, count] = found.output.splitlines()
    assert "model/model.pkl was written by awkward.Pickles: whole, but expected" in remark
    assert count == "0 results not whole"
    assert list((outputs / "store" / "Fit").glob("*/*/model/model.pkl"))
