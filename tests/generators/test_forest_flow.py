"""Flow matching by trees: what it learns, where the right answer is known."""

import numpy as np
import pandas as pd
import pytest

from tabsculpt.engine.progress import listening
from tabsculpt.errors import UserError
from tabsculpt.generators.forest_flow.flow import Flow, Trees
from tabsculpt.generators.forest_flow.forest_flow import ForestFlow
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Task, conform


def test_dependence_between_numbers_and_classes_comes_back(line):
    sample = ForestFlow().fit(line, 0, "cpu").sample(2000, 0).frame
    assert np.corrcoef(sample["x"], sample["y"])[0, 1] < -0.93
    assert sample["x"].mean() == pytest.approx(line.frame["x"].mean(), abs=0.4)
    assert sample["x"].std() == pytest.approx(line.frame["x"].std(), rel=0.1)
    assert sample.groupby("kind", observed=True)["x"].mean().diff().iloc[-1] < -4


def test_trees_learn_the_curve_that_the_linear_part_cannot():
    x = np.random.default_rng(0).uniform(-1, 1, size=400)
    columns = Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)
    frame = pd.DataFrame({"x": x, "y": x**2})
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    off = {}
    for rounds in (0, 20):
        drawn = ForestFlow(rounds=rounds).fit(table, 0, "cpu").sample(1000, 0).frame
        off[rounds] = (drawn["y"] - drawn["x"] ** 2).abs().median()
    assert off[0] > 0.15
    assert off[20] < 0.07


def test_the_linear_part_is_the_flow_of_a_normal_distribution():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4000, 2)) @ np.array([[1.0, 0.9], [0.0, np.sqrt(1 - 0.81)]])
    flow = Flow.learn(rows, 2, np.empty((4000, 0)), Trees(50, 5, 20_000, 0, 4, 0.3), 0)
    # At time t the velocity of normal rows is (t S - (1 - t) I) (t^2 S + (1 - t)^2 I)^-1 x.
    covariance, t = np.corrcoef(rows.T), 0.6
    inner = t**2 * covariance + (1 - t) ** 2 * np.eye(2)
    expected = (t * covariance - (1 - t) * np.eye(2)) @ np.linalg.inv(inner)
    assert flow.lines[30][:2] == pytest.approx(expected, abs=0.06)
    drawn = flow.draw(np.empty((4000, 0)), np.random.default_rng(1))
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.9, abs=0.02)
    assert drawn.std(axis=0) == pytest.approx(rows.std(axis=0), rel=0.05)


def test_shares_and_gaps_come_back(skewed, gappy):
    sample = ForestFlow().fit(skewed, 0, "cpu").sample(3000, 0).frame
    shares = sample["kind"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"a": 0.7, "b": 0.25, "c": 0.05}, abs=0.04)
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means.to_dict() == pytest.approx({"a": 0, "b": 5, "c": 10}, abs=1.2)
    gaps = ForestFlow().fit(gappy, 0, "cpu").sample(3000, 0).frame["gaps"]
    assert gaps.isna().mean() == pytest.approx(55 / 300, abs=0.06)


def test_a_class_is_told_and_a_number_cannot_be_given(classes, line):
    model = ForestFlow().fit(classes, 0, "cpu")
    rare = model.sample(1000, 0, given={"kind": "rare"}).frame
    assert rare["x"].mean() == pytest.approx(4, abs=0.4)
    low = ForestFlow().fit(line, 0, "cpu")
    assert set(low.sample(50, 0, given={"kind": "low"}).frame["kind"]) == {"low"}
    with pytest.raises(UserError, match="forest_flow cannot be asked for a number"):
        low.sample(5, 0, given={"x": 10.0})


def test_a_long_table_is_drawn_from_and_says_so(line):
    heard = []
    with listening(heard.append):
        model = ForestFlow(most=100, steps=4).fit(line, 0, "cpu")
    phrase = "forest_flow learns each of 4 times on 100 of 200 training rows, drawn anew"
    assert model.notes == (Note(Code.ROWS_DRAWN, phrase, 100),)
    assert [one.done for one in heard] == [1, 2, 3, 4] * 2  # the features, then the target
    assert ForestFlow(most=200, steps=4).fit(line, 0, "cpu").notes == ()
