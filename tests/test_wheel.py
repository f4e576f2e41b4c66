"""The wheel is enough: installed into a fresh environment, it finds its configuration files."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    venv.create(folder / "fresh", with_pip=True)
    python = folder / "fresh" / "bin" / "python"
    wheel = next((folder / "dist").glob("*.whl"))
    install = [python, "-m", "pip", "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    # What it depends on is borrowed from this environment, so that no network is needed; a path
    # file does not bring this environment's own path files, and so not the editable install.
    site = next((folder / "fresh" / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "fresh" / "bin" / "tabsculpt"


def test_list_finds_the_configuration_in_the_wheel(program, tmp_path):
    done = subprocess.run([program, "list"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ("sklearn_diabetes", "profile2gen", "tvae", "autogluon", "cleanlab"):
        assert name in done.stdout


def test_a_job_and_its_report_run_from_the_wheel(program, tmp_path):
    command = [program, "run", "generator=bootstrap", "pipeline=traditional", "repeats=1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "outputs" / "results").glob("*.parquet"))) == 2
    done = subprocess.run([program, "report"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "outputs" / "reports" / "all" / "report.html").read_text(encoding="utf-8")
    assert "prefers-color-scheme" in page  # the script and the style come from files of the wheel
    assert "--paper" in page


def test_the_program_imported_is_the_one_in_the_wheel(program, tmp_path):
    python = program.parent / "python"
    code = "import tabsculpt; print(tabsculpt.__file__)"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert str(program.parents[1]) in done.stdout
