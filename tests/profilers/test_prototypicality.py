from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_wine
from sklearn.metrics import roc_auc_score

from tabsculpt.errors import UserError
from tabsculpt.profilers import Segment
from tabsculpt.profilers.prototypicality import Prototypicality
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


def table(x: list[float], y: list[float] | list[str]) -> Table:
    regression = not isinstance(y[0], str)
    names = () if regression else tuple(sorted(set(map(str, y))))
    target = Column("y", Kind.CONTINUOUS if regression else Kind.CATEGORICAL, names)
    task = Task.REGRESSION if regression else Task.BINARY
    schema = Schema((Column("x", Kind.CONTINUOUS), target), "y", task)
    return conform(pd.DataFrame({"x": x, "y": y}), schema)


def bundled(load, task: Task) -> Table:
    frame = load(as_frame=True).frame
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns if name != "target"]
    names = ()
    if task is not Task.REGRESSION:
        frame = frame.assign(target=frame.target.astype(str))
        names = tuple(sorted(frame.target.unique()))
    kind = Kind.CATEGORICAL if names else Kind.CONTINUOUS
    return conform(frame, Schema((*columns, Column("target", kind, names)), "target", task))


DIABETES, WINE = bundled(load_diabetes, Task.REGRESSION), bundled(load_wine, Task.MULTICLASS)


def test_a_class_is_measured_from_its_mean():
    data = table([0.0, 2.0, 4.0, 10.0, 10.0], ["a", "a", "a", "b", "b"])
    spread = data.frame.x.to_numpy().std()
    score = Prototypicality().score(data, None, 0).score
    assert np.allclose(score, np.array([2, 0, 2, 0, 0]) / spread)


def test_a_class_of_two_clusters_may_have_two_prototypes():
    data = table([0.0, 2.0, 20.0, 22.0, 11.0, 11.0], ["a", "a", "a", "a", "b", "b"])
    spread = data.frame.x.to_numpy().std()
    one, two = (Prototypicality(prototypes=k).score(data, None, 0).score for k in (1, 2))
    assert np.allclose(one, np.array([11, 9, 9, 11, 0, 0]) / spread)
    assert np.allclose(two, np.array([1, 1, 1, 1, 0, 0]) / spread)


def test_a_number_is_measured_from_what_is_typical_of_its_features():
    data = table([0.0, 2.0, 10.0, 12.0], [1.0, 2.0, 3.0, 9.0])
    squared = (
        (data.frame.x.to_numpy()[:, None] - [1.0, 11.0]) / data.frame.x.to_numpy().std()
    ) ** 2
    low = 1 / (1 + np.exp((squared[:, 0] - squared[:, 1]) / 2))
    expected = low * 1.5 + (1 - low) * 6.0
    spread = 1.4826 * 1.0  # the deviations from the median, 2.5, are 0.5, 0.5, 1.5 and 6.5
    score = Prototypicality(bins=2).score(data, None, 0).score
    assert np.allclose(score, np.abs(data.target - expected) / spread)


def test_a_target_that_fits_the_features_of_another_bin_is_farthest():
    x = np.linspace(0, 10, 50)
    y = x.copy()
    y[5], y[45] = 9.5, 0.5
    score = Prototypicality().score(table(list(x), list(y)), None, 0).score
    assert set(np.argsort(score)[-2:]) == {5, 45}
    assert score[[5, 45]].min() > 1.5
    assert np.delete(score, [5, 45]).max() < 1.0


def test_a_constant_number_is_typical_of_every_row():
    score = Prototypicality().score(table([0.0, 2.0, 4.0], [5.0, 5.0, 5.0]), None, 0).score
    assert score.tolist() == [0, 0, 0]


def test_values_that_many_rows_share_make_fewer_bins():
    data = table([1.0] * 8 + [5.0, 9.0], [0.0] * 8 + [1.0, 2.0])
    score = Prototypicality().score(data, None, 0).score
    squared = ((1.0 - np.array([1.0, 7.0])) / data.frame.x.to_numpy().std()) ** 2
    weights = np.exp(-squared / 2) / np.exp(-squared / 2).sum()
    assert np.allclose(score[:8], weights @ [0.0, 1.5] / data.target.std())


@pytest.mark.parametrize(("data", "least"), [(DIABETES, 0.85), (WINE, 0.9)])
def test_wrong_labels_are_far_from_their_prototype(data, least):
    wrong = np.zeros(len(data), dtype=bool)
    wrong[np.random.default_rng(3).choice(len(data), len(data) // 10, replace=False)] = True
    frame, y = data.frame.copy(), data.target
    if data.schema.task is Task.REGRESSION:
        other = np.where(y > np.median(y), y.min(), y.max())
    else:
        other = np.array(data.schema.classes)[(y + 1) % len(data.schema.classes)]
    frame.loc[wrong, "target"] = other[wrong]
    profiler = Prototypicality()
    profile = cut_scores(profiler, profiler.score(conform(frame, data.schema), None, 0))
    assert roc_auc_score(wrong, profile.hardness) > least
    assert profile.count(Segment.HARD) == round(0.1 * len(data))


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(60)), st.integers(1, 3), st.sampled_from([DIABETES, WINE]))
def test_scores_move_with_their_rows(order, prototypes, data):
    rows = data.take(np.arange(60) * 2)
    profiler = Prototypicality(prototypes=prototypes)
    before = profiler.score(rows, None, 4).score
    assert np.array_equal(profiler.score(rows.take(order), None, 4).score, before[order])


def test_the_unit_of_the_target_does_not_matter():
    frame = DIABETES.frame.assign(target=DIABETES.frame.target * 37.5 - 1200)
    before = Prototypicality().score(DIABETES, None, 0).score
    after = Prototypicality().score(conform(frame, DIABETES.schema), None, 0).score
    assert np.allclose(before, after, rtol=0, atol=1e-12)


@pytest.mark.parametrize("setting", ["prototypes", "bins"])
def test_settings_below_one_are_refused(setting):
    with pytest.raises(UserError, match=f"{setting} is 0, expected at least 1"):
        Prototypicality(**{setting: 0})
