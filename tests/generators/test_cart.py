"""Sequential trees: what they learn, where the right answer is known."""

import time

import numpy as np
import pandas as pd
import pytest

from tabsculpt.errors import UserError
from tabsculpt.generators.cart.cart import CART
from tabsculpt.table import Column, Kind, Schema, Task, conform


def numbers(frame):
    columns = tuple(Column(name, Kind.CONTINUOUS) for name in frame)
    return conform(frame, Schema(columns, str(frame.columns[-1]), Task.REGRESSION))


def test_dependence_between_numbers_and_classes_comes_back(line):
    sample = CART().fit(line, 0, "cpu").sample(2000, 0).frame
    assert np.corrcoef(sample["x"], sample["y"])[0, 1] < -0.93
    assert sample["x"].mean() == pytest.approx(line.frame["x"].mean(), abs=0.3)
    assert sample["x"].std() == pytest.approx(line.frame["x"].std(), rel=0.1)
    assert sample.groupby("kind", observed=True)["x"].mean().diff().iloc[-1] < -4


def test_a_curve_that_no_correlation_shows_comes_back():
    x = np.random.default_rng(0).uniform(-1, 1, size=400)
    table = numbers(pd.DataFrame({"x": x, "y": x**2}))
    sample = CART().fit(table, 0, "cpu").sample(1000, 0).frame
    assert (sample["y"] - sample["x"] ** 2).abs().median() < 0.03


def test_shares_gaps_and_the_class_of_a_gap_come_back(skewed, gappy):
    sample = CART().fit(skewed, 0, "cpu").sample(3000, 0).frame
    shares = sample["kind"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"a": 0.7, "b": 0.25, "c": 0.05}, abs=0.03)
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means.to_dict() == pytest.approx({"a": 0, "b": 5, "c": 10}, abs=0.8)
    frame = gappy.frame.assign(y=gappy.frame["gaps"].isna() * 8.0 + gappy.frame["y"])
    gaps = CART().fit(conform(frame, gappy.schema), 0, "cpu").sample(3000, 0).frame
    assert gaps["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.03)
    assert gaps["y"][gaps["gaps"].isna()].mean() == pytest.approx(8, abs=0.5)
    assert gaps["y"][gaps["gaps"].notna()].mean() == pytest.approx(0, abs=0.3)


def test_codes_that_mean_something_only_together_are_split_together():
    rng = np.random.default_rng(0)
    kind = rng.integers(8, size=600)
    frame = pd.DataFrame({"kind": kind.astype(str), "y": 9.0 * (kind % 2) + rng.normal(size=600)})
    columns = Column("kind", Kind.CATEGORICAL, tuple("01234567")), Column("y", Kind.CONTINUOUS)
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    # A leaf of a fourth of the rows leaves at most three splits: alternating codes take seven.
    sample = CART(leaf_rows=150).fit(table, 0, "cpu").sample(2000, 0).frame
    odd = sample["kind"].astype(int) % 2 == 1
    assert sample["y"][odd].min() > 4
    assert sample["y"][~odd].max() < 5


def test_numbers_lie_between_those_of_the_table_where_they_are_smoothed(line):
    known = set(line.frame["x"].round(9))
    drawn = CART(smooth=False).fit(line, 0, "cpu").sample(500, 0).frame
    assert set(drawn["x"].round(9)) <= known
    smoothed = CART().fit(line, 0, "cpu").sample(500, 0).frame["x"].round(9)
    assert smoothed.isin(known).mean() < 0.1


def test_rows_are_not_copied(line):
    known = set(map(tuple, line.frame.to_numpy()))
    drawn = CART().fit(line, 0, "cpu").sample(2000, 0).frame
    assert not any(tuple(row) in known for row in drawn.to_numpy())


def test_the_order_says_what_is_drawn_from_what(line):
    first = CART(order=["y"]).fit(line, 0, "cpu")
    assert first.order == ("2", "0", "1")
    assert CART().fit(line, 0, "cpu").order == ("0", "1", "2")
    assert len(first.leaves["2"].tree.left) == 1
    with pytest.raises(UserError, match=r"unknown column of generator\.order 'z'"):
        CART(order=["z"]).fit(line, 0, "cpu")


def test_a_given_class_moves_the_others_and_a_number_cannot_be_given(classes, line):
    model = CART().fit(classes, 0, "cpu")
    rare = model.sample(1000, 0, given={"kind": "rare"}).frame
    assert rare["x"].mean() == pytest.approx(4, abs=0.4)
    with pytest.raises(UserError, match="cart cannot be asked for a number"):
        CART().fit(line, 0, "cpu").sample(5, 0, given={"x": 10.0})


def test_thousands_of_rows_take_seconds():
    rng = np.random.default_rng(4)
    table = numbers(pd.DataFrame(rng.normal(size=(5000, 10)).cumsum(axis=1)).add_prefix("x"))
    start = time.process_time()
    sample = CART().fit(table, 0, "cpu").sample(5000, 0).frame
    assert time.process_time() - start < 5
    assert sample[["x8", "x9"]].corr().iloc[0, 1] > 0.9
