"""TabDDPM: its noise against closed forms, and what it learns where the right answer is known."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from tabsculpt.errors import UserError
from tabsculpt.generators.ddpm.ddpm import DDPM, Target
from tabsculpt.generators.ddpm.denoising import RowDiffusion
from tabsculpt.generators.ddpm.diffusion import (
    GaussianDiffusion,
    MultinomialDiffusion,
    cosine_schedule,
)

QUICK = DDPM(steps=400, widths=[96, 96], timesteps=50)
STEPS = 60


@pytest.fixture(scope="module")
def on_line(line):
    return QUICK.fit(line, 0, "cpu")


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


def test_the_schedule_falls_from_all_to_next_to_nothing():
    kept = cosine_schedule(STEPS)
    assert kept[0] == 1
    assert (kept.diff() < 0).all()
    assert kept[STEPS // 2] == pytest.approx(0.5, abs=0.02)
    assert 0 < kept[-1] < 1e-4


def test_numbers_keep_their_variance_and_end_as_noise():
    gaussian = GaussianDiffusion(cosine_schedule(STEPS))
    draws = torch.Generator().manual_seed(0)
    numbers = 2 * (torch.rand((50_000, 1), generator=draws) < 0.5).float() - 1
    for time in (1, STEPS // 2, STEPS):
        noise = torch.randn(numbers.shape, generator=draws)
        noised = gaussian.noised(numbers, gaussian.kept[[time]], noise)
        assert noised.var() == pytest.approx(1, abs=0.02)
        reported = float((noised * numbers).mean())
        assert reported == pytest.approx(math.sqrt(gaussian.kept[time]), abs=0.02)
    assert noised[numbers > 0].mean() == pytest.approx(0, abs=0.02)


def test_velocities_give_the_numbers_back_at_every_time():
    gaussian = GaussianDiffusion(cosine_schedule(STEPS))
    times = torch.arange(1, STEPS + 1)
    draws = torch.Generator().manual_seed(0)
    numbers, noise = (torch.randn((STEPS, 3), generator=draws) for _ in range(2))
    noised = gaussian.noised(numbers, gaussian.kept[times], noise)
    velocity = gaussian.velocity(numbers, times, noise)
    assert torch.allclose(gaussian.start(noised, velocity, times), numbers, atol=1e-5)


def test_the_way_back_of_a_normal_number_is_normal():
    """For a normal number of deviation s the best denoiser is known: so are all its rows."""
    spread = 0.3
    gaussian = GaussianDiffusion(cosine_schedule(STEPS))
    draws = torch.Generator().manual_seed(0)
    numbers = torch.randn((50_000, 1), generator=draws)
    for time in range(STEPS, 0, -1):
        at = torch.tensor([time])
        kept = gaussian.kept[time]
        best = kept.sqrt() * spread**2 / (kept * spread**2 + 1 - kept) * numbers
        left = spread**2 * (1 - kept) / (kept * spread**2 + 1 - kept)
        start = best + left.sqrt() * torch.randn(numbers.shape, generator=draws)
        numbers = gaussian.earlier(numbers, start, at, torch.randn(numbers.shape, generator=draws))
        expected = gaussian.kept[time - 1] * spread**2 + 1 - gaussian.kept[time - 1]
        assert numbers.var() == pytest.approx(float(expected), rel=0.05)
    assert numbers.std() == pytest.approx(spread, rel=0.03)


def enumerated(kept, size, start, now, time):
    """P(code one step earlier | now, start) by Bayes' rule over a table of transitions."""

    def stay(share):
        return share * np.eye(size) + (1 - share) / size

    forward, last = stay(kept[time - 1]), stay(kept[time] / kept[time - 1])
    joint = forward[start] * last[:, now]
    return joint / joint.sum()


@pytest.mark.parametrize("time", [1, 2, STEPS // 2, STEPS])
def test_codes_one_step_earlier_follow_bayes_rule(time):
    kept = cosine_schedule(STEPS)
    codes = MultinomialDiffusion.over(kept, (3, 2))
    start, now = torch.tensor([[2, 0]]), torch.tensor([[1, 0]])
    at = torch.tensor([time])
    found = codes.earlier(codes.certain(now), codes.certain(start), at).exp()[0].numpy()
    known = kept.double().numpy()
    assert found[0] == pytest.approx(enumerated(known, 3, 2, 1, time), abs=1e-4)
    assert found[1, :2] == pytest.approx(enumerated(known, 2, 0, 0, time), abs=1e-4)
    assert found[1, 2] == 0


def test_codes_end_as_uniform_noise_and_are_drawn_at_their_chances():
    kept = cosine_schedule(STEPS)
    codes = MultinomialDiffusion.over(kept, (4, 2))
    start = codes.certain(torch.tensor([[3, 1]]))
    end = codes.noised(start, kept[[STEPS]]).exp()[0]
    assert end[0].numpy() == pytest.approx([0.25] * 4, abs=1e-3)
    assert end[1].numpy() == pytest.approx([0.5, 0.5, 0, 0], abs=1e-3)
    middle = codes.noised(start, torch.tensor([0.5]))
    drawn = codes.draw(middle.expand(40_000, -1, -1), torch.Generator().manual_seed(0))
    assert (drawn[:, 0] == 3).float().mean() == pytest.approx(0.5 + 0.5 / 4, abs=0.01)
    assert (drawn[:, 1] == 1).float().mean() == pytest.approx(0.75, abs=0.01)


def test_a_denoiser_that_knows_the_code_has_no_loss_and_one_that_knows_nothing_its_entropy():
    """The variational bound is tight for one that gives each code its share of all rows."""
    diffusion = RowDiffusion.over(STEPS, (4,), "cpu")
    n = 100_000
    rows = torch.zeros((n, 0)), torch.full((n, 1), 2), torch.zeros((n, 0))

    def knows(inputs):
        return torch.tensor([0.0, 0.0, 50.0, 0.0]).expand(len(inputs), -1)

    def ignorant(inputs):
        return torch.zeros((len(inputs), 4))

    losses = [
        float(diffusion.loss(network, rows, torch.Generator().manual_seed(0)))
        for network in (knows, ignorant)
    ]
    assert losses[0] == pytest.approx(0, abs=1e-4)
    assert losses[1] == pytest.approx(math.log(4), rel=0.04)


def test_the_target_of_a_regression_is_a_column_unless_told_otherwise(line, on_line):
    assert not on_line.parts.condition
    model = replace(QUICK, target=Target.CONDITION).fit(line, 0, "cpu")
    assert model.parts.condition == {"2": ()}
    assert correlation(model.sample(2000, 0)) == pytest.approx(correlation(line), abs=0.03)
    reported = model.sample(300, 1, given={"y": -12.0}).frame
    assert (reported["y"] == -12.0).all()
    assert reported["x"].mean() == pytest.approx(6.3, abs=1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timesteps": 0}, "ddpm: timesteps is 0, expected at least 1"),
        ({"learning_rate": 0.0}, "ddpm: learning_rate is 0.0, expected more than 0"),
        ({"average": 1.0}, "ddpm: average is 1.0, expected at least 0 and less than 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        DDPM(**settings)
