"""The fingerprint of code: what it follows, without importing, and what it leaves out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import tabsculpt
from tabsculpt.engine import modules
from tabsculpt.engine.fingerprints import FINGERPRINTS, closure, code_fingerprint, outside_imports
from tabsculpt.errors import UserError
from tabsculpt.jobs.completion import ROWS_CODE

COMPUTE = ("datasets", "profilers", "generators", "pipelines", "protocols", "predictors", "metrics")
ABOVE = {"analysis", "cli", "config", "launch", "report", "samplers"}
SCHEDULE = {
    *(f"tabsculpt.engine.{name}" for name in ("runner", "store", "upkeep")),
    *(f"tabsculpt.jobs.{name}" for name in ("completion", "graph", "job", "parts", "run")),
}
ROOT = Path(tabsculpt.__file__).parent


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    fresh()
    yield tmp_path
    fresh()


def fresh() -> None:
    FINGERPRINTS.clear()
    modules.forget()


def parts(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if "." in name}


@pytest.mark.parametrize("group", COMPUTE)
def test_what_computes_a_value_does_not_hang_on_what_schedules_it(group):
    for path in (ROOT / group).rglob("*.py"):
        name = ".".join(("tabsculpt", *path.relative_to(ROOT).with_suffix("").parts))
        followed = closure(name.removesuffix(".__init__"))
        assert not parts(followed) & {*ABOVE, "jobs"}, name
        assert not followed & SCHEDULE, name


def test_rows_hang_on_what_makes_them_and_not_on_what_schedules_jobs():
    followed = closure(ROWS_CODE)
    assert not parts(followed) & ABOVE
    assert not followed & SCHEDULE
    assert {
        "tabsculpt.metrics.regression",
        "tabsculpt.metrics.subsets",
        "tabsculpt.jobs.failures",
        "tabsculpt.jobs.records",
    } <= followed


def test_own_modules_are_followed_and_none_is_imported(folder):
    package = folder / "own_followed"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "inner" / "__init__.py").write_text("")
    (package / "inner" / "a.py").write_text("from . import b\nfrom ..top import x\nimport numpy\n")
    (package / "inner" / "b.py").write_text("def f():\n    import own_single\n")
    (package / "top.py").write_text("x = 1\n")
    (folder / "own_single.py").write_text("y = 1\n")
    followed = closure("own_followed.inner.a")
    assert followed == {
        "own_followed", "own_followed.inner", "own_followed.inner.a", "own_followed.inner.b",
        "own_followed.top", "own_single",
    }  # fmt: skip
    assert outside_imports("own_followed.inner.a") == {"numpy"}
    assert not [name for name in sys.modules if name.startswith("own_")]
    before = code_fingerprint("own_followed.inner.a")
    for path in (package / "__init__.py", package / "top.py", folder / "own_single.py"):
        path.write_text(path.read_text() + "z = 2\n")
        fresh()
        after = code_fingerprint("own_followed.inner.a")
        assert after != before, path
        before = after


def test_imports_for_type_checkers_do_not_count(folder):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import own_types\n"
    (folder / "own_typed.py").write_text(text + "else:\n    import own_other\n")
    for name in ("own_types", "own_other"):
        (folder / f"{name}.py").write_text("")
    assert closure("own_typed") == {"own_typed", "own_other"}


def test_installed_distributions_are_not_followed_and_editable_ones_are(tmp_path, folder):
    target = tmp_path / "target"  # as of pip install --target, on the PYTHONPATH
    (target / "own_installed-1.0.dist-info").mkdir(parents=True)
    (target / "own_installed.py").write_text("")
    project = tmp_path / "project" / "src"
    project.mkdir(parents=True)
    (project / "own_editable.py").write_text("")
    sys.path += [str(target), str(project)]
    (folder / "own_user.py").write_text("import own_installed, own_editable, json, numpy\n")
    try:
        assert closure("own_user") == {"own_user", "own_editable"}
    finally:
        sys.path.remove(str(target))
        sys.path.remove(str(project))


def test_an_editable_project_behind_a_finder_is_followed(tmp_path, folder, monkeypatch):
    (tmp_path / "hidden").mkdir()
    path = tmp_path / "hidden" / "own_hooked.py"
    path.write_text("")

    class Finder:  # as setuptools installs one
        @staticmethod
        def find_spec(name, _path=None, _target=None):
            from importlib.util import spec_from_file_location

            return spec_from_file_location(name, path) if name == "own_hooked" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    (folder / "own_hooking.py").write_text("import own_hooked\n")
    assert closure("own_hooking") == {"own_hooking", "own_hooked"}


def test_a_helper_that_is_no_python_is_said_in_one_line(folder):
    (folder / "own_bad.py").write_text("x = 1\ndef f(:\n")
    (folder / "own_uses_bad.py").write_text("def f():\n    import own_bad\n")
    with pytest.raises(UserError, match=r"own_bad\.py, line 2: invalid syntax"):
        code_fingerprint("own_uses_bad")
