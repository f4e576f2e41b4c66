"""Text as numbers: what is learnt, of which rows, and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from segment_tables import mixed, notes
from tabsculpt.datasets.simulated_notes import SimulatedNotes
from tabsculpt.engine.runner import Runner
from tabsculpt.errors import UserError
from tabsculpt.predictors.linear import Linear
from tabsculpt.predictors.prediction_steps import TrainAndPredict
from tabsculpt.profilers.knn_shapley import KNNShapley
from tabsculpt.profilers.profile_steps import score_rows
from tabsculpt.table import Kind, Table, conform
from tabsculpt.text.features import WIDTH, text_reader


@pytest.fixture(scope="module")
def parts() -> tuple[Table, Table]:
    table = SimulatedNotes(rows=400).load().table
    return table.take(range(300)), table.take(range(300, 400))


def words(table):
    return table.frame[[name for name in table.frame if str(name).startswith("note #")]]


def test_a_table_without_text_is_left_as_it_is():
    table = mixed(20)
    assert text_reader(table)(table) is table


def test_weights_are_those_of_tfidf_learnt_on_the_first_rows(parts):
    train, test = parts
    read = text_reader(train)
    hashing = HashingVectorizer(
        n_features=2**18, ngram_range=(1, 2), alternate_sign=False, norm=None
    )
    tfidf = TfidfTransformer().fit(hashing.transform(train.frame["note"]))
    expected = tfidf.transform(hashing.transform(test.frame["note"])).toarray()
    found = words(read(test))
    places = [int(name.removeprefix("note #")) for name in found]
    np.testing.assert_allclose(found.to_numpy(), expected[:, places])
    spread = tfidf.transform(hashing.transform(train.frame["note"])).toarray().var(axis=0)
    assert len(places) == WIDTH
    assert spread[places].min() >= np.delete(spread, places).max()


def test_other_columns_stay_and_text_stands_where_it_stood(parts):
    train, _ = parts
    seen = text_reader(train)(train)
    assert seen.schema.names[:4] == ["age", "sex", "creatinine", "emergency"]
    assert seen.schema.names[-1] == "readmitted"
    assert {column.kind for column in seen.schema.columns[4:-1]} == {Kind.CONTINUOUS}
    assert seen.schema.texts == ()
    pd.testing.assert_frame_equal(seen.frame[["age", "sex"]], train.frame[["age", "sex"]])


def test_a_missing_text_has_no_words_and_none_at_all_is_no_column():
    table = notes(40)
    seen = text_reader(table)(table)
    remarks = seen.frame[[name for name in seen.frame if str(name).startswith("remark #")]]
    gone = table.frame["remark"].isna()
    assert (remarks[gone] == 0).all(axis=None)
    assert (remarks[~gone].sum(axis=1) > 0).all()
    empty = Table(
        table.frame.assign(note=pd.NA, remark=pd.NA).astype(table.frame.dtypes), table.schema
    )
    assert text_reader(empty)(table).schema.names == ["pressure", "smokes", "ill"]


def test_notes_without_blanks_between_words_are_read():
    table = notes(40)
    ill = table.frame["ill"] == "yes"
    days = [
        f"病人今天{'不能' if one else '能'}走{'好坏中大小'[k % 5]}" for k, one in enumerate(ill)
    ]
    chinese = Table(table.frame.assign(note=days).astype(table.frame.dtypes), table.schema)
    seen = text_reader(chinese)(chinese).frame
    told = [name for name in seen if str(name).startswith("note #")
            and ((seen[name] > 0) == ill).all()]  # fmt: skip
    assert told  # the one letter that the two classes differ by, and its pairs


def test_texts_without_words_are_refused_where_nothing_else_is_left():
    table = notes(12)
    marks = table.frame[["note", "ill"]].assign(note=[*"abcdef!?", "a b", "c", None, ""])
    columns = tuple(c for c in table.schema.columns if c.name in ("note", "ill"))
    alone = conform(marks, replace(table.schema, columns=columns))
    with pytest.raises(UserError, match=r"no feature is left: .* 12 rows .* \(column note\)"):
        text_reader(alone)


def predicted(given, train: Table, test: Table) -> np.ndarray:
    step = TrainAndPredict("linear", Linear(), given(train), None, False, given(test), 0)
    return computed(step).test


def computed(step):
    return Runner(None, lambda *_: None).result(step)


def test_what_other_test_rows_say_moves_no_prediction(parts, given):
    train, test = parts
    other = test.frame["note"].where(np.arange(100) < 50, "words that nobody else wrote")
    changed = Table(test.frame.assign(note=other.astype(test.frame["note"].dtype)), test.schema)
    first = predicted(given, train, test)
    second = predicted(given, train, changed)
    np.testing.assert_array_equal(first[:50], second[:50])
    assert not np.allclose(first[50:], second[50:])


def test_the_note_tells_more_than_the_other_columns(parts, given):
    from sklearn.metrics import roc_auc_score

    train, test = parts
    whole = predicted(given, train, test)[:, 1]
    bare = predicted(given, train.without_text(), test.without_text())[:, 1]
    assert roc_auc_score(test.target, whole) > roc_auc_score(test.target, bare) + 0.05


def test_profilers_see_the_text(parts, given):
    train, _ = parts
    seen = score_rows(KNNShapley(), given(train), 0)
    blind = score_rows(KNNShapley(), given(train.without_text()), 0)
    scores = [computed(step).score for step in (seen, blind)]
    assert np.isfinite(scores[0]).all()
    assert np.corrcoef(*scores)[0, 1] < 0.99
