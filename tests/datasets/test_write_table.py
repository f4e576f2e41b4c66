from __future__ import annotations

import pandas as pd
import pytest

from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.datasets.source_form import ColumnForm, SourceForm
from tabsculpt.datasets.write_table import (
    check_suffix,
    count_formulas,
    formulas,
    guard_formulas,
    write_table,
)
from tabsculpt.errors import UserError

FRAME = pd.DataFrame({"a": [1, 2], "b": [0.5, None], "c": ["x; y", "=1"]})
FORM = SourceForm(tuple(ColumnForm(name) for name in FRAME), "csv", ";", line_end="\r\n")


def test_a_csv_has_the_separator_and_line_ends_of_the_source(tmp_path):
    write_table(FRAME.astype(str), tmp_path / "t.csv", FORM)
    assert (tmp_path / "t.csv").read_bytes() == b'a;b;c\r\n1;0.5;"x; y"\r\n2;nan;=1\r\n'


def test_a_csv_without_a_header_stays_so(tmp_path):
    write_table(FRAME[["a"]], tmp_path / "t.csv", SourceForm((), "csv", header=False))
    assert (tmp_path / "t.csv").read_text() == "1\n2\n"


@pytest.mark.parametrize(
    ("suffix", "read"), [(".parquet", pd.read_parquet), (".feather", pd.read_feather)]
)
def test_types_are_kept_in_binary_files(suffix, read, tmp_path):
    typed = FRAME.astype({"a": "Int64", "c": "category"})
    write_table(typed, tmp_path / f"t{suffix}", FORM)
    pd.testing.assert_frame_equal(read(tmp_path / f"t{suffix}"), typed)


def test_an_arff_is_read_back_as_it_was(tmp_path):
    typed = FRAME.assign(c=["yes, no", "it's"], d=[True, False], a=[2**60, 1])
    write_table(typed, tmp_path / "t.arff", FORM)
    found = read_arff(tmp_path / "t.arff")
    assert found.c.tolist() == ["yes, no", "it's"]
    assert found.a.tolist()[1] == 1
    assert found.b.isna().tolist() == [False, True]
    assert found.d.astype(str).tolist() == ["True", "False"]


def test_formulas_are_texts_that_are_no_numbers():
    texts = pd.Series(["=SUM(A1)", "+49 30", "-5", "-1,5 %", "@x", "a=b", None, "-nothing", "\tx"])
    assert texts[formulas(texts)].tolist() == ["=SUM(A1)", "@x", "-nothing", "\tx"]


def test_guarding_puts_an_apostrophe_before_formulas_alone():
    guarded = guard_formulas(FRAME, ["c"])
    assert guarded.c.tolist() == ["x; y", "'=1"]
    assert count_formulas(FRAME, ["c"]) == {"c": 1}
    assert count_formulas(guarded, ["c"]) == {}


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"\.csv, \.tsv, \.parquet, \.arff or \.feather"):
        check_suffix(tmp_path / "t.xls")


def test_a_character_that_the_encoding_lacks_is_one_line(tmp_path):
    form = SourceForm((), "csv", encoding="latin-1")
    with pytest.raises(UserError, match="latin-1"):
        write_table(pd.DataFrame({"a": ["日"]}), tmp_path / "t.csv", form)
    assert not (tmp_path / "t.csv").exists()
