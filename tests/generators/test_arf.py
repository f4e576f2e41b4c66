"""Leaves of forests: what they hold, and rows drawn from them."""

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestClassifier

from tabsculpt.engine.progress import listening
from tabsculpt.errors import UserError
from tabsculpt.generators.arf.arf import ARF
from tabsculpt.generators.arf.leaves import Leaves, Tree, leaf_bounds
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Task, conform


def numbers(frame, target):
    columns = tuple(Column(str(name), Kind.CONTINUOUS) for name in frame)
    return conform(frame, Schema(columns, target, Task.REGRESSION))


@pytest.fixture(scope="module")
def grown():
    """A hundred rows, and trees that tell them from others, with five rows in a leaf."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(100, 3))
    rows[:, 1] += 2 * rows[:, 0]
    both = np.vstack([rows, rng.permuted(rows, axis=0)])
    forest = RandomForestClassifier(10, random_state=0).fit(both, np.repeat([0, 1], 100))
    return rows, [Tree.prune(tree, rows, 5) for tree in forest.estimators_]


def test_every_leaf_has_enough_rows_which_lie_within_its_bounds(grown):
    rows, trees = grown
    leaves, nodes = Leaves.of(trees, rows)
    assert leaves.counts.min() >= 5
    assert leaves.counts.sum() == 1000
    assert len(leaves.counts) > 30
    lows, highs = leaf_bounds(trees, nodes, rows.min(axis=0), rows.max(axis=0))
    leaf = np.repeat(np.arange(len(leaves.counts)), leaves.counts)
    inside = (lows[leaf] <= rows[leaves.members]) & (rows[leaves.members] <= highs[leaf])
    # Only a row whose own branch was too scarce lies beside the leaf that it was put in.
    assert inside.all(axis=1).mean() > 0.6
    means, deviations = leaves.moments(rows)
    third = rows[leaves.members[leaf == 3]]
    assert means[3] == pytest.approx(third.mean(axis=0))
    assert deviations[3] == pytest.approx(third.std(axis=0, ddof=1))


def test_scrambled_rows_keep_a_dependence_that_the_leaves_hold(grown):
    rows, trees = grown
    made = Leaves.of(trees, rows)[0].scramble(rows, 4000, np.random.default_rng(1))
    assert set(made[:, 0]) <= set(rows[:, 0])
    assert np.corrcoef(made[:, 0], made[:, 1])[0, 1] > 0.5
    assert abs(np.corrcoef(made[:, 0], made[:, 2])[0, 1]) < 0.2


def test_dependence_between_numbers_comes_back(line):
    sample = ARF().fit(line, 0, "cpu").sample(2000, 0).frame
    assert np.corrcoef(sample["x"], sample["y"])[0, 1] < -0.85
    assert sample["x"].mean() == pytest.approx(line.frame["x"].mean(), abs=0.3)
    assert sample["x"].std() == pytest.approx(line.frame["x"].std(), rel=0.1)
    assert sample.groupby("kind", observed=True)["x"].mean().diff().iloc[-1] < -4


def test_shares_and_gaps_come_back(skewed, gappy):
    sample = ARF().fit(skewed, 0, "cpu").sample(3000, 0).frame
    shares = sample["kind"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"a": 0.7, "b": 0.25, "c": 0.05}, abs=0.03)
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means.to_dict() == pytest.approx({"a": 0, "b": 5, "c": 10}, abs=1.2)
    gaps = ARF().fit(gappy, 0, "cpu").sample(3000, 0).frame["gaps"]
    assert gaps.isna().mean() == pytest.approx(55 / 300, abs=0.03)
    assert gaps.std() == pytest.approx(gappy.frame["gaps"].std(), rel=0.1)


def test_given_values_are_kept_and_move_the_others(line, classes):
    model = ARF().fit(line, 0, "cpu")
    sample = model.sample(500, 0, given={"x": 15.5}).frame
    assert (sample["x"] == 15.5).all()
    assert sample["y"].mean() == pytest.approx(-31, abs=2)
    assert (sample["kind"] == "high").mean() > 0.9
    both = model.sample(500, 0, given={"x": 15.5, "kind": "low"}).frame
    assert (both["kind"] == "low").all()
    model = ARF().fit(classes, 0, "cpu")
    at_large = model.sample(20_000, 0).frame
    rare = model.sample(2000, 0, given={"kind": "rare"}).frame
    assert rare["x"].mean() == pytest.approx(4, abs=0.6)
    expected = at_large.loc[at_large["kind"] == "rare", "x"]
    assert rare["x"].mean() == pytest.approx(expected.mean(), abs=0.12)
    assert rare["x"].std() == pytest.approx(expected.std(), abs=0.12)


def test_numbers_leave_the_seen_range_only_where_asked(line):
    high = line.frame["x"].max()
    assert ARF().fit(line, 0, "cpu").sample(5000, 0).frame["x"].max() <= high
    beyond = ARF(extrapolate=True).fit(line, 0, "cpu").sample(5000, 0).frame["x"].max()
    assert high < beyond < high + 6


def test_a_few_rows_are_not_copied():
    real = load_diabetes(as_frame=True, scaled=False).frame.sample(10, random_state=0)
    sample = ARF().fit(numbers(real, "target"), 0, "cpu").sample(2000, 0)
    known = set(map(tuple, real.to_numpy()))
    assert not any(tuple(row) in known for row in sample.frame.to_numpy())


def test_rounds_stop_at_chance_and_are_reported(line, gappy):
    heard = []
    with listening(heard.append):
        ARF().fit(line, 0, "cpu")
    assert [one.done for one in heard] == list(range(1, len(heard) + 1))
    assert heard[0].loss > 0.55
    assert heard[-1].loss < heard[0].loss
    assert len(heard) < 10
    heard.clear()
    with listening(heard.append):
        ARF(delta=0.49).fit(line, 0, "cpu")
    assert len(heard) == 1


def test_thousands_of_rows_take_seconds():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(2000, 10)).cumsum(axis=1)).rename(columns="x{}".format)
    start = time.process_time()
    sample = ARF().fit(numbers(frame, "x9"), 0, "cpu").sample(2000, 0).frame
    assert time.process_time() - start < 10
    assert sample[["x8", "x9"]].corr().iloc[0, 1] > 0.8


def test_trees_of_a_long_table_draw_rows_and_leaves_hold_all():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1500)
    table = numbers(pd.DataFrame({"x": x, "y": 2 * x + rng.normal(size=1500)}), "y")
    whole, drawn = (ARF(trees=10, rounds=1, max_rows=m).fit(table, 0, "cpu") for m in (None, 1000))
    phrase = "arf grows each tree on 1,000 of 1,500 training rows, drawn"
    assert drawn.notes == (Note(Code.ROWS_DRAWN, phrase, 1000),)
    assert whole.notes == ARF(trees=10, rounds=1, max_rows=1500).fit(table, 0, "cpu").notes == ()
    assert len(drawn.coverage) < len(whole.coverage)
    assert drawn.sample(1000, 0).frame.corr().iloc[0, 1] > 0.7
    least = drawn.coverage.min() * 10 * 1500
    assert least == pytest.approx(round(least))  # every tree's leaves share all 1,500 rows
    assert least >= 5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_rows": 0}, "max_rows is 0, expected at least 1000"),
        ({"trees": 3}, "trees is 3, expected at least 10"),
        ({"leaf_rows": 1}, "leaf_rows is 1, expected at least 2"),
        ({"rounds": 0}, "rounds is 0, expected at least 1"),
        ({"delta": 0.5}, "delta is 0.5, expected 0 up to 0.5"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        ARF(**settings)


def test_columns_that_nearly_determine_each_other_stay_together_also_where_one_is_given():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    frame = pd.DataFrame(
        {"x": x, "y": 2 * x + 0.1 * rng.normal(size=300), "z": rng.normal(size=300)}
    )
    columns = tuple(Column(name, Kind.CONTINUOUS) for name in frame)
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    model = ARF().fit(table, 0, "cpu")
    made = model.sample(2000, 0).frame
    assert (made["y"] - 2 * made["x"]).std() < 0.4  # 0.1 of the rows; 0.9 if independent
    assert abs(np.corrcoef(made["x"], made["z"])[0, 1]) < 0.1
    told = model.sample(500, 0, given={"x": 1.0}).frame
    assert told["y"].mean() == pytest.approx(2, abs=0.1)
    assert told["y"].std() < 0.3  # 0.1 of the rows; 0.9 if it did not go with x in its leaf
    assert told["z"].mean() == pytest.approx(0, abs=0.3)
