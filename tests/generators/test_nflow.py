"""What a trained flow has learned, where the right answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tabsculpt.engine.progress import listening
from tabsculpt.errors import UserError
from tabsculpt.generators.bootstrap import FittedBootstrap
from tabsculpt.generators.nflow import NFlow
from tabsculpt.table import Column, Kind, Schema, Task, conform

DEFAULT = NFlow()


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


def test_it_learns_a_strong_correlation_and_keeps_the_marginals(line):
    model = DEFAULT.fit(line, 0, "cpu")
    sample = model.sample(2000, 0)
    assert correlation(sample) == pytest.approx(correlation(line), abs=0.06)
    for name in ("x", "y"):
        real, drawn = line.frame[name], sample.frame[name]
        assert drawn.mean() == pytest.approx(real.mean(), abs=0.25 * real.std())
        assert drawn.std() == pytest.approx(real.std(), rel=0.2)
    means = sample.frame.groupby("kind", observed=True)["x"].mean()
    assert means["high"] > 13 > 11 > means["low"]


def test_values_are_missing_at_the_rate_of_the_training_rows(gappy):
    sample = DEFAULT.fit(gappy, 0, "cpu").sample(2000, 0)
    assert sample.frame["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.06)
    assert abs(sample.frame.corr().iloc[0, 1]) < 0.2


def test_categories_come_at_their_shares_with_the_numbers_that_go_with_them(skewed):
    sample = DEFAULT.fit(skewed, 0, "cpu").sample(2000, 0)
    shares = sample.frame["kind"].value_counts(normalize=True)
    assert shares["a"] == pytest.approx(0.70, abs=0.06)
    assert shares["b"] == pytest.approx(0.25, abs=0.06)
    assert shares["c"] == pytest.approx(0.05, abs=0.03)
    means = sample.frame.groupby("kind", observed=True)["y"].mean()
    assert means["a"] == pytest.approx(0, abs=0.7)
    assert means["b"] == pytest.approx(5, abs=1.2)
    assert means["c"] == pytest.approx(10, abs=2)


def test_rows_of_a_given_class_have_that_class_and_its_numbers(classes):
    model = DEFAULT.fit(classes, 0, "cpu")
    for kind, mean in (("common", 0), ("rare", 4)):
        sample = model.sample(300, 1, given={"kind": kind})
        assert len(sample) == 300
        assert set(sample.frame["kind"]) == {kind}
        assert sample.frame["x"].mean() == pytest.approx(mean, abs=0.7)
        assert sample.frame["x"].std() < 2.1
    with pytest.raises(UserError, match="nflow cannot be asked for a number"):
        model.sample(5, 0, given={"x": 1.0})


def test_numbers_leave_the_range_only_where_asked(line):
    bound, free = (replace(DEFAULT, extrapolate=e).fit(line, 0, "cpu") for e in (False, True))
    low, high = line.frame["x"].min(), line.frame["x"].max()
    inside, beyond = (model.sample(5000, 3).frame["x"] for model in (bound, free))
    assert inside.between(low, high).all()
    assert 0.0005 < (~beyond.between(low, high)).mean() < 0.05


def test_couplings_learn_the_correlation_too(line):
    generator = NFlow(transforms=6, coupling=True, dropout=0.05, steps=250)
    sample = generator.fit(line, 0, "cpu").sample(1000, 0)
    assert correlation(sample) < -0.8


def test_it_stops_early_on_few_rows_and_takes_all_steps_without_a_holdout(line):
    def steps(generator):
        seen = []
        with listening(seen.append):
            generator.fit(line.take(range(12)), 0, "cpu")
        assert np.isfinite([one.loss for one in seen]).all()
        return seen[-1].done

    assert steps(NFlow()) < 1500
    assert steps(NFlow(holdout=0.0, steps=60)) == 60
    assert steps(NFlow(holdout=0.0, epochs=7, batch_size=5)) == 21


def test_one_varying_column_is_learned_and_none_is_repeated():
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    frame = pd.DataFrame({"x": 3.0, "y": np.random.default_rng(0).normal(5, 1, size=40)})
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    sample = NFlow(holdout=0.0, steps=600).fit(table, 0, "cpu").sample(500, 0)
    assert set(sample.frame["x"]) == {3.0}
    assert sample.frame["y"].mean() == pytest.approx(frame["y"].mean(), abs=0.4)
    assert sample.frame["y"].std() == pytest.approx(frame["y"].std(), rel=0.4)
    same = NFlow().fit(table.take([2, 2, 2, 2]), 0, "cpu")
    assert isinstance(same, FittedBootstrap)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"transforms": 0}, "nflow: transforms is 0, expected at least 1"),
        ({"bins": 1}, "nflow: bins is 1, expected at least 2"),
        ({"batch_size": 0}, "nflow: batch_size is 0, expected at least 1"),
        ({"epochs": 0}, "nflow: epochs is 0, expected at least 1"),
        ({"holdout": 1.0}, "nflow: holdout is 1.0, expected at least 0 and less than 1"),
        ({"dropout": -0.1}, "nflow: dropout is -0.1, expected at least 0 and less than 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        NFlow(**settings)


def test_a_stored_flow_needs_the_settings_it_was_trained_with(line, tmp_path):
    NFlow(steps=3).fit(line, 0, "cpu").save(tmp_path)
    with pytest.raises(RuntimeError, match="state_dict"):
        NFlow(bins=4).load(tmp_path)


def test_a_gpu_is_refused_where_there_is_none(line):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(UserError, match="use device=cpu"):
        NFlow().fit(line, 0, "cuda")
