"""SMOTE for regression, and what it calls a rare target."""

import numpy as np
import pandas as pd
import pytest
from scipy import interpolate

from tabsculpt.errors import UserError
from tabsculpt.generators.oversampling.relevance import fences, medcouple, relevance
from tabsculpt.generators.smoter import SMOTER
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Task, conform


@pytest.fixture
def tailed():
    """A target with a long upper tail that grows with a number and goes with a category."""
    rng = np.random.default_rng(7)
    x = np.sort(rng.lognormal(sigma=1.0, size=200))
    y = 3 * x + rng.normal(0, 0.1, 200)
    kind = np.where(x > np.quantile(x, 0.9), "big", rng.choice(["mid", "small"], 200))
    frame = pd.DataFrame({"x": x, "flag": rng.random(200) < 0.5, "kind": kind, "y": y})
    columns = (
        Column("x", Kind.CONTINUOUS),
        Column("flag", Kind.BOOLEAN),
        Column("kind", Kind.CATEGORICAL, ("big", "mid", "small")),
        Column("y", Kind.CONTINUOUS),
    )
    return conform(frame, Schema(columns, "y", Task.REGRESSION))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # as statsmodels 0.15 gives them
        ([1, 2, 3, 4, 5], 0.0),
        ([0, 1, 2, 4, 8, 16, 32], 0.55),
        ([0, 0, 0, 0, 1, 2, 5], 1.0),
        ([-9, -3, -2, 0, 0, 1, 2], -5 / 12),
    ],
)
def test_the_medcouple_of_known_values(values, expected):
    assert medcouple(np.array(values, dtype=float)) == pytest.approx(expected)


def test_relevance_is_hermite_interpolation_between_median_and_fences():
    values = np.random.default_rng(0).lognormal(size=201)
    low, high = fences(values)
    first, third = np.quantile(values, [0.25, 0.75])
    assert third + 1.5 * (third - first) < high  # skewed: the upper fence is further
    curve = interpolate.CubicHermiteSpline([low, np.median(values), high], [1, 0, 1], [0, 0, 0])
    inside = np.linspace(low, high, 50)
    assert relevance(values, inside) == pytest.approx(curve(inside))
    assert relevance(values, np.array([low - 5, high + 5])).tolist() == [1, 1]
    assert relevance(np.ones(9), np.array([1.0, 2.0])).tolist() == [0, 1]


def test_the_target_follows_the_features_and_rows_are_new(tailed):
    sample = SMOTER().fit(tailed, 0, "cpu").sample(1000, 0).frame
    assert np.corrcoef(sample["x"], sample["y"])[0, 1] > 0.99
    assert (sample["y"] - 3 * sample["x"]).std() < 0.6
    assert not set(sample["y"]) & set(tailed.frame["y"])
    assert sample["y"].mean() == pytest.approx(tailed.frame["y"].mean(), rel=0.1)
    assert sample["y"].max() <= tailed.frame["y"].max()
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means["big"] > 2 * means["mid"]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_rare_targets_come_at_the_share_asked_for(tailed, share):
    y = tailed.target
    rare = relevance(y, y) >= 0.8
    assert 0.02 < rare.mean() < 0.2
    sample = SMOTER(rare_share=share).fit(tailed, 0, "cpu").sample(400, 0)
    made = relevance(y, sample.target) >= 0.8
    assert made.mean() == pytest.approx(share, abs=0.01)
    natural = SMOTER().fit(tailed, 0, "cpu").sample(400, 0)
    assert (relevance(y, natural.target) >= 0.8).mean() == pytest.approx(rare.mean(), abs=0.01)


def test_low_and_high_extremes_are_not_mixed():
    rng = np.random.default_rng(3)
    y = np.concatenate([np.linspace(-1, 1, 100), [-50, -51, -52, 50, 51, 52]])
    frame = pd.DataFrame({"x": rng.normal(size=106), "y": y})
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    model = SMOTER(rare_share=0.8).fit(table, 0, "cpu")
    made = np.abs(model.sample(200, 0).target)
    assert not ((made > 8) & (made < 50)).any()
    phrase = "3 rows have a high target: neighbours limited to 2"
    assert Note(Code.FEW_NEIGHBOURS, phrase, 3) in model.notes


def test_the_target_is_nearer_to_that_of_the_nearer_parent():
    frame = pd.DataFrame({"x": [0.0, 10.0], "y": [0.0, 100.0]})
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    sample = SMOTER().fit(table, 0, "cpu").sample(50, 0).frame
    assert sample["y"].to_numpy() == pytest.approx(10 * sample["x"].to_numpy())


def test_no_rare_target_and_single_ones_are_said(line):
    frame = line.frame.assign(y=np.linspace(0, 1, 200))
    even = SMOTER().fit(conform(frame, line.schema), 0, "cpu")
    phrase = "no row has a rare target: rows are made from all alike"
    assert even.notes == (Note(Code.NO_RARE_ROWS, phrase),)
    frame.loc[0, "y"] = 900.0
    model = SMOTER(rare_share=0.5, threshold=1.0).fit(conform(frame, line.schema), 0, "cpu")
    phrase = "1 row has a high target and is repeated"
    assert Note(Code.ROWS_REPEATED, phrase, 1) in model.notes
    assert (model.sample(100, 0).target == 900).sum() == 50


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"neighbours": 0}, "neighbours is 0, expected at least 1"),
        ({"threshold": 0.0}, "threshold is 0.0, expected above 0, at most 1"),
        ({"rare_share": 2.0}, "rare_share is 2.0, expected from 0 to 1 or null"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        SMOTER(**settings)
