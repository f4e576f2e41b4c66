import json

import pytest

from tabsculpt.cli import machine as doctor
from tabsculpt.config.defaults import Defaults
from tabsculpt.errors import UserError
from tabsculpt.extras import require


def test_an_installed_module_is_imported():
    assert require("sdv", "json", "gaussian_copula") is json


def test_an_absent_module_names_the_extra_to_install():
    expected = r"gaussian_copula needs the extra 'sdv': pip install 'tabsculpt\[sdv\]'"
    with pytest.raises(UserError, match=expected):
        require("sdv", "no_such_library.part", "gaussian_copula")


def test_doctor_names_the_extra_to_install(monkeypatch):
    monkeypatch.setattr(doctor, "absent", list)
    found = dict(doctor.examine(Defaults()))
    for extra in doctor.EXTRAS:
        assert f"pip install 'tabsculpt[{extra}]'" in found[f"extra {extra}"]


def test_a_module_broken_by_an_import_of_its_own_is_not_called_absent(tmp_path, monkeypatch):
    (tmp_path / "broken_library.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        require("sdv", "broken_library", "gaussian_copula")
