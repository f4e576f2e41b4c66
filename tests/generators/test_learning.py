"""What a trained generator has learned, where the right answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from tabsculpt.errors import UserError
from tabsculpt.generators.bootstrap import Bootstrap
from tabsculpt.generators.ctgan.ctgan import CTGAN
from tabsculpt.generators.gaussian_copula.gaussian_copula import GaussianCopula, Marginal
from tabsculpt.generators.tvae.tvae import TVAE

QUICK = [TVAE(steps=300), CTGAN(steps=300, generator_lr=1e-3), GaussianCopula()]
WIDE = [TVAE(steps=300), CTGAN(steps=100), GaussianCopula(Marginal.NORM)]


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


def test_tvae_reproduces_a_strong_correlation(line):
    sample = TVAE().fit(line, 0, "cpu").sample(1000, 0)
    assert correlation(line) == pytest.approx(-0.97, abs=0.01)
    assert correlation(sample) < -0.85


def test_ctgan_learns_the_sign_of_a_correlation(line):
    sample = CTGAN(steps=600).fit(line, 0, "cpu").sample(1000, 0)
    assert correlation(sample) < -0.5


@pytest.mark.extra("sdv")
def test_the_copula_reproduces_correlation_and_marginals(line):
    sample = GaussianCopula().fit(line, 0, "cpu").sample(2000, 0)
    assert correlation(sample) == pytest.approx(correlation(line), abs=0.03)
    assert sample.frame["x"].mean() == pytest.approx(line.frame["x"].mean(), abs=0.3)
    assert sample.frame["x"].std() == pytest.approx(line.frame["x"].std(), rel=0.1)
    high = (line.frame["kind"] == "high").mean()
    assert (sample.frame["kind"] == "high").mean() == pytest.approx(high, abs=0.04)
    assert sample.frame.groupby("kind", observed=True)["x"].mean().diff().iloc[-1] < -1


@pytest.mark.parametrize("generator", QUICK)
def test_rows_of_a_given_class_look_like_its_rows(generator, classes):
    model = generator.fit(classes, 0, "cpu")
    common, rare = (
        model.sample(1000, 0, given={"kind": kind}).frame for kind in ("common", "rare")
    )
    assert set(common["kind"]) == {"common"}
    assert set(rare["kind"]) == {"rare"}
    # A copula sees a class through one correlation with a step in the middle: some of it is lost.
    assert 2 < rare["x"].mean() - common["x"].mean() < 6.5
    assert rare["z"].mean() == pytest.approx(common["z"].mean(), abs=0.6)


@pytest.mark.extra("sdv")
def test_the_copula_conditions_on_numbers(line):
    model = GaussianCopula().fit(line, 0, "cpu")
    for x in (7.0, 10.0, 13.0):
        sample = model.sample(1000, 0, given={"x": x}).frame
        assert (sample["x"] == x).all()
        assert sample["y"].mean() == pytest.approx(-2 * x, abs=0.8)
        assert sample["y"].std() == pytest.approx(1.5, rel=0.3)
    low = model.sample(1000, 0, given={"y": -30.0, "kind": "low"}).frame
    assert set(low["kind"]) == {"low"}
    assert low["x"].mean() == pytest.approx(14.7, abs=0.8)
    beyond = model.sample(10, 0, given={"x": 1000.0}).frame
    assert (beyond["x"] == 1000.0).all()
    assert beyond["y"].max() < line.frame["y"].quantile(0.1)


@pytest.mark.parametrize("generator", WIDE)
def test_numbers_leave_the_range_of_the_training_rows_only_where_asked(generator, line):
    low, high = line.frame["x"].min(), line.frame["x"].max()
    for extrapolate in (False, True):
        model = replace(generator, extrapolate=extrapolate).fit(line, 0, "cpu")
        drawn = model.sample(20_000, 0).frame["x"]
        assert (drawn.min() < low or high < drawn.max()) == extrapolate
        assert drawn.between(low - (high - low), high + (high - low)).all()


@pytest.mark.extra("sdv")
@pytest.mark.parametrize("marginal", Marginal)
def test_every_marginal_of_the_copula_survives_being_stored(marginal, line, tmp_path):
    generator = GaussianCopula(marginal)
    model = generator.fit(line, 0, "cpu")
    model.save(tmp_path)
    sample = model.sample(50, 1)
    assert generator.load(tmp_path).sample(50, 1).fingerprint() == sample.fingerprint()
    assert correlation(sample) < -0.6


@pytest.mark.parametrize("generator", QUICK)
def test_values_are_missing_at_about_the_rate_of_the_training_rows(generator, gappy):
    sample = generator.fit(gappy, 0, "cpu").sample(2000, 0)
    assert sample.frame["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.12)
    assert sample.frame["gaps"].std() == pytest.approx(gappy.frame["gaps"].std(), rel=0.6)


@pytest.mark.parametrize("generator", QUICK)
def test_rare_categories_come_at_their_share(generator, skewed):
    sample = generator.fit(skewed, 0, "cpu").sample(2000, 0)
    shares = sample.frame["kind"].value_counts(normalize=True)
    assert shares["a"] == pytest.approx(0.70, abs=0.1)
    assert shares["b"] == pytest.approx(0.25, abs=0.1)
    assert shares["c"] == pytest.approx(0.05, abs=0.04)
    means = sample.frame.groupby("kind", observed=True)["y"].mean()
    assert means["a"] < means["b"] < means["c"]


def test_the_bootstrap_draws_whole_rows_each_as_likely_as_any_other(line):
    sample = Bootstrap().fit(line, 0, "cpu").sample(20_000, 0)
    known = {x: row for row, x in enumerate(line.frame["x"])}
    rows = np.array([known[x] for x in sample.frame["x"]])
    assert (line.frame["y"].to_numpy()[rows] == sample.frame["y"]).all()
    counts = np.bincount(rows, minlength=200)
    assert counts.min() > 50
    assert counts.max() < 160


def test_a_stored_network_needs_the_settings_it_was_trained_with(line, tmp_path):
    small = TVAE(decompress_dims=[16], steps=5)
    small.fit(line, 0, "cpu").save(tmp_path)
    with pytest.raises(RuntimeError, match="state_dict"):
        replace(small, decompress_dims=[8]).load(tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 25}, r"batch_size is 25, expected a multiple of 2 \(.*pac=1\)"),
        ({"batch_size": 100, "pac": 8}, "batch_size is 100, expected a multiple of 8"),
        ({"batch_size": 0}, "batch_size is 0, expected a multiple of 2"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"patience": 0}, "patience is 0, expected at least 1"),
        ({"average": 1.0}, "average is 1.0, expected at least 0 and less than 1"),
    ],
)
def test_impossible_settings_of_ctgan_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        CTGAN(**settings)


def test_a_gpu_is_refused_where_there_is_none(line):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(UserError, match="use device=cpu"):
        TVAE().fit(line, 0, "cuda")
