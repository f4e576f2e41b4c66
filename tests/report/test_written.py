"""Texts side by side in the report, and the files that they are read from."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from segment_tables import diabetes, notes
from tabsculpt.jobs.texts import LONGEST, MOST, text_records
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.section import Results
from tabsculpt.report.written import text_section
from tabsculpt.results import write_table
from tabsculpt.table import Table

COMMON = {"job": "a", "dataset": "ward", "generator": "text_lm", "profiler": "dataiq"}


def results(tmp_path, records) -> Results:
    if records:
        write_table(records, tmp_path / "texts" / "a.parquet")
    row = {
        **COMMON,
        "arm": "profile2gen",
        "predictor": None,
        "metric": "wasserstein",
        "round": None,
    }
    found = SimpleNamespace(rows=pd.DataFrame([row, {**row, "metric": "accuracy"}]))
    return Results(Inputs(found, tmp_path))


def test_the_first_the_hardest_and_the_dropped_texts_stand_side_by_side(tmp_path):
    train, made = notes(60), notes(45)
    hardness = np.zeros(60)
    hardness[[17, 40]] = 2.0, 1.0
    records = list(text_records(train, made, made.take([4, 8]), hardness, COMMON))
    section = text_section(results(tmp_path, records))
    [table] = section.tables
    frame = table.frame
    assert list(dict.fromkeys(frame["sort"])) == ["real", "synthetic", "hard", "dropped"]
    assert set(frame.pipeline) == {"profile2gen"}
    hard = frame[(frame["sort"] == "hard") & (frame.column == "note")]
    assert hard.text.tolist()[:2] == train.frame.loc[[17, 40], "note"].tolist()
    real = frame[(frame["sort"] == "real") & (frame.column == "note")]
    assert real.label.tolist() == ["no"] * (MOST // 2) + ["yes"] * (MOST // 2)
    assert (real.text.str.contains("cannot") == (real.label == "yes")).all()
    remarks = frame[frame.column == "remark"]
    assert "(missing)" in set(remarks.text)
    assert len(frame[frame["sort"] == "dropped"]) == 4  # two rows of two columns
    assert "word for word" in section.text


def test_a_long_text_is_cut_and_tables_without_text_show_none(tmp_path):
    train = notes(20)
    long = train.frame.assign(note="word " * 200).astype(train.frame.dtypes)
    records = text_records(Table(long, train.schema), train, None, None, COMMON)
    first = next(record for record in records if record["column"] == "note")
    assert len(first["text"]) == LONGEST
    assert first["text"].endswith("...")
    assert not list(text_records(diabetes(20), diabetes(20), None, None, COMMON))
    section = text_section(results(tmp_path, []))
    assert section.text == ""
    assert section.tables[0].frame.empty
