"""The same table from files of every format, and from a database."""

from __future__ import annotations

import bz2
import gzip
import io
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import read_bytes
from tabsculpt.datasets.files import Csv, File, Parquet
from tabsculpt.datasets.notes import sentences
from tabsculpt.datasets.sql import Sql
from tabsculpt.errors import UserError

ROWS = 40


def table() -> pd.DataFrame:
    """Numbers, whole numbers, words, true and false, days, and a target."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "height": np.round(rng.normal(170, 9, ROWS), 2),
            "visits": rng.integers(0, 9, ROWS),
            "city": [("Köln", "Łódź", "Rome")[i % 3] for i in range(ROWS)],
            "day": pd.date_range("2020-01-05", periods=ROWS, freq="3D"),
            "y": np.round(rng.normal(size=ROWS), 3),
        }
    )


def fingerprint(source: Csv | File | Parquet | Sql) -> str:
    return source.load().table.fingerprint()


@pytest.fixture
def expected(tmp_path: Path) -> str:
    path = tmp_path / "expected.csv"
    table().to_csv(path, index=False)
    return fingerprint(Csv(str(path), "y"))


@pytest.mark.parametrize("ending", ["gz", "bz2", "zip"])
def test_compressed_text_is_unpacked(tmp_path: Path, expected: str, ending: str) -> None:
    raw = table().to_csv(index=False).encode()
    path = tmp_path / f"mine.csv.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mine.csv", raw)
            archive.writestr("__MACOSX/._mine.csv", "x")
    else:
        path.write_bytes({"gz": gzip, "bz2": bz2}[ending].compress(raw))
    assert fingerprint(Csv(str(path), "y")) == expected
    found = File(str(path), "y").load()
    assert (found.table.fingerprint(), found.name) == (expected, "mine")


def test_what_cannot_be_unpacked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(UserError, match="cannot be unpacked"):
        Csv(str(path), "y").load()
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "x")
    with pytest.raises(UserError, match=r"holds 2 files \(a\.csv, b\.csv\)"):
        Csv(str(path), "y").load()


def test_standard_input_is_read_once_and_kept(
    expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Piped:
        buffer = io.BytesIO(table().to_csv(index=False, sep=";").encode("utf-16"))

        def isatty(self) -> bool:
            return False

    read_bytes._standard_input.cache_clear()
    monkeypatch.setattr("sys.stdin", Piped())
    first = Csv("-", "y").load()
    assert (first.table.fingerprint(), first.name) == (expected, "stdin")
    assert fingerprint(File("-", "y")) == expected
    assert first.form is not None
    assert (first.form.separator, first.form.encoding) == (";", "utf-16")
    read_bytes._standard_input.cache_clear()


def test_feather_and_folders_of_parquet(tmp_path: Path, expected: str) -> None:
    table().to_feather(tmp_path / "mine.feather")
    assert fingerprint(File(str(tmp_path / "mine.feather"), "y")) == expected
    folder = tmp_path / "parts"
    folder.mkdir()
    table().iloc[:15].to_parquet(folder / "0.parquet", index=False)
    table().iloc[15:].to_parquet(folder / "1.parquet", index=False)
    assert fingerprint(Parquet(str(folder), "y")) == expected
    assert fingerprint(File(str(folder), "y")) == expected


@pytest.mark.extra("files")
def test_workbooks_and_their_sheets(tmp_path: Path, expected: str) -> None:
    path = tmp_path / "mine.xlsx"
    with pd.ExcelWriter(path) as book:
        table().to_excel(book, sheet_name="visits", index=False)
        pd.DataFrame({"note": ["made up"]}).to_excel(book, sheet_name="about", index=False)
    found = File(str(path), "y").load()
    assert found.table.fingerprint() == expected
    assert sentences(found.notes)[0] == (
        "sheet 'visits' read of visits, about (dataset.sheet chooses another)"
    )
    with pytest.raises(UserError, match="no sheet 'Visits'; sheets: visits, about"):
        File(str(path), "y", sheet="Visits").load()


@pytest.mark.extra("files")
def test_a_title_over_merged_cells_is_left_out_and_said(tmp_path: Path, expected: str) -> None:
    import openpyxl

    path = tmp_path / "titled.xlsx"
    table().to_excel(path, startrow=3, index=False)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    sheet["A1"], sheet["B2"] = "Height and visits of a cohort", "made up"
    sheet.merge_cells("A1:E1")
    book.save(path)
    found = File(str(path), "y").load()
    assert found.table.fingerprint() == expected
    assert sentences(found.notes)[0] == (
        "left out above the header, 2 rows: 'Height and visits of a cohort', 'made up'"
    )
    with pytest.raises(UserError, match="no column 'y'"):
        File(str(path), "y", header=False).load()


@pytest.mark.extra("files")
@pytest.mark.parametrize("ending", ["sav", "dta", "xpt"])
def test_files_of_statistics_packages(tmp_path: Path, ending: str) -> None:
    import pyreadstat

    path = tmp_path / f"mine.{ending}"
    frame = table().assign(sex=[1.0, 2.0] * (ROWS // 2)).drop(columns="day")
    labels: dict[str, Any] = {"variable_value_labels": {"sex": {1.0: "female", 2.0: "male"}}}
    write = {
        "sav": pyreadstat.write_sav,
        "dta": pyreadstat.write_dta,
        "xpt": pyreadstat.write_xport,
    }
    if ending == "xpt":
        frame, labels = frame.assign(city="Rome"), {}
    write[ending](frame, str(path), **labels)
    found = File(str(path), "y").load()
    assert found.table.frame["height"].tolist() == pytest.approx(frame["height"].tolist())
    if labels:
        assert found.table.schema.columns[-1].categories == ("female", "male")
        assert "value labels read instead of codes: sex" in sentences(found.notes)


@pytest.mark.extra("sql")
def test_a_query_of_a_database(tmp_path: Path, expected: str) -> None:
    path = tmp_path / "mine.db"
    with sqlite3.connect(path) as connection:
        table().assign(day=table()["day"].dt.strftime("%Y-%m-%d")).to_sql(
            "visits", connection, index=False
        )
        connection.execute(
            "create table big as select 9007199254740993 as k, height, y from visits"
        )
        connection.execute("update big set k = null where height > 175")
    url = f"sqlite:///{path}"
    assert fingerprint(Sql(url, "select * from visits", "y")) == expected
    big = Sql(url, "select * from big", "y", missing="keep").load()
    assert set(big.table.frame["k"].dropna()) == {2**53 + 1}
    for where, query, words in (
        (url, "select * from absent", "the database refuses: no such table: absent"),
        (url, "select * from visits where y > 99", "dataset.query gives no rows"),
        (f"sqlite:///{tmp_path}/none.db", "select 1", "no such database"),
        ("mine.db", "select 1", "is no database; expected DIALECT://"),
        ("nosuch://x", "select 1", "no driver for 'nosuch'"),
    ):
        with pytest.raises(UserError) as caught:
            Sql(where, query, "y").load()
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "none.db").exists()


def test_endings_that_are_not_known_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.xls"
    path.write_bytes(b"x")
    with pytest.raises(UserError, match=r"no format is known by the ending '\.xls'"):
        File(str(path), "y").load()
