"""What the recorders record: right arrays, the same again, moving with their rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from tabsculpt.profilers.dynamics.boosted import BoostedRecorder
from tabsculpt.profilers.dynamics.correctness import pointwise_scores, residual_scale, trust
from tabsculpt.profilers.dynamics.crossfit import partition
from tabsculpt.profilers.dynamics.learners import BetterRecorder, Learner, drawn_by, recorder_of
from tabsculpt.profilers.dynamics.linear import LinearRecorder
from tabsculpt.profilers.dynamics.mlp import MLPRecorder
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

RECORDERS = [
    LinearRecorder(checkpoints=6, folds=3, refits=1),
    BoostedRecorder(rounds=8, folds=3, refits=1),
    MLPRecorder(epochs=4),
    MLPRecorder(epochs=3, folds=3),
    BetterRecorder(folds=2),
]


def table(load, task: Task, rows: int) -> Table:
    frame = load(as_frame=True).frame.sample(frac=1, random_state=0).head(rows)
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns if name != "target"]
    if task is Task.REGRESSION:
        target = Column("target", Kind.CONTINUOUS)
    else:
        frame = frame.assign(target=frame.target.astype(str))
        target = Column("target", Kind.CATEGORICAL, tuple(sorted(frame.target.unique())))
    return conform(frame, Schema((*columns, target), "target", task))


TABLES = {
    "diabetes": table(load_diabetes, Task.REGRESSION, 120),
    "breast_cancer": table(load_breast_cancer, Task.BINARY, 100),
    "wine": table(load_wine, Task.MULTICLASS, 90),
}


def arrays(dynamics) -> dict[str, np.ndarray]:
    return {name: value for name, value in vars(dynamics).items() if value is not None}


@pytest.mark.parametrize("data", TABLES)
@pytest.mark.parametrize("recorder", RECORDERS, ids=repr)
def test_arrays_have_their_shapes_and_say_the_same_again(recorder, data):
    rows = TABLES[data]
    first, again = recorder.record(rows, 3), recorder.record(rows, 3)
    for name, value in arrays(first).items():
        assert np.array_equal(value, arrays(again)[name])
        assert np.isfinite(value).all()
    n, classes = len(rows), rows.schema.classes
    assert first.outputs.shape[1:] == ((n, len(classes)) if classes else (n,))
    assert first.correctness.shape == first.losses.shape == first.outputs.shape[:2]
    assert first.correctness.min() >= 0
    assert first.correctness.max() <= 1
    if classes:
        assert np.allclose(first.outputs.sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize("data", TABLES)
@pytest.mark.parametrize("recorder", RECORDERS, ids=repr)
@settings(max_examples=2, deadline=None, derandomize=True)
@given(shuffle=st.integers(0, 1000))
def test_what_is_recorded_moves_with_the_rows(recorder, data, shuffle):
    rows = TABLES[data]
    order = np.random.default_rng(shuffle).permutation(len(rows))
    before, after = recorder.record(rows, 0), recorder.record(rows.take(order), 0)
    assert np.allclose(before.outputs[:, order], after.outputs, rtol=1e-9, atol=1e-9)
    assert np.allclose(before.correctness[:, order], after.correctness, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("recorder", RECORDERS, ids=repr)
def test_the_unit_of_the_target_does_not_matter(recorder):
    rows = TABLES["diabetes"]
    scaled = rows.frame.assign(target=rows.frame.target * 1e-4 + 7)
    before, after = recorder.record(rows, 0), recorder.record(conform(scaled, rows.schema), 0)
    assert np.allclose(before.outputs * 1e-4 + 7, after.outputs, rtol=1e-3)
    assert np.allclose(before.correctness, after.correctness, atol=0.02)


def test_the_correctness_of_a_number_is_that_of_its_formula():
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION
    )
    rows = conform(pd.DataFrame({"x": [0.0] * 4, "y": [0.0, 1.0, 2.0, 7.0]}), schema)
    outputs = np.array([[3.0, 3.0, 3.0, 3.0], [0.5, 1.0, 1.5, 3.0]])
    noise, spread = 0.5, 2.0  # median residual at the end, mean deviation from the median
    scale = 0.8 * noise**0.25 * spread**0.75
    assert residual_scale(np.abs(outputs[-1] - rows.target), rows.target) == pytest.approx(scale)
    pointwise = pointwise_scores(rows, outputs)
    assert pointwise.correctness[1] == pytest.approx(np.exp(np.array([-0.5, 0, -0.5, -4]) / scale))
    assert pointwise.losses[0] == pytest.approx(np.array([9, 4, 1, 16]) / scale**2)
    sigma = 1.4826 * 0.5
    assert trust(rows, outputs[-1]) == pytest.approx([1, 1, 1, 1.345 * sigma / 4])


def test_a_target_that_is_predicted_exactly_is_right_everywhere():
    assert residual_scale(np.zeros(5), np.arange(5.0)) == pytest.approx(1.2)
    assert residual_scale(np.zeros(5), np.ones(5)) == 1.0


def test_the_boosted_path_ends_where_the_model_does():
    import lightgbm

    rows = TABLES["diabetes"]
    recorder = BoostedRecorder(rounds=12, folds=1, refits=0)
    x, y = rows.matrix(), rows.target
    outputs = recorder._numbers(x, y, np.ones(len(y)), x)
    model = lightgbm.LGBMRegressor(
        n_estimators=12, learning_rate=0.1, num_leaves=8, min_child_samples=5, min_data_in_bin=1,
        n_jobs=1, verbose=-1,
    ).fit(x, y)  # fmt: skip
    assert np.allclose(outputs[-1], model.predict(x), atol=1e-3 * y.std())
    assert np.allclose(outputs[4], model.predict(x, num_iteration=5), atol=1e-3 * y.std())
    other = HistGradientBoostingRegressor(max_iter=12, min_samples_leaf=5, max_leaf_nodes=8)
    assert np.corrcoef(other.fit(x, y).predict(x), outputs[-1])[0, 1] > 0.9


def test_rounds_without_a_tree_repeat_the_one_before():
    rows = TABLES["diabetes"].take(np.arange(9))  # no split leaves five rows on both sides
    outputs = BoostedRecorder(rounds=5, folds=1, refits=0).record(rows, 0).outputs
    assert outputs == pytest.approx(np.full((5, 9), rows.target.mean()))


def test_the_weakest_penalty_is_nearly_least_squares():
    rows = TABLES["diabetes"]
    x, y = rows.matrix(), rows.target
    path = LinearRecorder(folds=1, refits=0).record(rows, 0).outputs
    fitted = LinearRegression().fit(x, y).predict(x)
    assert np.corrcoef(path[-1], fitted)[0, 1] > 0.999
    assert path[0].std() < 0.3 * path[-1].std()


def test_weights_keep_wrong_labels_from_pulling():
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    y = np.where(np.arange(80) < 10, 30.0, x)
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION
    )
    rows = conform(pd.DataFrame({"x": x, "y": y}), schema)
    error = [
        np.abs(LinearRecorder(refits=refits).record(rows, 0).outputs[-1] - x)[10:].mean()
        for refits in (0, 2)
    ]
    assert error[0] > 2
    assert error[1] < 0.5


def test_the_better_of_two_learners_is_kept():
    rows = TABLES["diabetes"]
    errors = {
        learner: np.abs(recorder_of(learner, 3).record(rows, 0).outputs[-1] - rows.target).mean()
        for learner in (Learner.LINEAR, Learner.BOOSTED, Learner.AUTO)
    }
    assert errors[Learner.AUTO] == min(errors.values())


def test_closed_form_gradient_norms_are_those_of_backpropagation():
    import torch
    from torch.nn import functional

    from tabsculpt.profilers.dynamics.mlp import _look, _network

    torch.manual_seed(0)
    body, head = _network(3, 5, 4)
    x, y = torch.randn(6, 3), torch.eye(4)[torch.tensor([0, 1, 2, 3, 0, 1])]
    seen = _look(body, head, x, y, Task.MULTICLASS)
    for i in range(6):
        point = x[i : i + 1].clone().requires_grad_(True)
        loss = functional.cross_entropy(head(body(point)), y[i : i + 1])
        weight, bias, inputs = torch.autograd.grad(loss, [head.weight, head.bias, point])
        norm = (weight.square().sum() + bias.square().sum()).sqrt()
        assert seen.norms[i] == pytest.approx(norm.item(), rel=1e-4)
        assert seen.gradients[i] == pytest.approx(inputs[0].numpy(), rel=1e-3, abs=1e-6)


def test_a_class_that_a_fold_lacks_has_probability_zero():
    rows = TABLES["wine"]
    few = rows.take(np.r_[np.flatnonzero(rows.target == 0)[:1], np.flatnonzero(rows.target == 1)])
    for recorder in (LinearRecorder(checkpoints=3, folds=3), BoostedRecorder(rounds=3, folds=3)):
        assert np.allclose(recorder.record(few, 0).outputs[:, 0, 1], 1.0)


def test_a_class_of_four_rows_in_thousands_overflows_nothing():
    rng, n = np.random.default_rng(0), 3000
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["target"] = np.where(np.arange(n) < 4, "rare", "common")
    columns = (Column("x", Kind.CONTINUOUS), Column("z", Kind.CONTINUOUS))
    target = Column("target", Kind.CATEGORICAL, ("common", "rare"))
    unbalanced = conform(frame, Schema((*columns, target), "target", Task.BINARY))
    with np.errstate(over="raise"):
        recorded = BoostedRecorder().record(unbalanced, 0)
    assert np.isfinite(recorded.losses).all()
    assert ((recorded.outputs >= 0) & (recorded.outputs <= 1)).all()


@pytest.mark.parametrize("recorder", [RECORDERS[0], RECORDERS[1], RECORDERS[4]], ids=repr)
@pytest.mark.parametrize("seed", range(8))
def test_a_class_that_one_group_alone_has_is_recorded_all_the_same(recorder, seed):
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(8), 5)
    frame = pd.DataFrame({"a": rng.normal(size=40), "b": rng.normal(size=40)})
    frame["y"] = np.where(patient == 5, "yes", "no")
    columns = (Column("a", Kind.CONTINUOUS), Column("b", Kind.CONTINUOUS))
    schema = Schema((*columns, Column("y", Kind.CATEGORICAL, ("no", "yes"))), "y", Task.BINARY)
    rows = replace(conform(frame, schema), groups=patient)
    found = recorder.record(rows, seed)
    outputs = found.outputs
    assert outputs.shape[1:] == (40, 2)
    assert np.allclose(outputs.sum(axis=2), 1)
    assert (outputs[:, patient == 5, 1] == 0).all()  # no model that judges them saw a "yes"
    assert (outputs[-1, patient != 5, 0] > 0).all()


def test_of_a_long_table_each_fold_is_fitted_on_rows_drawn_and_all_are_predicted(monkeypatch):
    rows = TABLES["diabetes"]
    whole = list(partition(rows, 4, 0))
    monkeypatch.setattr("tabsculpt.profilers.dynamics.crossfit.MOST_ROWS", 30)
    parts = list(partition(rows, 4, 0))
    for (all_of_them, same), (fit, wanted) in zip(whole, parts, strict=True):
        assert len(set(fit)) == 30
        assert set(fit) < set(all_of_them)
        assert wanted.tolist() == same.tolist()
    assert np.abs(np.concatenate([fit for fit, _ in parts]).mean() - 59.5) < 12
    assert len(next(iter(partition(rows, 1, 0)))[0]) == 120


def test_it_is_said_how_many_rows_a_fold_is_fitted_on(monkeypatch):
    assert drawn_by(BetterRecorder(), 25_000) is None
    phrase = "each model of a fold is fitted on 20,000 of 20,001 rows, drawn"
    assert str(drawn_by(LinearRecorder(folds=5), 25_002)) == phrase
    assert drawn_by(MLPRecorder(), 10**6) is drawn_by(None, 10**6) is None
