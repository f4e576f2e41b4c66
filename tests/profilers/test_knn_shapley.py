from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from tabsculpt.errors import UserError
from tabsculpt.profilers import Segment
from tabsculpt.profilers.features import own_order, standard_features, standard_target
from tabsculpt.profilers.folds import folds
from tabsculpt.profilers.knn_shapley import Device, KNNShapley, knn_shapley_values
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

Utility = Callable[[list[int]], float]
TASKS = (Task.REGRESSION, Task.MULTICLASS)


def shapley(n: int, utility: Utility) -> np.ndarray:
    """The definition: the mean gain of a row over all subsets of the others."""
    values = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            weight = factorial(size) * factorial(n - 1 - size) / factorial(n)
            for subset in combinations(others, size):
                values[i] += weight * (utility([*subset, i]) - utility(list(subset)))
    return values


def brute_force(x, y, x_held, y_held, k, task):
    total = np.zeros(len(x))
    for point, truth in zip(x_held, y_held, strict=True):
        far = ((x - point) ** 2).sum(axis=1)

        def utility(subset, far=far, truth=truth):
            nearest = sorted(subset, key=lambda j: (far[j], j))[:k]
            if task is Task.REGRESSION:
                return -((y[nearest].sum() / k - truth) ** 2)
            return (y[nearest] == truth).sum() / k

        total += shapley(len(x), utility)
    return total / len(x_held)


def double_loop(x, y, x_held, y_held, k):
    """The recursion as it is written, from the farthest row to the nearest."""
    n, total = len(x), np.zeros(len(x))
    for point, truth in zip(x_held, y_held, strict=True):
        order = np.argsort(((x - point) ** 2).sum(axis=1), kind="stable")
        match = (y[order] == truth).astype(float)
        value = match[-1] * min(k, n) / (k * n)
        total[order[-1]] += value
        for i in range(n - 1, 0, -1):
            value += (match[i - 1] - match[i]) / k * min(k, i) / i
            total[order[i - 1]] += value
    return total / len(x_held)


def points(n: int, held: int, task: Task, seed: int, grid: bool = False):
    """Random rows; on a grid of integers many are equally far."""
    rng = np.random.default_rng(seed)
    draw = (lambda *shape: rng.integers(0, 3, shape).astype(float)) if grid else (
        lambda *shape: rng.normal(size=shape))  # fmt: skip
    target = (lambda m: rng.normal(size=m)) if task is Task.REGRESSION else (
        lambda m: rng.integers(0, 3, m))  # fmt: skip
    return draw(n, 2), target(n), draw(held, 2), target(held)


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("n", [1, 2, 4, 7])
@pytest.mark.parametrize("k", [1, 2, 3, 7, 9])
def test_values_are_those_of_the_definition_also_with_fewer_rows_than_neighbours(
    device, task, n, k
):
    rows = points(n, 2, task, seed=n + 10 * k)
    values = knn_shapley_values(*rows, k=k, task=task, device=device)
    assert np.allclose(values, brute_force(*rows, k, task), rtol=0, atol=1e-12)


def test_eight_rows_of_a_classification_match_the_definition():
    rows = points(8, 2, Task.MULTICLASS, seed=5)
    values = knn_shapley_values(*rows, k=3, task=Task.MULTICLASS)
    assert np.allclose(values, brute_force(*rows, 3, Task.MULTICLASS), rtol=0, atol=1e-12)


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(3))
def test_rows_that_are_equally_far_are_taken_by_position(device, task, seed):
    rows = points(7, 3, task, seed, grid=True)
    values = knn_shapley_values(*rows, k=2, task=task, device=device)
    assert np.allclose(values, brute_force(*rows, 2, task), rtol=0, atol=1e-12)


@pytest.mark.parametrize("k", [1, 5, 100, 600])
@pytest.mark.parametrize("grid", [False, True])
def test_values_match_the_double_loop(k, grid):
    rows = points(500, 30, Task.BINARY, seed=1, grid=grid)
    values = knn_shapley_values(*rows, k=k, task=Task.BINARY)
    assert np.abs(values - double_loop(*rows, k)).max() < 1e-12


@pytest.mark.parametrize("task", TASKS)
def test_many_blocks_give_what_one_row_at_a_time_gives(task):
    x, y, x_held, y_held = points(30_000, 20, task, seed=2)
    whole = knn_shapley_values(x, y, x_held, y_held, k=5, task=task)
    single = [knn_shapley_values(x, y, x_held[[i]], y_held[[i]], k=5, task=task) for i in range(20)]
    assert np.abs(whole - np.mean(single, axis=0)).max() < 1e-15


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(1, 8), st.integers(0, 999), st.sampled_from(TASKS))
def test_values_add_up_to_the_gain_of_all_rows_over_none(n, k, seed, task):
    x, y, x_held, y_held = points(n, 4, task, seed)
    gain = []
    for point, truth in zip(x_held, y_held, strict=True):
        nearest = np.argsort(((x - point) ** 2).sum(axis=1))[:k]
        if task is Task.REGRESSION:
            gain.append(truth**2 - (y[nearest].sum() / k - truth) ** 2)
        else:
            gain.append((y[nearest] == truth).sum() / k)
    values = knn_shapley_values(x, y, x_held, y_held, k=k, task=task)
    assert values.sum() == pytest.approx(np.mean(gain), abs=1e-12)


def test_bad_input_is_refused():
    x, y, x_held, y_held = points(4, 2, Task.BINARY, 0)
    with pytest.raises(UserError, match="k is 0, expected at least 1"):
        knn_shapley_values(x, y, x_held, y_held, k=0, task=Task.BINARY)
    with pytest.raises(ValueError, match="finite"):
        knn_shapley_values(x * np.nan, y, x_held, y_held, k=1, task=Task.BINARY)
    with pytest.raises(ValueError, match="at least one row"):
        knn_shapley_values(x, y, x_held[:0], y_held[:0], k=1, task=Task.BINARY)
    with pytest.raises(UserError, match="folds is 1, expected at least 2"):
        KNNShapley(folds=1)


def test_without_a_gpu_cuda_is_refused_and_with_one_it_agrees():
    import torch

    rows = points(2000, 50, Task.REGRESSION, 4)
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="torch sees no GPU here: use device=cpu"):
            KNNShapley(device=Device.CUDA).score(DIABETES, None, 0)
        return
    on_gpu = knn_shapley_values(*rows, k=5, task=Task.REGRESSION, device="cuda")
    assert np.abs(on_gpu - knn_shapley_values(*rows, k=5, task=Task.REGRESSION)).max() < 1e-9


def bundled(load, task: Task) -> Table:
    frame = load(as_frame=True).frame
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns if name != "target"]
    if task is Task.REGRESSION:
        target = Column("target", Kind.CONTINUOUS)
    else:
        frame = frame.assign(target=frame.target.astype(str))
        target = Column("target", Kind.CATEGORICAL, ("0", "1"))
    return conform(frame, Schema((*columns, target), "target", task))


DIABETES = bundled(load_diabetes, Task.REGRESSION)
CANCER = bundled(load_breast_cancer, Task.BINARY)


def with_wrong_labels(data: Table) -> tuple[Table, np.ndarray]:
    """A tenth of the rows with the other class, or the extreme target that is farther."""
    wrong = np.zeros(len(data), dtype=bool)
    wrong[np.random.default_rng(3).choice(len(data), len(data) // 10, replace=False)] = True
    frame, y = data.frame.copy(), data.target
    if data.schema.task is Task.REGRESSION:
        other = np.where(y > np.median(y), y.min(), y.max())
    else:
        other = np.where(y == 0, "1", "0")
    frame.loc[wrong, "target"] = other[wrong]
    return conform(frame, data.schema), wrong


@pytest.mark.parametrize(("data", "least"), [(DIABETES, 0.85), (CANCER, 0.97)])
def test_wrong_labels_have_low_values(data, least):
    table, wrong = with_wrong_labels(data)
    profiler = KNNShapley()
    profile = cut_scores(profiler, profiler.score(table, None, 0))
    assert roc_auc_score(wrong, profile.hardness) > least
    assert profile.count(Segment.HARD) == round(0.1 * len(data))


def test_values_average_over_the_rows_of_the_other_folds():
    """By efficiency, their sum is the share of neighbours across folds with the same label."""
    data = CANCER.take(np.arange(560))
    order = own_order(data, 7)
    rows = data.take(order)
    features, target = standard_features(rows), rows.target
    agree = np.empty(len(rows))
    for fit, held in folds(rows, 4, 7):
        finder = NearestNeighbors(n_neighbors=3).fit(features[fit])
        near = target[fit][finder.kneighbors(features[held], return_distance=False)]
        agree[held] = (near == target[held][:, None]).mean(axis=1)
    scores = KNNShapley(k=3, folds=4).score(data, None, 7).score
    own_fold = np.concatenate([np.full(len(held), len(held)) for _, held in folds(rows, 4, 7)])
    held_rows = np.concatenate([held for _, held in folds(rows, 4, 7)])
    others = len(rows) - own_fold[np.argsort(held_rows)]
    assert (scores[order] * others).sum() == pytest.approx(agree.sum(), rel=1e-9)


def test_a_copy_in_the_own_group_vouches_for_no_row():
    """Each row twice: without groups a copy in another fold agrees with every wrong label."""
    table, wrong = with_wrong_labels(CANCER.take(np.arange(150)))
    twice = table.take(np.tile(np.arange(150), 2))
    grouped = replace(twice, groups=np.tile(np.arange(150), 2))
    wrong = np.tile(wrong, 2)
    found = [
        roc_auc_score(wrong, -KNNShapley(k=1).score(data, None, 0).score)
        for data in (twice, grouped)
    ]
    assert found[0] < 0.9 < found[1]


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(60)), st.integers(0, 99), st.sampled_from([DIABETES, CANCER]))
def test_values_move_with_their_rows(order, seed, data):
    rows = data.take(np.arange(60))
    before = KNNShapley().score(rows, None, seed).score
    after = KNNShapley().score(rows.take(order), None, seed).score
    assert np.array_equal(after, before[order])


def test_the_unit_of_the_target_does_not_matter():
    frame = DIABETES.frame.assign(target=DIABETES.frame.target * 37.5 - 1200)
    before = KNNShapley().score(DIABETES, None, 0).score
    after = KNNShapley().score(conform(frame, DIABETES.schema), None, 0).score
    assert np.allclose(before, after, rtol=0, atol=1e-12)


def test_a_regression_is_held_against_the_centre_of_its_target():
    """Without signal, a row of the median target is worth nothing, an outlier does harm."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=201), "y": rng.permutation(201) - 100.0})
    frame.loc[0, "y"] = 2000.0
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION
    )
    score = KNNShapley().score(conform(frame, schema), None, 0).score
    assert score.argmin() == 0
    middle = np.abs(standard_target(frame.y.to_numpy())) < 0.02
    assert np.abs(score[middle]).max() < 0.05 * np.abs(score).max()


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.BINARY])
def test_values_for_rows_set_aside_follow_the_definition_on_one_scale(task):
    table = bundled(load_diabetes if task is Task.REGRESSION else load_breast_cancer, task)
    rows, held = table.take(range(60)), table.take(range(60, 100))
    both = table.take(range(100))
    features, target = standard_features(both), both.target
    if task is Task.REGRESSION:
        target = standard_target(target)
    expected = knn_shapley_values(
        features[:60], target[:60], features[60:], target[60:], k=3, task=task
    )
    found = KNNShapley(k=3).value(rows, held, 0).score
    assert found == pytest.approx(expected, abs=1e-9)
    order = np.random.default_rng(1).permutation(60)
    moved = KNNShapley(k=3).value(rows.take(order), held, 0).score
    assert moved == pytest.approx(found[order], abs=1e-9)
