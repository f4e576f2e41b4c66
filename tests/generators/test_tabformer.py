"""What a trained transformer has learned, where the right answer is known."""

import numpy as np
import pandas as pd
import pytest
import torch

from tabsculpt.engine.progress import listening
from tabsculpt.errors import UserError
from tabsculpt.generators.bootstrap import FittedBootstrap
from tabsculpt.generators.tabformer.tabformer import TabFormer
from tabsculpt.table import Column, Kind, Schema, Task, conform

QUICK = TabFormer(steps=400)


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


@pytest.fixture(scope="module")
def of_line(line):
    return QUICK.fit(line, 0, "cpu")


def test_it_learns_a_strong_correlation_and_keeps_the_marginals(line, of_line):
    sample = of_line.sample(2000, 0)
    assert correlation(sample) < -0.85
    for name in ("x", "y"):
        real, drawn = line.frame[name], sample.frame[name]
        assert drawn.mean() == pytest.approx(real.mean(), abs=0.35 * real.std())
        assert drawn.std() == pytest.approx(real.std(), rel=0.3)
    means = sample.frame.groupby("kind", observed=True)["x"].mean()
    assert means["high"] > 13 > 11 > means["low"]


def test_numbers_within_a_bin_are_new_ones(line, of_line):
    drawn = of_line.sample(500, 1).frame["x"]
    assert drawn.nunique() > 400
    assert not drawn.isin(line.frame["x"]).all()


def test_any_column_can_be_given_a_number_too(of_line):
    for x in (6.0, 14.0):
        sample = of_line.sample(200, 2, given={"x": x})
        assert (sample.frame["x"] == x).all()
        assert sample.frame["y"].mean() == pytest.approx(-2 * x, abs=3.5)
    both = of_line.sample(50, 2, given={"kind": "low", "y": -16.0})
    assert set(both.frame["kind"]) == {"low"}
    assert (both.frame["y"] == -16.0).all()
    assert both.frame["x"].mean() == pytest.approx(8, abs=2)


def test_rows_of_a_given_class_have_that_class_and_its_numbers(classes):
    model = QUICK.fit(classes, 0, "cpu")
    for kind, mean in (("common", 0), ("rare", 4)):
        sample = model.sample(300, 1, given={"kind": kind})
        assert set(sample.frame["kind"]) == {kind}
        assert sample.frame["x"].mean() == pytest.approx(mean, abs=1.5)
    shares = model.sample(2000, 1).frame["kind"].value_counts(normalize=True)
    assert shares["rare"] == pytest.approx(0.2, abs=0.12)


def test_values_are_missing_at_the_rate_of_the_training_rows(gappy):
    sample = QUICK.fit(gappy, 0, "cpu").sample(2000, 0)
    assert sample.frame["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.1)
    assert abs(sample.frame.corr().iloc[0, 1]) < 0.2


def test_categories_come_at_their_shares_with_the_numbers_that_go_with_them(skewed):
    sample = QUICK.fit(skewed, 0, "cpu").sample(2000, 0)
    shares = sample.frame["kind"].value_counts(normalize=True)
    assert shares["a"] == pytest.approx(0.70, abs=0.06)
    assert shares["b"] == pytest.approx(0.25, abs=0.06)
    assert shares["c"] == pytest.approx(0.05, abs=0.03)
    means = sample.frame.groupby("kind", observed=True)["y"].mean()
    assert means["a"] == pytest.approx(0, abs=0.7)
    assert means["b"] == pytest.approx(5, abs=1.2)
    assert means["c"] == pytest.approx(10, abs=2.5)


def test_with_many_rows_a_bin_departs_from_its_neighbours():
    """Numbers near three places, or near the two places between these, as a category says."""
    rng = np.random.default_rng(0)
    odd = rng.random(3000) < 0.5
    places = np.where(odd, rng.choice([-3, 3], size=3000), rng.choice([-6, 0, 6], size=3000))
    columns = (Column("kind", Kind.CATEGORICAL, ("even", "odd")), Column("x", Kind.CONTINUOUS))
    x = places + rng.normal(size=3000) / 4
    frame = pd.DataFrame({"kind": np.where(odd, "odd", "even"), "x": x})
    table = conform(frame, Schema(columns, "x", Task.REGRESSION))
    sample = TabFormer(steps=400).fit(table, 0, "cpu").sample(2000, 0).frame
    nearest_odd = (sample["x"] / 3).round() % 2 == 1
    assert (nearest_odd == (sample["kind"] == "odd")).mean() > 0.85


def test_it_stops_early_on_few_rows_and_takes_all_steps_without_a_holdout(line):
    def steps(generator):
        seen = []
        with listening(seen.append):
            generator.fit(line.take(range(12)), 0, "cpu")
        assert np.isfinite([one.loss for one in seen]).all()
        return seen[-1].done

    assert steps(TabFormer()) < 800
    assert steps(TabFormer(holdout=0.0, steps=30)) == 30
    assert steps(TabFormer(holdout=0.0, epochs=4, batch_size=5)) == 12


def test_rows_that_are_all_the_same_are_repeated(line):
    same = TabFormer().fit(line.take([2, 2, 2, 2]), 0, "cpu")
    assert isinstance(same, FittedBootstrap)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": 0}, "tabformer: layers is 0, expected at least 1"),
        ({"bins": 1}, "tabformer: bins is 1, expected at least 2"),
        ({"width": 30}, "tabformer: width is 30, expected a multiple of heads=4"),
        ({"dropout": 1.0}, "tabformer: dropout is 1.0, expected at least 0 and less than 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        TabFormer(**settings)


def test_a_stored_transformer_needs_the_settings_it_was_trained_with(line, tmp_path):
    TabFormer(steps=2).fit(line, 0, "cpu").save(tmp_path)
    with pytest.raises(RuntimeError, match="state_dict"):
        TabFormer(width=32).load(tmp_path)


def test_a_gpu_is_refused_where_there_is_none(line):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(UserError, match="use device=cpu"):
        TabFormer().fit(line, 0, "cuda")
