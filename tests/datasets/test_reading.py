"""Users' CSV files: what is missing, what is a number and what a level, decided by column."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.files import Csv
from tabsculpt.datasets.notes import Done, sentences
from tabsculpt.errors import UserError
from tabsculpt.table import Kind, Task

ROWS = 12


def load(folder: Path, columns: dict[str, list[object]], **settings: object) -> Dataset:
    """A data set of a CSV file with the given columns beside a feature x and a target y."""
    n = len(next(iter(columns.values())))
    frame = {"x": [i * 1.5 for i in range(n)], **columns}
    frame.setdefault("y", [i % 7 + 0.5 for i in range(n)])
    rows = zip(*frame.values(), strict=True)
    lines = [",".join(frame), *(",".join(map(str, row)) for row in rows)]
    return read(folder, "\n".join(lines) + "\n", **settings)


def read(folder: Path, text: str, **settings: object) -> Dataset:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    chosen: dict[str, Any] = {"target": "y", "missing": "keep", **settings}
    return Csv(str(path), **chosen).load()


def kind(found: Dataset, name: str) -> Kind:
    return next(c.kind for c in found.table.schema.columns if c.name == name)


def facts(found: Dataset) -> list[tuple[Done, str, str, int]]:
    return [(note.code, note.text, note.column, note.count) for note in found.notes]


def test_words_are_levels_among_words_and_missing_among_numbers(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        {
            "severity": ["none", "mild", "severe"] * 4,
            "country": ["NA", "DE", "ZA", "DE"] * 3,
            "dose": ["NA", 1.5, "none", 2.5, 3, "unknown"] * 2,
            "flag": ["TRUE", "FALSE", "NA"] * 4,
        },
    )
    frame = found.table.frame
    assert frame["severity"].value_counts().to_dict() == {"none": 4, "mild": 4, "severe": 4}
    assert (frame["country"] == "NA").sum() == 3
    assert frame["dose"].isna().sum() == 6
    assert kind(found, "flag") is Kind.BOOLEAN
    assert facts(found) == [
        (Done.KEPT_WORD, "NA", "country", 3),
        (Done.READ_AS_MISSING, "NA", "dose", 2),
        (Done.READ_AS_MISSING, "none", "dose", 2),
        (Done.READ_AS_MISSING, "unknown", "dose", 2),
        (Done.READ_AS_MISSING, "NA", "flag", 4),
    ]
    assert "NA read as missing in dose (2), flag (4)" in sentences(found.notes)


def test_a_class_called_none_stays_a_class(tmp_path: Path) -> None:
    found = load(tmp_path, {"c": list("ab") * 6, "y": ["none", "mild", "severe"] * 4})
    assert found.table.schema.task is Task.MULTICLASS
    assert found.table.schema.classes == ("mild", "none", "severe")
    two = load(tmp_path, {"c": list("ab") * 6, "y": ["None", "Some"] * 6})
    assert two.table.schema.classes == ("None", "Some")
    numbers = load(tmp_path, {"c": list("ab") * 10, "y": [*range(19), "NA"]})
    assert len(numbers.table) == 19
    assert numbers.table.schema.task is Task.REGRESSION


def test_missing_words_of_the_user_are_missing_everywhere(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "c": ["refused", "a", "b"] * 4,
        "n": ["refused", 1, 2] * 4,
    }
    found = load(tmp_path, columns, missing_words=["refused"])
    assert found.table.schema.columns[1].categories == ("a", "b")
    assert kind(found, "n") is Kind.INTEGER
    assert facts(found) == [(Done.READ_AS_MISSING, "refused", c, 4) for c in ("c", "n")]
    offered = load(tmp_path, {"n": ["refused", *range(11)]})
    assert kind(offered, "n") is Kind.CATEGORICAL
    assert "words among numbers ('refused')" in str(offered.notes[0])


def test_dots_and_dashes_among_numbers_are_missing(tmp_path: Path) -> None:
    found = load(tmp_path, {"age": ["-", 61.5, 70.25, 44] * 3, "stage": [".", 1, 2, 3] * 3})
    assert kind(found, "age") is Kind.CONTINUOUS
    assert kind(found, "stage") is Kind.INTEGER
    assert facts(found) == [
        (Done.READ_AS_MISSING, "-", "age", 3),
        (Done.READ_AS_MISSING, ".", "stage", 3),
    ]


def test_codes_with_leading_zeros_are_kept_as_written(tmp_path: Path) -> None:
    found = load(tmp_path, {"zip": ["02139", "00501", "94103"] * 4, "n": ["7", "007", "12"] * 4})
    assert found.table.schema.columns[1].categories == ("00501", "02139", "94103")
    assert found.table.frame["n"].tolist() == [7, 7, 12] * 4
    assert facts(found) == [
        (Done.CODES, "02139", "zip", 0),
        (Done.ZEROS_DROPPED, "007", "n", 0),
    ]


def test_whole_numbers_are_exact_within_64_bits_and_said_beyond(tmp_path: Path) -> None:
    big = [2**53 + 1 + i for i in range(ROWS)]
    found = load(
        tmp_path,
        {
            "k": list(big),
            "gap": ["", *big[1:]],
            "most": [2**63 - 1 - i for i in range(ROWS)],
            "beyond": [10**25 + i for i in range(ROWS)],
            "mixed": [0.5, *big[1:]],
        },
    )
    frame = found.table.frame
    assert frame["k"].tolist() == big
    assert frame["gap"].tolist()[1:] == big[1:]
    assert frame["most"].tolist() == [2**63 - 1 - i for i in range(ROWS)]
    assert {kind(found, n) for n in ("k", "gap", "most")} == {Kind.INTEGER}
    reported = {note.column: note.count for note in found.notes if note.code is Done.ROUNDED}
    assert reported == {"beyond": 12, "mixed": 5}  # of consecutive numbers every other one is exact


def test_numbers_in_every_spelling(tmp_path: Path) -> None:
    texts = ["+5", " 5 ", "5.", ".5", "1e3", "1E-3", "-0.25", "1234567.875", "3", "4", "6", "7"]
    found = load(tmp_path, {"n": texts})
    assert found.table.frame["n"].tolist() == [float(text) for text in texts]
    odd = load(tmp_path, {"h": ["0x10", "0x11", "1_000"] * 4})
    assert odd.table.schema.columns[1].categories == ("0x10", "0x11", "1_000")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([*range(111), "see note"], "numbers with words among them: v ('see note')"),
    ],
)
def test_a_refusal_names_what_the_texts_are(
    tmp_path: Path, values: list[object], words: str
) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, {"v": values})
    assert words in str(caught.value)
    assert "dataset.drop=[v]" in str(caught.value)


def test_forms_that_are_read_as_something_else_are_noted(tmp_path: Path) -> None:
    days = [20200101 + i for i in range(ROWS)]
    found = load(tmp_path, {"when": list(days), "part": ["2020Q1", "2020Q2"] * 6})
    assert facts(found) == [
        (Done.DATES_AS_NUMBERS, "20200101", "when", 0),
        (Done.FORM, "dates (2020Q1)", "part", 0),
    ]


def test_levels_that_blanks_tell_apart_stay_apart_until_asked(tmp_path: Path) -> None:
    levels: list[object] = ["mild", "mild", "mild ", "MILD", "severe", "mild"] * 2
    found = load(tmp_path, {"g": levels})
    assert found.table.schema.columns[1].categories == ("MILD", "mild", "mild ", "severe")
    merged = load(tmp_path, {"g": levels}, merge_levels=True)
    assert merged.table.frame["g"].value_counts().to_dict() == {"mild": 10, "severe": 2}
    assert facts(merged) == [(Done.LEVELS_MERGED, "'MILD' (2), 'mild ' (2) read as 'mild'", "g", 4)]
    padded = load(tmp_path, {"g": ["mild  ", "severe"] * 6})
    assert padded.table.schema.columns[1].categories == ("mild", "severe")


def test_missing_values_of_the_user_count_in_every_column_of_numbers(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        {"age": [-9, 50, 999, 61] * 3, "bmi": [-9.0, 21.5, 30.25, 28] * 3, "y": [*range(11), 999]},
        missing_values=[-9, 999],
    )
    assert len(found.table) == 11
    assert found.table.frame["age"].isna().sum() == 6
    assert (Done.READ_AS_MISSING, "-9", "bmi", 3) in facts(found)
    assert (Done.READ_AS_MISSING, "999", "y", 1) in facts(found)
    groups = load(tmp_path, {"ward": [998, 999, 999] * 4}, missing_values=[999], group="ward")
    assert groups.groups is not None
    assert groups.groups.tolist() == [998, 999, 999] * 4


def test_row_names_and_empty_columns_are_set_aside(tmp_path: Path) -> None:
    rows = [f"{chr(65 + i)} North,{i * 1.5},{i % 5 + 0.5},," for i in range(ROWS)]
    found = read(tmp_path, "\n".join([",age,y,remarks,", *rows]) + "\n")
    assert found.table.schema.names == ["age", "y"]
    assert sentences(found.notes) == [
        "the unnamed first column holds row names (A North): set aside",
        "no value in any row, so set aside: remarks",
        "columns without a name and a value left out: Unnamed: 4",
    ]
    assert found.origin is not None
    assert found.origin.beside["Unnamed: 0"].tolist()[:2] == ["A North", "B North"]
    short = read(tmp_path, "\n".join(["age,y", *(row[:-2] for row in rows)]) + "\n")
    assert short.table.schema.names == ["age", "y"]  # as write.table of R names the columns


def test_a_footer_is_named_and_left_out_when_asked(tmp_path: Path) -> None:
    lines = ["age,stage,y", *(f"{40 + i}.5,{i % 3},{i}" for i in range(20))]
    for footer in ('Total,,\n"Source: registry, 2020",,\n', "Total\nSource: registry\n"):
        text = "\n".join(lines) + "\n" + footer
        with pytest.raises(UserError, match=r"dataset\.skip_footer=2") as caught:
            read(tmp_path, text)
        assert "22" in str(caught.value)  # the line where it begins
        assert len(read(tmp_path, text, skip_footer=2).table) == 20


def test_files_without_header_or_with_comments(tmp_path: Path) -> None:
    rows = "".join(f"{i * 0.5},{i},{'ab'[i % 2]}\n" for i in range(ROWS))
    with pytest.raises(UserError, match=r"dataset\.header=false"):
        read(tmp_path, rows)
    bare = read(tmp_path, rows, header=False, target="x2")
    assert bare.table.schema.names == ["x0", "x1", "x2"]
    assert len(bare.table) == ROWS
    noted = "# made up\n" + rows.replace("3.0,", "# a comment\n3.0,")
    with pytest.raises(UserError, match=r"dataset\.comment"):
        read(tmp_path, noted)
    found = read(tmp_path, noted, header=False, comment="#", target="x2")
    assert found.table.fingerprint() == bare.table.fingerprint()
    assert found.origin is not None
    assert found.origin.lines is not None
    assert found.origin.lines.tolist() == [*range(2, 8), *range(9, 15)]


@pytest.mark.parametrize(
    ("head", "separator", "shown", "line"),
    [
        ("Cohort 2019, made up\n\n", ",", "row: 'Cohort 2019 made up'", 4),
        ("Cohort 2019;;\n;;\nSecond visit;;\n", ";", "2 rows: 'Cohort 2019', 'Second visit'", 5),
        ('"A title, on two\nlines"\n', ",", r"row: 'A title, on two\nlines'", 4),
        ("Study of age, sex, and pain\n", ";", "row: 'Study of age, sex, and pain'", 3),
    ],
)
def test_titles_above_the_header_are_left_out_and_said(
    tmp_path: Path, head: str, separator: str, shown: str, line: int
) -> None:
    rows = [["age", "sex", "y"], *([str(20 + i % 7), "mf"[i % 2], str(i * 0.5)] for i in range(30))]
    text = "".join(separator.join(row) + "\n" for row in rows)
    found, plain = read(tmp_path, head + text), read(tmp_path, text)
    assert sentences(found.notes)[0] == f"left out above the header, {shown}"
    assert found.table.fingerprint() == plain.table.fingerprint()
    assert plain.notes == ()
    assert found.origin is not None
    assert found.origin.lines is not None
    assert found.origin.lines[0] == line


def test_a_header_that_lacks_the_name_of_row_names_is_no_title(tmp_path: Path) -> None:
    rows = "".join(f"r{i},{'ab'[i % 2]}\n" for i in range(30))
    with pytest.raises(UserError, match="no feature is left"):
        read(tmp_path, ",y\n" + rows)


def test_many_words_among_numbers_are_names_and_not_missing_ones(tmp_path: Path) -> None:
    tickets = [f"A/{i} {i * 7}" if i % 3 == 0 else str(i * 11) for i in range(90)]
    found = load(tmp_path, {"ticket": list(tickets)})
    assert facts(found) == [(Done.FREE_TEXT, "", "ticket", 90)]


def test_lines_and_rows_lead_back_to_the_file(tmp_path: Path) -> None:
    rows = [f"{i}.5,{i},{'' if i == 2 else i}" for i in range(14)]
    rows[5] = '5.5,"5",5'
    text = "\n".join(["x,k,y", "", *rows]) + "\n"
    plain = read(tmp_path, text)
    assert plain.origin is not None
    assert plain.origin.lines is not None
    assert plain.origin.rows.tolist() == [0, 1, *range(3, 14)]
    assert plain.origin.lines.tolist() == [3, 4, *range(6, 17)]
    broken = read(tmp_path, text.replace('"5"', '"5\n"'))
    assert broken.origin is not None
    assert broken.origin.lines is not None
    assert broken.origin.lines.tolist() == [3, 4, 6, 7, *range(9, 18)]


def test_every_value_of_a_longer_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    n = 5000
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{i}": rng.normal(size=n) * 10.0**i for i in range(4)})
    frame = frame.assign(k=rng.integers(-9, 999, n), c=rng.choice(["a", "b"], n), y=rng.random(n))
    path = tmp_path / "long.csv"
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        frame.to_csv(path, index=False, quoting=quoting)
        found = Csv(str(path), "y").load()
        for name in frame:
            assert found.table.frame[name].tolist() == frame[name].tolist()
