"""Test rows sorted by hardness with what train knows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from given_step import Given
from tabsculpt.datasets.images import assemble_images
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import TooFewRowsError
from tabsculpt.metrics.quality_steps import Strata
from tabsculpt.metrics.strata import sampled, strata, too_large
from tabsculpt.notes import Code
from tabsculpt.profilers import Segment
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.dynamics.boosted import BoostedRecorder
from tabsculpt.profilers.dynamics.learners import BetterRecorder
from tabsculpt.profilers.dynamics.linear import LinearRecorder
from tabsculpt.profilers.features import standard_features
from tabsculpt.table import Column, Kind, Schema, Task, conform
from tabsculpt.table.pixels import Pixels
from tabsculpt.table.subsample import at_most

LABELS = np.array(["a", "b", "c"] * 2)
RECORDERS = [LinearRecorder(checkpoints=6, folds=3), BoostedRecorder(rounds=8, folds=3)]


def parts(load, task):
    frame = load(as_frame=True).frame.sample(frac=1, random_state=0).head(140)
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns if name != "target"]
    target = Column("target", Kind.CONTINUOUS)
    if task is not Task.REGRESSION:
        frame = frame.assign(target=frame.target.astype(str))
        target = Column("target", Kind.CATEGORICAL, tuple(sorted(frame.target.unique())))
    table = conform(frame, Schema((*columns, target), "target", task))
    return table.take(np.arange(90)), table.take(np.arange(90, 140))


DATA = {
    "diabetes": parts(load_diabetes, Task.REGRESSION),
    "breast_cancer": parts(load_breast_cancer, Task.BINARY),
    "wine": parts(load_wine, Task.MULTICLASS),
}


def sorted_rows(train, test):
    return strata(DataIQ(), BetterRecorder(folds=2), train, test, 0)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("recorder", RECORDERS, ids=repr)
def test_train_is_recorded_as_ever_and_other_rows_from_outside(recorder, data):
    train, test = DATA[data]
    own, there = recorder.record_on(train, test, 3)
    assert np.allclose(own.outputs, recorder.record(train, 3).outputs)
    assert there.outputs.shape[1] == len(test)
    assert there.correctness.shape == (len(own.correctness), len(test))
    alone = recorder.record_on(train, test.take([7]), 3)[1]
    assert np.allclose(alone.outputs[:, 0], there.outputs[:, 7])
    assert np.allclose(alone.correctness[:, 0], there.correctness[:, 7])


def test_the_model_is_that_of_all_train_rows():
    train, test = DATA["diabetes"]
    recorder = LinearRecorder(checkpoints=6, folds=1, refits=0)
    own, there = recorder.record_on(train, train.take(np.arange(20)), 0)
    assert np.allclose(own.outputs[:, :20], there.outputs)
    assert np.allclose(own.correctness[:, :20], there.correctness)
    features = standard_features(train)
    fitted = np.linalg.lstsq(np.c_[features, np.ones(90)], train.target, rcond=None)[0]
    raw, known = test.matrix(), train.matrix()
    scaled = (raw - known.mean(axis=0)) / known.std(axis=0)
    last = LinearRecorder(folds=1, refits=0).record_on(train, test, 0)[1].outputs[-1]
    assert np.corrcoef(last, np.c_[scaled, np.ones(50)] @ fitted)[0, 1] > 0.99


@pytest.mark.parametrize("data", ["diabetes", "breast_cancer"])
def test_rows_with_wrong_labels_become_hard(data):
    train, test = DATA[data]
    wrong = np.arange(12)
    values = test.frame["target"].copy()
    if train.schema.task is Task.REGRESSION:
        values[wrong] = np.where(values[wrong] > values.median(), values.min(), values.max())
    else:
        names = list(train.schema.classes)
        values[wrong] = [names[(names.index(v) + 1) % len(names)] for v in values[wrong]]
    spoilt = conform(test.frame.assign(target=values), test.schema)
    before, after = sorted_rows(train, test), sorted_rows(train, spoilt)
    assert set(before) <= {str(segment) for segment in Segment}
    assert (after[wrong] == Segment.HARD).sum() >= (before[wrong] == Segment.HARD).sum() + 3
    assert (after[wrong] == Segment.EASY).sum() <= 1
    assert np.array_equal(after[12:], before[12:])  # a test row moves itself only


def test_most_rows_of_an_easy_table_are_easy():
    found = sorted_rows(*DATA["breast_cancer"])
    assert (found == Segment.EASY).sum() > (found == Segment.HARD).sum()


def test_too_few_train_rows_are_refused():
    train, test = DATA["wine"]
    with pytest.raises(TooFewRowsError, match="need 10 train rows, got 6"):
        sorted_rows(train.take(np.arange(6)), test)


def test_the_step_gives_back_what_it_stored(tmp_path):
    train, test = (Given(f"{k}", table) for k, table in enumerate(DATA["diabetes"]))
    step = Strata(train, test, 0)
    first = Runner(Store(tmp_path), lambda *_: None).result(step)
    again = Runner(Store(tmp_path), lambda *_: None)
    again._compute = None  # nothing is computed
    assert np.array_equal(again.result(step), first)
    assert first.shape == (len(DATA["diabetes"][1]),)
    assert step.phase == "score"


def test_the_strata_of_a_long_table_rest_on_rows_drawn_of_it_and_say_so(monkeypatch):
    train, test = DATA["breast_cancer"]
    monkeypatch.setattr("tabsculpt.metrics.strata.MOST_ROWS", 60)
    drawn = sorted_rows(train, test)
    assert (drawn == sorted_rows(at_most(train, 60, 0), test)).all()
    assert [*map(str, sampled(90))] == [
        "strata of the test rows: by models of 60 of 90 train rows, drawn"
    ]
    assert not sampled(60)


def test_large_images_are_not_sorted_which_is_said():
    small, large = (
        assemble_images(
            np.linspace(0, 1, 6 * p.count).reshape(6, *p.shape), LABELS, "x", p
        ).table.schema
        for p in (Pixels(8, 8, 1, 0, 1), Pixels(32, 32, 3, 0, 1))
    )
    assert too_large(small) == ()
    [note] = too_large(large)
    assert note.code is Code.NO_STRATA
    assert "test rows are not sorted by hardness: boosted trees of 3,072 columns" in note.text
