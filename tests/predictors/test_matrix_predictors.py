"""Predictors of a number matrix, against formulas and on training tables at their limits."""

import numpy as np
import pandas as pd
import pytest

from tabsculpt.errors import UserError
from tabsculpt.notes import Code, Note
from tabsculpt.predictors.knn import NearestNeighbours
from tabsculpt.predictors.lightgbm import LightGBM
from tabsculpt.predictors.linear import Linear
from tabsculpt.predictors.random_forest import RandomForest
from tabsculpt.predictors.xgboost import XGBoost
from tabsculpt.table import Column, Kind, Schema, Task, conform


def numbers(x, y):
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    return conform(pd.DataFrame({"x": x, "y": y}), Schema(columns, "y", Task.REGRESSION))


def test_ridge_is_the_closed_form(bundled):
    table = bundled[Task.REGRESSION].take(range(60))
    matrix, target = table.matrix(), table.target
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    inner = scaled.T @ scaled + 3 * np.eye(scaled.shape[1])
    weights = np.linalg.solve(inner, scaled.T @ (target - target.mean()))
    predictions = Linear(penalty=3).fit(table, None, 0).predict(table.features)
    assert predictions == pytest.approx(target.mean() + scaled @ weights)


def test_logistic_regression_minimises_the_penalised_log_loss(bundled):
    table = bundled[Task.BINARY].take(range(80))
    model = Linear(penalty=2).fit(table, None, 0)
    positive = model.predict(table.features)[:, 1]
    matrix = table.matrix()
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    log_odds = np.log(positive / (1 - positive))
    weights, *_ = np.linalg.lstsq(np.column_stack([scaled, np.ones(80)]), log_odds, rcond=None)
    gradient = scaled.T @ (positive - table.target) + 2 * weights[:-1]
    assert np.abs(gradient).max() < 0.01
    assert abs((positive - table.target).sum()) < 0.01


def test_no_penalty_is_least_squares():
    table = numbers([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0])
    model = Linear(penalty=0).fit(table, None, 0)
    assert model.predict(pd.DataFrame({"x": [10.0]})) == pytest.approx([21.0])


def test_neighbours_are_averaged_and_never_more_than_there_are():
    table = numbers([0.0, 1.0, 2.0, 10.0], [0.0, 1.0, 2.0, 9.0])
    features = pd.DataFrame({"x": [1.1]})
    assert NearestNeighbours(neighbours=3).fit(table, None, 0).predict(features) == [1.0]
    assert NearestNeighbours(neighbours=50).fit(table, None, 0).predict(features) == [3.0]


def test_missing_values_stand_at_the_mean():
    table = numbers([0.0, 4.0, 8.0], [0.0, 5.0, 9.0])
    model = NearestNeighbours(neighbours=1).fit(table, None, 0)
    assert model.predict(pd.DataFrame({"x": [np.nan, 4.0]})) == pytest.approx([5.0, 5.0])


@pytest.mark.parametrize("predictor", [LightGBM(), XGBoost(), RandomForest()])
def test_trees_split_tables_of_eight_rows(predictor):
    table = numbers(np.arange(8.0), [0.0] * 4 + [10.0] * 4)
    predictions = predictor.fit(table, None, 0).predict(table.features)
    assert predictions[:3].max() < 2
    assert predictions[-3:].min() > 8


@pytest.mark.parametrize("predictor", [LightGBM(), XGBoost(), RandomForest()])
def test_trees_learn_from_what_is_missing(predictor):
    x = np.where(np.arange(40) % 2, np.nan, 1.0)
    table = numbers(x, np.where(np.isnan(x), 3.0, -3.0))
    predictions = predictor.fit(table, None, 0).predict(pd.DataFrame({"x": [1.0, np.nan]}))
    assert predictions == pytest.approx([-3, 3], abs=0.1)


def test_the_seed_draws_the_forest(bundled):
    table = bundled[Task.REGRESSION].take(range(60))
    first, other = (
        RandomForest().fit(table, None, seed).predict(table.features) for seed in (0, 1)
    )
    assert np.abs(first - other).max() > 1


@pytest.mark.parametrize("sampled", [{"row_sample": 0.8}, {"column_sample": 0.6}])
def test_the_seed_draws_rows_and_columns_of_boosted_trees(bundled, sampled):
    table = bundled[Task.REGRESSION].take(range(60))
    predictor = XGBoost(rounds=20, depth=3, **sampled)
    first, other = (predictor.fit(table, None, seed).predict(table.features) for seed in (0, 1))
    assert predictor.stochastic
    assert np.abs(first - other).max() > 1
    assert not XGBoost().stochastic


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Linear(penalty=-1), "penalty is -1, expected at least 0"),
        (lambda: NearestNeighbours(neighbours=0), "neighbours is 0, expected at least 1"),
        (lambda: RandomForest(trees=0), "trees is 0, expected at least 1"),
        (lambda: LightGBM(leaves=1), "leaves is 1, expected at least 2"),
        (lambda: XGBoost(rounds=0), "rounds is 0, expected at least 1"),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(UserError, match=message):
        make()


def test_targets_that_are_missing_are_refused():
    with pytest.raises(ValueError, match="missing or infinite"):
        Linear().fit(numbers([0.0, 1.0], [1.0, np.nan]), None, 0)


def long_table():
    x = np.random.default_rng(0).permutation(1200).astype(float)
    return numbers(x, x)


def test_neighbours_are_looked_for_among_as_many_rows_as_are_asked_for_and_it_says_so():
    model = NearestNeighbours(neighbours=1, max_rows=1000).fit(long_table(), None, 0)
    found = model.predict(pd.DataFrame({"x": np.arange(1200.0)}))
    assert len(np.unique(found)) == 1000
    phrase = "looks for neighbours among 1,000 of 1,200 training rows, drawn"
    assert model.notes == (Note(Code.ROWS_DRAWN, phrase, 1000),)


def test_a_tree_of_a_forest_draws_as_many_rows_as_are_asked_for_and_it_says_so():
    model = RandomForest(trees=1, max_rows=1000).fit(long_table(), None, 0)
    leaves = len(np.unique(model.predict(pd.DataFrame({"x": np.arange(1200.0)}))))
    expected = 1200 * (1 - np.exp(-1000 / 1200))  # drawn with replacement
    assert leaves == pytest.approx(expected, rel=0.05)
    phrase = "grows each tree on 1,000 of 1,200 training rows, drawn"
    assert model.notes == (Note(Code.ROWS_DRAWN, phrase, 1000),)


@pytest.mark.parametrize("kind", [NearestNeighbours, RandomForest])
def test_a_limit_above_the_rows_changes_nothing_and_says_nothing(kind):
    table, features = long_table(), pd.DataFrame({"x": np.arange(0.5, 1200, 7)})
    free, bound = (kind(max_rows=rows).fit(table, None, 0) for rows in (None, 1200))
    assert (free.predict(features) == bound.predict(features)).all()
    assert bound.notes == ()


@pytest.mark.parametrize("kind", [NearestNeighbours, RandomForest])
def test_a_limit_below_a_thousand_rows_is_refused(kind):
    with pytest.raises(UserError, match="max_rows is 10, expected at least 1000"):
        kind(max_rows=10)


@pytest.mark.parametrize("kind", [Linear, RandomForest, NearestNeighbours])
def test_numbers_beyond_32_bits_are_learnt_from_as_small_ones_are(kind):
    x, y = np.random.default_rng(0).normal(size=(2, 60))
    small, large = numbers(x, y), numbers(x * 2.0**1000, y)
    expected = kind().fit(small, None, 0).predict(small.features)
    assert kind().fit(large, None, 0).predict(large.features) == pytest.approx(expected, rel=1e-4)
