"""Training CTGAN and its autoencoder: when it ends, what it keeps, and what it can be asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tabsculpt.engine.progress import listening
from tabsculpt.errors import UserError
from tabsculpt.generators.ctgan.best import RunningMean
from tabsculpt.generators.ctgan.closeness import column_weights, weighted_distance
from tabsculpt.generators.ctgan.ctgan import CTGAN
from tabsculpt.generators.ctgan.network import Modes
from tabsculpt.generators.ctgan.tvae import PaperTVAE
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.gaussian_copula.normal import draw_normal
from tabsculpt.generators.sampling.given import draw_matching
from tabsculpt.generators.training.dropout import Dropout
from tabsculpt.table import Column, Kind, Schema, Task, conform

TINY = {"embedding_dim": 8, "patience": None}
MODELS = [
    PaperTVAE(**TINY, compress_dims=[8], decompress_dims=[8], steps=200),
    CTGAN(**TINY, generator_dim=[8], discriminator_dim=[8], steps=200, average=0.0, target_steps=0),
]
NAMES = ["tvae", "ctgan"]


def reports(generator, table):
    heard = []
    with listening(heard.append):
        fitted = generator.fit(table, 0, "cpu")
    return heard, fitted


@pytest.mark.parametrize("generator", MODELS, ids=NAMES)
def test_training_says_how_far_it_is_and_how_well_it_goes(generator, line):
    heard, _ = reports(generator, line)
    assert 20 <= len(heard) <= 60
    assert [one.done for one in heard] == sorted({one.done for one in heard})
    assert heard[-1].done == heard[-1].total
    assert all(np.isfinite(one.loss) for one in heard)


def test_the_loss_that_is_reported_falls(line):
    heard, _ = reports(MODELS[0], line)
    losses = [one.loss for one in heard]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


@pytest.mark.parametrize("generator", MODELS, ids=NAMES)
def test_training_stops_where_the_rows_get_no_closer(generator, line):
    long = replace(generator, steps=800, patience=1)
    heard, _ = reports(long, line)
    assert heard[-1].done < heard[-1].total


def test_what_is_kept_is_what_was_closest(line):
    encoding = Encoding.learn(line)
    weights = column_weights(line, encoding, 0)

    def distance(fitted):
        drawn = encoding.encode(fitted.sample(2000, 1), 0)
        return weighted_distance(encoding.encode(line, 0), drawn, encoding.discrete, weights)

    wild = CTGAN(
        embedding_dim=8,
        generator_dim=[8],
        discriminator_dim=[8],
        generator_lr=0.02,
        steps=200,
        target_steps=0,
        calibrate=False,  # it would make both close
    )
    last = distance(replace(wild, patience=None).fit(line, 0, "cpu"))
    kept = distance(replace(wild, patience=100).fit(line, 0, "cpu"))
    assert kept < last - 0.02


@pytest.mark.parametrize("generator", MODELS, ids=NAMES)
def test_looking_does_not_change_the_training(generator, line):
    blind = reports(replace(generator, steps=60), line)[0]
    watched = reports(replace(generator, steps=60, patience=100), line)[0]
    assert blind == watched


def test_numbers_have_no_more_modes_than_allowed(marked):
    modes = {}
    for most in (1, 10):
        generator = replace(MODELS[0], steps=1, max_clusters=most)
        layout = generator.fit(marked, 0, "cpu").layout
        modes[most] = [len(part.means) for part in layout if isinstance(part, Modes)]
    assert modes[1] == [1, 1, 1]
    assert 3 < sum(modes[10]) <= 30


def test_the_running_mean_follows_the_weights_faster_at_first():
    network = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.BatchNorm1d(1))
    mean, copied = RunningMean(0.5), RunningMean(0.0)
    seen = []
    for value in (0.0, 1.0, 1.0, 1.0):
        torch.nn.init.constant_(network[0].weight, value)
        mean.follow(network)
        copied.follow(network)
        seen.append(mean.network[0].weight.item())
    assert seen == pytest.approx([0, 10 / 11, 1 - 1 / 11 * 2 / 12, 1 - 1 / 11 * 2 / 12 * 3 / 13])
    assert copied.network[0].weight.item() == 1
    network[1].running_mean.fill_(7.0)
    copied.follow(network)
    assert copied.network[1].running_mean.item() == 7


@pytest.fixture(scope="module")
def marked():
    """A target made of one of three features; the first feature is noise, the last one constant."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"noise": rng.normal(size=300), "x": rng.normal(size=300)})
    frame["kind"] = np.where(rng.random(300) < 0.5, "a", "b")
    frame["constant"] = 1.0
    frame["y"] = 3 * frame["x"] + 0.1 * rng.normal(size=300)
    kinds = [Kind.CONTINUOUS, Kind.CONTINUOUS, Kind.CATEGORICAL, Kind.CONTINUOUS, Kind.CONTINUOUS]
    columns = tuple(
        Column(name, kind, ("a", "b") if kind is Kind.CATEGORICAL else ())
        for name, kind in zip(frame, kinds, strict=True)
    )
    return conform(frame, Schema(columns, "y", Task.REGRESSION))


def test_columns_count_by_what_they_say_about_the_target_and_that_as_much_as_all(marked):
    weights = column_weights(marked, Encoding.learn(marked), 0)
    assert set(weights) == {"0", "1", "2", "4"}
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["4"] == pytest.approx(0.5)
    assert weights["1"] > 0.4 > 0.05 > weights["0"]


def test_classes_and_constant_targets_have_weights_too(classes, marked):
    weights = column_weights(classes, Encoding.learn(classes), 0)
    assert weights["2"] == pytest.approx(0.5)
    assert weights["0"] > weights["1"]
    frame = marked.frame.assign(y=2.0)
    flat = conform(frame, marked.schema)
    assert column_weights(flat, Encoding.learn(flat), 0) == dict.fromkeys("012", 1 / 3)


def test_the_distance_is_ks_for_numbers_and_total_variation_for_codes():
    real = pd.DataFrame({"0": [0.0, 1.0, 2.0, 3.0], "1": [0, 0, 1, 2]})
    drawn = pd.DataFrame({"0": [2.5, 3.0], "1": [0, 2]})
    assert weighted_distance(real, drawn, ["1"], {"0": 1.0, "1": 0.0}) == pytest.approx(0.75)
    assert weighted_distance(real, drawn, ["1"], {"0": 0.0, "1": 1.0}) == pytest.approx(0.25)
    assert weighted_distance(real, drawn, ["1"], {"0": 0.5, "1": 0.5}) == pytest.approx(0.5)
    assert weighted_distance(real, real, ["1"], {"0": 0.5, "1": 0.5}) == 0


@pytest.mark.parametrize("generator", MODELS, ids=NAMES)
def test_what_cannot_be_given_is_refused(generator, line, skewed):
    quick = replace(generator, steps=5)
    with pytest.raises(UserError, match=r"cannot be asked for a number \(column 'x'\)"):
        quick.fit(line, 0, "cpu").sample(5, 0, given={"x": 10.0})
    with pytest.raises(UserError, match="has no category 'd'; expected a, b, c"):
        quick.fit(skewed, 0, "cpu").sample(5, 0, given={"kind": "d"})


def coins(rng, share):
    return lambda n: pd.DataFrame({"0": (rng.random(n) < share).astype(int), "1": range(n)})


def test_rows_are_drawn_until_enough_match_or_next_to_none_does():
    rng = np.random.default_rng(0)
    rows = draw_matching(coins(rng, 0.01), {"0": 1}, 250)
    assert list(rows["0"]) == [1] * 250
    assert list(rows.index) == list(range(250))
    with pytest.raises(UserError, match="too few to go on"):
        draw_matching(coins(rng, 0.0), {"0": 1}, 5)


def test_normal_draws_meet_points_exactly_and_intervals_as_rejection_does():
    root = np.random.default_rng(1).normal(size=(4, 4))
    covariance = root @ root.T
    rng = np.random.default_rng(2)
    rows = draw_normal(covariance, {1: 0.7}, {}, 40_000, rng)
    gain = covariance[:, 1] / covariance[1, 1]
    assert (rows[:, 1] == 0.7).all()
    assert rows.mean(axis=0) == pytest.approx(gain * 0.7, abs=0.05)
    assert np.cov(rows.T) == pytest.approx(
        covariance - np.outer(gain, gain) * covariance[1, 1], abs=0.1
    )
    ends = {0: (0.5, np.inf), 3: (-1.0, 0.2)}
    given = draw_normal(covariance, {}, ends, 20_000, rng)
    free = draw_normal(covariance, {}, {}, 400_000, rng)
    free = free[(free[:, 0] > 0.5) & (free[:, 3] > -1.0) & (free[:, 3] < 0.2)]
    assert len(free) > 5000
    assert given[:, 0].min() >= 0.5
    assert given.mean(axis=0) == pytest.approx(free.mean(axis=0), abs=0.06)
    assert given.std(axis=0) == pytest.approx(free.std(axis=0), rel=0.06)


def test_normal_draws_survive_columns_that_determine_each_other():
    twins = np.ones((2, 2))
    rows = draw_normal(twins, {0: 1.5}, {}, 100, np.random.default_rng(0))
    assert rows == pytest.approx(1.5)
    rows = draw_normal(twins, {}, {0: (1.0, 2.0), 1: (-np.inf, 1.5)}, 100, np.random.default_rng(0))
    assert ((rows >= 1 - 1e-4) & (rows <= 2)).all()


def test_dropout_keeps_the_mean_and_does_nothing_once_trained():
    dropout, units = Dropout(0.25), torch.ones((400, 50))
    torch.manual_seed(0)
    seen = dropout(units)
    assert seen.unique().tolist() == pytest.approx([0, 4 / 3])
    assert float((seen == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert torch.equal(dropout.eval()(units), units)
