"""Distances between the columns of two tables."""

import math

import numpy as np
import pandas as pd
import pytest

from tabsculpt.metrics.wasserstein import quality, wasserstein_mean
from tabsculpt.table import Column, Kind, Schema, Task, conform

SCHEMA = Schema(
    (
        Column("x", Kind.CONTINUOUS),
        Column("n", Kind.INTEGER),
        Column("b", Kind.BOOLEAN),
        Column("c", Kind.CATEGORICAL, ("p", "q", "r")),
    ),
    "x",
    Task.REGRESSION,
)


def table(x, n, b, c):
    return conform(pd.DataFrame({"x": x, "n": n, "b": b, "c": c}), SCHEMA)


REAL = table([0.0, 2.0, 4.0, 6.0], [1, 1, 2, 2], [True, True, False, False], list("ppqq"))


def test_a_table_is_at_no_distance_from_itself_in_any_order_and_size():
    shuffled = REAL.take([3, 1, 0, 2, 2, 0, 1, 3])
    assert quality(REAL, shuffled) == pytest.approx(dict.fromkeys("xnbc", 0))


def test_known_answers():
    synthetic = table([3.0, 5.0, 7.0, 9.0], [2, 2, 2, 2], [True] * 4, list("pqrr"))
    distances = quality(REAL, synthetic)
    assert distances["x"] == pytest.approx(3 / math.sqrt(5))
    assert distances["n"] == pytest.approx(0.5 / 0.5)
    assert distances["b"] == pytest.approx(0.5)
    assert distances["c"] == pytest.approx((0.25 + 0.25 + 0.5) / 2)
    assert wasserstein_mean(REAL, synthetic) == pytest.approx(sum(distances.values()) / 4)


def test_numbers_by_sorted_differences():
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(3, 5, size=50), rng.gamma(2, 3, size=50)
    rest = [1] * 50, [True] * 50, ["p"] * 50
    expected = np.abs(np.sort(real) - np.sort(synthetic)).mean() / real.std()
    assert quality(table(real, *rest), table(synthetic, *rest))["x"] == pytest.approx(expected)


def test_the_unit_of_a_column_does_not_matter():
    scaled = REAL.frame.assign(x=REAL.frame["x"] * 1000)
    synthetic = table([1.0, 2.0, 2.0, 6.0], [1, 2, 2, 2], [True] * 4, list("pppp"))
    moved = synthetic.frame.assign(x=synthetic.frame["x"] * 1000)
    distance = quality(conform(scaled, SCHEMA), conform(moved, SCHEMA))["x"]
    assert distance == pytest.approx(quality(REAL, synthetic)["x"])


def test_a_constant_real_column_keeps_its_unit():
    real = table([5.0] * 3, [1] * 3, [True] * 3, list("ppp"))
    synthetic = table([5.0, 8.0, 8.0], [1] * 3, [True] * 3, list("ppp"))
    assert quality(real, synthetic) == pytest.approx({"x": 2, "n": 0, "b": 0, "c": 0})


def test_missing_categories_count_and_missing_numbers_do_not():
    synthetic = table([0.0, 2.0, 4.0, 6.0] * 2, [1, 2] * 4, [None] * 8, [None] * 2 + list("ppqqpq"))
    holes = synthetic.frame.copy()
    holes.loc[4:, "x"] = np.nan
    distances = quality(REAL, conform(holes, SCHEMA))
    assert distances == pytest.approx({"x": 0, "n": 0, "b": 1, "c": 0.25})


def test_numbers_missing_from_one_table_only_have_no_distance():
    empty = conform(REAL.frame.assign(x=np.nan), SCHEMA)
    assert math.isnan(quality(REAL, empty)["x"])
    assert math.isnan(wasserstein_mean(REAL, empty))
    assert quality(empty, empty)["x"] == 0


def test_tables_that_do_not_compare_are_refused():
    other = Schema(SCHEMA.columns, "n", Task.REGRESSION)
    with pytest.raises(ValueError, match="same schema"):
        quality(REAL, conform(REAL.frame, other))
    with pytest.raises(ValueError, match="must each have a row"):
        quality(REAL, REAL.take([]))
