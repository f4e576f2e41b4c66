import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.datasets.notes import Done, Fact, as_notes
from tabsculpt.notes import Code, Note, from_json, notes_of, to_json, to_records
from tabsculpt.results import Row, as_record, read_rows, schema, write_rows

NOTES = st.builds(
    Note,
    st.sampled_from([*Code, "their_own"]),
    st.text(),
    st.none() | st.integers(0, 10**9),
    st.dictionaries(st.text(), st.integers(0, 10**6)),
    st.text(),
)


def row(**given):
    common = {"job": "a", "dataset": "d", "task": "binary", "split_seed": 0, "profiler": "dataiq"}
    common |= {"generator": "arf", "pipeline": "preprocess", "protocol": "tstr", "seed": 0}
    common |= {"device": "cpu", "data": "x", "started": "2026", "predictors": "quick"}
    return Row(**{**common, "evaluation": "", **given})


@settings(deadline=None)
@given(st.lists(NOTES))
def test_notes_survive_the_column_of_a_file(notes):
    assert from_json(to_json(notes)) == tuple(notes)


def test_a_sentence_may_hold_what_separated_notes_before(tmp_path):
    notes = (
        Note("rows_drawn", "a; b [1]", 3, {"x; y": 2}, "hard"),
        Note("privacy", "é 'quoted' \"twice\""),
    )
    write_rows([row(notes=notes)], tmp_path)
    [text] = read_rows(tmp_path).notes
    assert from_json(text) == notes
    assert json.loads(text)[1] == {"code": "privacy", "text": "é 'quoted' \"twice\""}


def test_rows_of_an_earlier_version_keep_their_sentences(tmp_path):
    old = {**as_record(row(job="old")), "notes": "easy (1 rows) merged into hard; a: b"}
    pq.write_table(pa.Table.from_pylist([old], schema=schema()), tmp_path / "old.parquet")
    write_rows([row(job="new", notes=(Note("loop_ended", "the loop ended"),))], tmp_path)
    read = {r.job: from_json(r.notes) for r in read_rows(tmp_path).itertuples()}
    assert [note.text for note in read["old"]] == ["easy (1 rows) merged into hard", "a: b"]
    assert {note.code for note in read["old"]} == {"other"}
    assert read["new"][0].code == "loop_ended"


@pytest.mark.parametrize("text", [None, "", "[]"])
def test_no_notes_are_none(text):
    assert from_json(text) == ()


def test_facts_of_one_sort_are_one_note_with_each_column():
    facts = [
        Fact(Done.READ_AS_MISSING, "?", "age", 4),
        Fact(Done.FREE_TEXT, "", "remarks", 90),
        Fact(Done.READ_AS_MISSING, "?", "dose", 2),
    ]
    missing, text = as_notes(facts)
    assert missing == Note(
        "read_as_missing", "'?' read as missing in age (4), dose (2)", 6, {"age": 4, "dose": 2}
    )
    assert (text.code, text.count, text.columns) == ("free_text", 90, {"remarks": 90})


def test_no_code_means_two_things():
    assert not set(Code) & set(Done)


def test_a_model_of_ones_own_may_say_plain_text():
    class Model:
        notes = ("half of the rows", Note("their_own", "the other half", 2))

    phrase = notes_of(Model())
    assert [note.code for note in phrase] == ["other", "their_own"]
    assert notes_of(object()) == ()


def test_results_as_json_have_notes_as_objects(tmp_path):
    notes = (Note(Code.SEGMENT_MERGED, "easy (3 rows) merged into hard", 3, about="easy"),)
    rows = [row(notes=notes, predictor="knn", metric="auc_roc", value=0.5, direction="max")]
    write_rows(rows, tmp_path / "results")
    done = CliRunner().invoke(app, ["results", f"paths.outputs={tmp_path}", "--json"])
    assert done.exit_code == 0, done.output
    [found] = json.loads(done.stdout)
    assert found["notes"] == to_records(notes)
    assert found["notes"] == [
        {
            "code": "segment_merged",
            "text": "easy (3 rows) merged into hard",
            "count": 3,
            "about": "easy",
        }
    ]


def test_counts_are_plain_numbers():
    from tabsculpt.generators.oversampling.by_class import tiny_classes
    from tabsculpt.table import Column, Kind, Schema, Task, conform

    columns = Column("x", Kind.CONTINUOUS), Column("y", Kind.CATEGORICAL, ("a", "b"))
    frame = pd.DataFrame({"x": np.arange(5.0), "y": ["a"] * 3 + ["b"] * 2})
    table = conform(frame, Schema(columns, "y", Task.BINARY))
    [note] = tiny_classes(table, 2)
    assert json.loads(to_json([note]))[0]["count"] == 2
