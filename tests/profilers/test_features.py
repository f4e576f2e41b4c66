from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabsculpt.profilers.features import own_order, standard_features, standard_target
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


@pytest.fixture
def table() -> Table:
    frame = pd.DataFrame(
        {
            "a": [1.0, np.nan, 3.0, 8.0],
            "constant": [2.0, 2.0, np.nan, 2.0],
            "absent": [np.nan] * 4,
            "c": ["u", "v", None, "u"],
            "y": [1.0, 2.0, 3.0, 4.0],
        }
    )
    numbers = [Column(name, Kind.CONTINUOUS) for name in ("a", "constant", "absent")]
    category = Column("c", Kind.CATEGORICAL, ("u", "v"))
    schema = Schema((*numbers, category, Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION)
    return conform(frame, schema)


def test_features_are_imputed_by_the_median_and_constants_left_out(table):
    features = standard_features(table)
    assert features.shape == (4, 3)
    assert np.allclose(features.mean(axis=0), 0)
    assert np.allclose(features.std(axis=0), 1)
    a = np.array([1.0, 3.0, 3.0, 8.0])
    assert np.allclose(features[:, 0], (a - a.mean()) / a.std())
    assert np.allclose(features[:, 1], -features[:, 2])


def test_no_feature_that_varies_leaves_points_without_coordinates(table):
    schema = Schema((table.schema.columns[1], table.schema.target_column), "y", Task.REGRESSION)
    assert standard_features(conform(table.frame, schema)).shape == (4, 0)


def test_a_target_is_centred_and_scaled_robustly():
    assert standard_target(np.array([1.0, 2.0, 3.0, 4.0, 1000.0]))[:4] == pytest.approx(
        np.array([-2, -1, 0, 1]) / 1.4826
    )
    assert standard_target(np.array([5.0] * 9 + [15.0])) == pytest.approx([0.0] * 9 + [10 / 3])
    assert standard_target(np.full(3, 7.0)).tolist() == [0, 0, 0]


def test_the_order_is_the_rows_own():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.integers(0, 3, 40).astype(float), "y": rng.normal(size=40)})
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION
    )
    data = replace(conform(frame, schema), groups=rng.integers(0, 5, 40))
    shuffle = rng.permutation(40)
    first, second = own_order(data, 3), own_order(data.take(shuffle), 3)
    assert np.array_equal(first, shuffle[second])
    assert not np.array_equal(first, own_order(data, 4))


def test_equal_features_do_not_come_in_the_order_of_their_targets():
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION
    )
    data = conform(pd.DataFrame({"x": 1.0, "y": np.arange(200.0)}), schema)
    assert abs(np.corrcoef(np.arange(200), own_order(data, 0))[0, 1]) < 0.2
