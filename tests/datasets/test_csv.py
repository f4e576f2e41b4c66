"""Users' CSV files: what is understood, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.files import Csv
from tabsculpt.datasets.notes import Done, Fact, sentences
from tabsculpt.datasets.write_table import write_table
from tabsculpt.errors import UserError
from tabsculpt.table import Kind, Task

ROWS = 12


def table(rows: int = ROWS) -> pd.DataFrame:
    """A well-formed table: a number, a whole number, a word and a target."""
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "height": np.round(rng.normal(170, 9, rows), 1) + 0.05,
            "visits": rng.integers(0, 9, rows),
            "city": [("Köln", "Łódź", "Rome")[i % 3] for i in range(rows)],
            "y": np.round(rng.normal(size=rows), 3),
        }
    )


def csv_of(folder: Path, content: str | bytes, **settings: object) -> Dataset:
    path = folder / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    chosen: dict[str, Any] = {"target": "y", "missing": "keep", **settings}
    return Csv(str(path), **chosen).load()


def numbered(column: str, values: list[object]) -> str:
    """CSV text with a feature ``x``, the given column and a target ``y``."""
    lines = [f"{i * 1.5},{value},{i % 7 + 0.5}" for i, value in enumerate(values)]
    return "\n".join([f"x,{column},y", *lines]) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_and_encoding_gives_the_same_table(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    expected = csv_of(tmp_path, table().to_csv(index=False))
    text = table().to_csv(index=False, sep=separator)
    found = csv_of(tmp_path, text.encode(encoding))
    assert found.table.fingerprint() == expected.table.fingerprint()


def test_kinds_values_and_column_order(tmp_path: Path) -> None:
    found = csv_of(tmp_path, table().to_csv(index=False))
    assert found.name == "mine"
    assert [(c.name, c.kind) for c in found.table.schema.columns] == [
        ("height", Kind.CONTINUOUS),
        ("visits", Kind.INTEGER),
        ("city", Kind.CATEGORICAL),
        ("y", Kind.CONTINUOUS),
    ]
    assert found.table.schema.columns[2].categories == ("Köln", "Rome", "Łódź")
    assert found.table.schema.task is Task.REGRESSION
    assert found.table.frame["height"].tolist() == table()["height"].tolist()
    assert found.table.target.tolist() == table()["y"].tolist()


def test_latin_1_letters_and_windows_line_ends(tmp_path: Path) -> None:
    text = numbered("name", ["Müller", "José"] * 6).replace("\n", "\r\n")
    found = csv_of(tmp_path, text.encode("latin-1"))
    assert found.table.schema.columns[1].categories == ("José", "Müller")
    assert len(found.table) == ROWS


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    text = table().to_csv(index=False, sep=";", decimal=",")
    found = csv_of(tmp_path, text)
    assert found.table.fingerprint() == csv_of(tmp_path, table().to_csv()).table.fingerprint()
    assert sentences(found.notes) == ["decimal commas read in height, y"]


def test_quoted_commas_and_newlines_stay_in_their_cell(tmp_path: Path) -> None:
    found = csv_of(tmp_path, numbered("note", ['"a, b"', '"c\nd"'] * 6))
    assert found.table.schema.columns[1].categories == ("a, b", "c\nd")


def test_blanks_and_missing_words(tmp_path: Path) -> None:
    marks = ["?", "", "NaN", "nan", "NULL", " ? ", " NaN ", "<NA>", "#N/A"]
    found = csv_of(tmp_path, numbered("job", [" Private", "Private", *marks, " Self "]))
    assert found.table.schema.columns[1].categories == ("Private", "Self")
    assert found.table.frame["job"].isna().sum() == len(marks)
    words = [*marks, "NA", "N/A", "null", "none", " NA", "None ", "unknown", "-", "."]
    numbers = csv_of(tmp_path, numbered("n", [" 3 ", "4", *words, "5"]))
    assert numbers.table.frame["n"].dropna().tolist() == [3, 4, 5]
    assert numbers.table.schema.columns[1].kind is Kind.INTEGER


def test_whole_floats_booleans_and_zero_one(tmp_path: Path) -> None:
    frame = table().assign(
        whole=[1.0, np.nan] * 6, flag=["TRUE", "false"] * 6, bit=[0, 1] * 6, half=[0.5, 1] * 6
    )
    kinds = {
        c.name: c.kind for c in csv_of(tmp_path, frame.to_csv(index=False)).table.schema.columns
    }
    assert kinds["whole"] is Kind.INTEGER
    assert kinds["flag"] is Kind.BOOLEAN
    assert kinds["bit"] is Kind.INTEGER
    assert kinds["half"] is Kind.CONTINUOUS


def test_a_row_index_is_left_out_with_a_note(tmp_path: Path) -> None:
    frame = table()
    frame.index = pd.Index(np.random.default_rng(0).permutation(ROWS) + 5)
    found = csv_of(tmp_path, frame.to_csv())
    assert found.table.schema.names == ["height", "visits", "city", "y"]
    assert sentences(found.notes) == ["the unnamed first column numbers the rows: left out"]


def test_an_unnamed_column_of_measurements_is_kept(tmp_path: Path) -> None:
    text = table().rename(columns={"height": ""}).to_csv(index=False)
    assert csv_of(tmp_path, text).table.schema.names[0] == "Unnamed: 0"


def test_rows_without_target_are_dropped_with_a_note(tmp_path: Path) -> None:
    frame = table(14).assign(y=lambda f: f["y"].where(f.index > 2))
    found = csv_of(tmp_path, frame.to_csv(index=False))
    assert len(found.table) == 11
    assert found.table.frame["visits"].tolist() == frame["visits"].iloc[3:].tolist()
    assert sentences(found.notes) == ["3 rows without a value of the target 'y' dropped"]


def test_words_among_numbers_are_noted(tmp_path: Path) -> None:
    found = csv_of(tmp_path, numbered("dose", [*range(11), "n.d."]))
    assert found.table.schema.columns[1].kind is Kind.CATEGORICAL
    assert found.notes == (Fact(Done.MIXED, "'n.d.'", "dose", 1),)
    assert str(found.notes[0]).startswith("dose holds words among numbers ('n.d.') and is read as")
    assert csv_of(tmp_path, numbered("grade", ["1", "2+", "3+"] * 4)).notes == ()


def test_the_group_is_no_feature(tmp_path: Path) -> None:
    frame = table().assign(who=[f"p{i // 3}" for i in range(ROWS)])
    found = csv_of(tmp_path, frame.to_csv(index=False), group="who")
    assert "who" not in found.table.schema.names
    assert found.groups is not None
    assert found.groups.tolist() == frame["who"].tolist()


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        ([0, 1] * 6, Task.BINARY, ("0", "1")),
        ([1.0, 2.0] * 6, Task.BINARY, ("1", "2")),
        (["yes", "no", "perhaps"] * 4, Task.MULTICLASS, ("no", "perhaps", "yes")),
        (["True", "False"] * 6, Task.BINARY, ("false", "true")),
        ([1, 2, 3] * 4, Task.REGRESSION, ()),
        ([1, 2, 3] * 20, Task.MULTICLASS, ("1", "2", "3")),
        ([0.5, 1.5] * 6, Task.REGRESSION, ()),
    ],
)
def test_automatic_task(
    tmp_path: Path, values: list[object], task: Task, classes: tuple[str, ...]
) -> None:
    found = csv_of(tmp_path, table(len(values)).assign(y=values).to_csv(index=False))
    assert found.table.schema.task is task
    assert found.table.schema.classes == classes


def test_class_codes_follow_sorted_names(tmp_path: Path) -> None:
    frame = table().assign(y=["yes", "no", "no"] * 4)
    found = csv_of(tmp_path, frame.to_csv(index=False))
    assert found.table.target.tolist() == [1, 0, 0] * 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("x,y\n", "header but no rows"),
        (b"PK\x03\x04\x00\x00\x01\x02", "binary"),
        (b"\x89PNG\x81\x8d\xff\xfe1", "binary"),
        ("x,x,y\n" + "1,2,3\n" * 12, "several columns are named x"),
        ("x,y\n" + "1,2\n" * 5 + "1,2,3\n" + "1,2\n" * 9, "line 7"),
        ("x,y\n" + "1,2\n" * 5 + "1\n" + "1,2\n" * 9, "1 values in the row that ends at line 7"),
        ('x,y\n1,"2\n' + "1,2\n" * 12, "quote"),
        ("y\n" + "1\n2\n" * 6, "no feature is left"),
    ],
)
def test_unreadable_csv_is_refused(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(UserError) as caught:
        csv_of(tmp_path, content)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ({}, {"target": "Y"}, "did you mean 'y'? columns: height, visits, city, y"),
        ({}, {"target": "hieght"}, "did you mean 'height'?"),
        ({}, {"drop": ["town"]}, "dataset.drop: no column 'town'"),
        ({}, {"group": "town"}, "dataset.group: no column 'town'"),
        ({}, {"drop": ["y"]}, "'y' is among the columns of dataset.drop"),
        ({}, {"group": "y"}, "a column has one role"),
        ({}, {"task": "ranking"}, "auto, binary, multiclass, regression"),
        ({}, {"missing": "fill"}, "drop, impute, keep"),
        ({"z": [np.inf, *range(11)]}, {"drop": ["city"]}, "dataset.drop=[city,z]"),
        ({"z": [np.inf, *range(11)]}, {}, "with infinite values: z"),
        (
            {"y": pd.date_range("2020-01-01", periods=ROWS)},
            {"task": "multiclass"},
            "'y' holds dates, which are a quantity; use dataset.task=regression",
        ),
        ({"y": 3.5}, {}, "'y' is constant (3.5)"),
        ({"y": 1}, {}, "one class only ('1')"),
        ({"y": "a"}, {}, "one class only ('a')"),
        ({"y": ["a", "b"] * 6}, {"task": "regression"}, "text ('a', 'b')"),
        ({"y": ["true", "false"] * 6}, {"task": "regression"}, "dataset.task=binary"),
        ({"y": [*["a", "b"] * 5, "a", "c"]}, {}, "classes with one row only: c"),
        ({"y": ["a", "b", "c"] * 4}, {"task": "binary"}, "3 classes; use dataset.task=multiclass"),
        ({"y": ["a", "b"] * 6}, {"task": "multiclass"}, "use dataset.task=binary"),
        ({"y": [1.5, 2.5, 3.5] + [np.nan] * 9}, {}, "3 rows with a value of the target 'y'"),
        ({"y": np.nan}, {}, "'y' has no value in any row"),
        ({"z": [1.5, *[np.nan] * 11]}, {"missing": "drop"}, "(11 of 12 have one); use dataset.mis"),
        ({"who": "one"}, {"group": "who"}, "one value only"),
        ({"who": ["a", "b", None] * 4}, {"group": "who"}, "4 rows without a value"),
    ],
)
def test_unusable_columns_are_refused(
    tmp_path: Path, change: dict[str, object], settings: dict[str, object], words: str
) -> None:
    with pytest.raises(UserError) as caught:
        csv_of(tmp_path, table().assign(**change).to_csv(index=False), **settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_identifiers_and_names_are_set_aside_and_said(tmp_path: Path) -> None:
    frame = table(120).assign(Id=range(120), Name=[f"n{i}" for i in range(120)])
    frame["last name"] = [f"m{i % 70}" for i in range(120)]
    found = csv_of(tmp_path, frame.to_csv(index=False))
    assert found.table.schema.names == ["height", "visits", "city", "y"]
    assert sentences(found.notes) == [
        "identifiers, so set aside: Id (0), Name (n0) (dataset.keep uses them)",
        "free text, or names with hardly a value twice, so set aside: "
        "last name (70 different values) (dataset.text=hash uses its words, dataset.text=keep the "
        "text)",
    ]
    kept = csv_of(tmp_path, frame.to_csv(index=False), keep=["Id"], drop=["Name", "last name"])
    assert kept.table.schema.names == ["height", "visits", "city", "y", "Id"]
    assert kept.notes == ()


GROUPED = [f"{value // 1000}.{value % 1000:03d}" for value in range(1042, 9000, 663)]


@pytest.mark.parametrize(
    ("other", "settings", "first"),
    [
        ("1,5", {}, 1042),  # decimal commas elsewhere: the points separate thousands
        ("1.5", {}, 1.042),
        ("1.5", {"decimal": ","}, 1042),
        ("1,5", {"decimal": "."}, 1.042),
    ],
)
def test_points_before_three_digits_are_read_by_the_commas_of_other_columns(
    tmp_path, other, settings, first
):
    rows = [f"{other};{value};{place}.5" for place, value in enumerate([*GROUPED, "", "437"])]
    found = csv_of(tmp_path, "\n".join(["a;g;y", *rows]), **settings)
    values = found.table.frame["g"]
    assert values.iloc[0] == first
    assert values.isna().sum() == 1
    written = found.form.texts(found.table.frame)["g"]
    assert written.tolist()[:3] == GROUPED[:3]
    assert written.tolist()[-2:] == ["", "437"]
    asked = any("if the points separate thousands" in line for line in sentences(found.notes))
    assert asked is (other == "1.5" and not settings)


def test_another_decimal_mark_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"dataset.decimal is ';'; expected '.' or"):
        csv_of(tmp_path, "a,y\n1,2\n", decimal=";")


def test_a_column_without_a_name_has_none_in_what_is_written(tmp_path):
    rows = "\n".join(f"{n}.5,{n},{n}.25," for n in range(12))
    found = csv_of(tmp_path, f"a,b,y,\n{rows}\n")
    write_table(found.form.texts(found.table.frame), tmp_path / "out.csv", found.form)
    assert (tmp_path / "out.csv").read_text().splitlines()[:2] == ["a,b,y,", "0.5,0,0.25,"]


def test_identifiers_may_end_alike(tmp_path):
    rows = [f"{n}.5,INV-{n:05d}/21,{n % 5}.25" for n in range(30)]
    found = csv_of(tmp_path, "\n".join(["a,ref,y", *rows]))
    made = found.form.texts(found.table.frame.head(2))["ref"].tolist()
    assert made == ["INV-00030/21", "INV-00031/21"]
