"""The grid of a column: found whatever binary floating point does to it, and not where none is."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabsculpt.table.grid import Grid

RNG = np.random.default_rng(0)


def learn(values, dtype=None):
    return Grid.learn(pd.Series(values, dtype=dtype))


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (RNG.normal(size=80).round(2), "0.01"),
        (RNG.integers(-20, 20, 80) / 2, "0.5"),
        (RNG.integers(-20, 20, 80) / 4, "0.25"),
        (RNG.choice([0.5, 1, 1.5, 2], 80), "0.5"),
        (RNG.choice([1.5, 2.5], 80), "1.0"),
        ([0.0] * 80 + [7.0, 21.0], "1"),
        (RNG.integers(0, 90, 80) * 0.05, "0.05"),  # 0.15000000000000002 among them
        (RNG.integers(0, 90, 80) * 5.0, "5"),
        (100.1 + np.arange(30) * 0.1 - 100, "0.1"),  # off by 1e-14
        (np.cumsum([0.1] * 30), "0.1"),
        (RNG.normal(size=80).round(2).astype(np.float32).astype(float), "0.01"),
        ((123456 + RNG.normal(size=80)).round(1), "0.1"),
        ((1e-7 * RNG.normal(size=80)).round(9), "0.000000001"),
        ([2.5, 7.5, 12.5, 22.5, 42.5, np.nan], "5.0"),
        (2000 + 4 * RNG.integers(0, 20, 40), "4"),
        (pd.array([10, 30, None, 70, 90, 20, 50], dtype="Int64"), "10"),
        ([0.1, 0.25], "0.01"),  # two values have decimals, and no steps of 0.15
        ([1.0, 4.0, 8.0], "1"),
    ],
)
def test_decimals_and_steps_are_found(values, step):
    grid = learn(values)
    assert str(grid) == step
    assert grid.off(pd.Series(values)) == 0


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=80),
        RNG.normal(size=80).astype(np.float32).astype(float),
        np.arange(80) / 3,
        RNG.lognormal(sigma=9, size=80),
        np.full(80, 2.5),
        [1.5, np.nan],
        [np.nan, np.nan],
        [0.5, np.inf, 1.5, 2.5],
        RNG.integers(0, 90, 80),
        np.append(RNG.integers(0, 9, 80) * 5, 17),
        [2.0**60, 2.0**61, 2.0**62],
    ],
)
def test_other_columns_have_none(values):
    assert learn(values) is None


def test_a_few_values_off_a_coarse_step_are_not_forced_onto_it():
    grid = learn(np.append(RNG.integers(0, 40, 80) / 2, [1.37, 2.81]))
    assert str(grid) == "0.01"
    assert grid.snap(pd.Series([1.37, 0.5])).tolist() == [1.37, 0.5]


def test_numbers_on_the_grid_stay_bit_for_bit_and_others_become_the_decimal_that_is_read():
    grid = learn(RNG.integers(0, 90, 80) * 0.05)
    assert grid.snap(pd.Series([3 * 0.05, 0.1499, 0.176])).tolist() == [3 * 0.05, 0.15, 0.2]
    single = learn(RNG.normal(size=80).round(2).astype(np.float32).astype(float))
    assert single.snap(pd.Series([0.0999])).tolist() == [float(np.float32(0.1))]


def test_whole_numbers_near_the_ends_of_their_range_do_not_overflow():
    ends = np.array([-(2**63), -(2**63) + 7 * 2**40, 2**63 - 2**40 * 9, 0, 2**62], dtype=np.int64)
    grid = Grid.learn(pd.Series(ends))
    step = grid.step
    assert step == 2**40
    snapped = grid.snap(pd.Series(ends + np.array([3, -5, 2, 5, -1]), dtype="Int64"))
    assert snapped.tolist() == ends.tolist()


@settings(max_examples=60, deadline=None)
@given(
    decimals=st.integers(0, 6),
    step=st.sampled_from([1, 2, 5, 10, 25, 125, 1000]),
    offset=st.integers(-1000, 1000),
    places=st.lists(st.integers(-5000, 5000), min_size=30, max_size=60, unique=True),
    moved=st.lists(st.floats(-1, 1), min_size=30, max_size=30),
)
def test_a_grid_gives_back_what_was_moved_by_less_than_half_a_step(
    decimals, step, offset, places, moved
):
    exact = [Decimal(offset + place * step).scaleb(-decimals) for place in places]
    values = pd.Series([float(number) for number in exact])
    grid = learn(values)
    width = Decimal(str(grid))
    assert all((number - exact[0]) % width == 0 for number in exact)
    assert grid.snap(values).tolist() == values.tolist()
    near = values.head(30) + 0.49 * float(width) * np.array(moved)
    assert grid.snap(near).tolist() == values.head(30).tolist()
    between = values.head(30) + float(width) * np.array(moved)
    once = grid.snap(between)
    assert grid.snap(once).tolist() == once.tolist()
    assert (once - between).abs().max() <= 0.5001 * float(width)
    inside = between.clip(values.min(), values.max())
    assert grid.snap(inside).between(values.min(), values.max()).all()
    assert grid.snap(pd.Series([np.nan])).isna().all()


@settings(max_examples=25, deadline=None)
@given(
    step=st.integers(2, 10**6),
    start=st.integers(-(2**62), 2**61),
    places=st.lists(st.integers(0, 10**6), min_size=12, max_size=40, unique=True),
)
def test_whole_numbers_of_any_size_are_put_on_their_grid_exactly(step, start, places):
    whole = [start + place * step for place in places]
    values = pd.Series(whole, dtype="Int64")
    grid = Grid.learn(values)
    assert (np.diff(sorted(whole)) % grid.step == 0).all()
    assert grid.snap(values).tolist() == whole
    if grid.step > 2:
        assert grid.snap(values - 1).tolist() == grid.snap(values + 1).tolist() == whole
