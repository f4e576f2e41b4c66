"""The Wasserstein GAN: its gradient penalty, and what it learns where the right answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tabsculpt.errors import UserError
from tabsculpt.generators.training.critic import build_critic, critic_outputs, gradient
from tabsculpt.generators.wgan_gp.wgan_gp import WGANGP
from tabsculpt.table import Column, Kind, Schema, Task, conform

QUICK = WGANGP()


@pytest.fixture(scope="module")
def on_line(line):
    return QUICK.fit(line, 0, "cpu")


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_critics_slope_and_its_own_slope_are_those_that_torch_differentiates(dropout):
    torch.manual_seed(0)
    critic = build_critic(5, [16, 8])
    rows = torch.randn((20, 5), requires_grad=True)
    verdicts, units = critic_outputs(critic, rows, torch.Generator().manual_seed(1), dropout)
    slopes = gradient(critic, units)
    (expected,) = torch.autograd.grad(verdicts.sum(), rows, create_graph=True)
    assert torch.allclose(slopes, expected, atol=1e-6)
    first = critic[0].weight
    mine = torch.autograd.grad(slopes.norm(dim=1).sum(), first, retain_graph=True)[0]
    theirs = torch.autograd.grad(expected.norm(dim=1).sum(), first)[0]
    assert torch.allclose(mine, theirs, atol=1e-5)


def test_it_learns_marginals_correlation_and_category(line, on_line):
    sample = on_line.sample(2000, 0)
    assert correlation(sample) < -0.85
    for name in ("x", "y"):
        real, made = line.frame[name], sample.frame[name]
        assert made.mean() == pytest.approx(real.mean(), abs=0.4 * real.std())
        assert made.std() == pytest.approx(real.std(), rel=0.35)
    means = sample.frame.groupby("kind", observed=True)["x"].mean()
    assert means["high"] > means["low"] + 2


def test_the_rest_of_a_row_goes_with_a_given_target_or_category(on_line):
    for y in (-12.0, -28.0):
        reported = on_line.sample(300, 1, given={"y": y}).frame
        assert (reported["y"] == y).all()
        assert reported["x"].mean() == pytest.approx(-y / 2, abs=2)
    high = on_line.sample(100, 1, given={"kind": "high"}).frame
    assert (high["kind"] == "high").all()
    assert high["x"].mean() > 12
    with pytest.raises(UserError, match="wgan_gp cannot be asked for a number"):
        on_line.sample(5, 0, given={"x": 1.0})


def test_classes_come_at_their_share_and_apart(classes):
    model = QUICK.fit(classes, 0, "cpu")
    sample = model.sample(2000, 0).frame
    assert (sample["kind"] == "rare").mean() == pytest.approx(0.2, abs=0.03)
    means = [model.sample(500, 1, given={"kind": k}).frame["x"].mean() for k in ("common", "rare")]
    real = classes.frame.groupby("kind", observed=True)["x"].mean()
    assert means == pytest.approx(real.tolist(), abs=2)


def test_common_categories_and_gaps_come_near_their_share(skewed, gappy):
    columns = (*gappy.schema.columns[:1], *skewed.schema.columns)
    frame = skewed.frame.assign(gaps=gappy.frame["gaps"])
    both = conform(frame, replace(skewed.schema, columns=columns))
    sample = QUICK.fit(both, 0, "cpu").sample(2000, 0).frame
    shares = sample["kind"].value_counts(normalize=True)
    assert shares["b"] == pytest.approx(0.25, abs=0.1)
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means["a"] < 2 < means["b"] < 7
    assert sample["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.1)


def test_epochs_are_passes_of_the_critic():
    settings = WGANGP(epochs=500, batch_size=64)
    assert settings._settings(168).steps == 263  # 500 x 168 rows, 5 x 64 of them in each update


def test_a_training_that_diverges_says_so(line):
    with pytest.raises(ValueError, match="diverged"):
        replace(QUICK, critic_lr=1e30, steps=60).fit(line, 0, "cpu")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"critic_steps": 0}, "wgan_gp: critic_steps is 0, expected at least 1"),
        ({"generator_lr": -1.0}, "wgan_gp: generator_lr is -1.0, expected more than 0"),
        ({"beta2": 1.0}, "wgan_gp: beta2 is 1.0, expected at least 0 and less than 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        WGANGP(**settings)


def test_a_single_normal_column_stays_where_it_is():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=300), "y": rng.normal(size=300)})
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    found = [QUICK.fit(table, seed, "cpu").sample(1000, 0).frame["x"] for seed in (0, 1)]
    assert max(abs(x.mean()) for x in found) < 0.3
    assert [x.std() for x in found] == pytest.approx([1, 1], abs=0.3)
    as_published = replace(QUICK, one_sided=False, target_steps=0, extrapolate=True)
    drifted = as_published.fit(table, 0, "cpu").sample(1000, 0).frame["x"]
    assert abs(drifted.mean()) > 1
