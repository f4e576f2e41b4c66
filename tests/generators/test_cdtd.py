"""CDTD: its noise and its way back against closed forms, and what it learns of known rows."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tabsculpt.errors import UserError
from tabsculpt.generators.cdtd.cdtd import CDTD
from tabsculpt.generators.cdtd.network import RowDenoiser
from tabsculpt.generators.cdtd.schedule import LEAST, MOST, NoiseSchedule
from tabsculpt.generators.cdtd.solver import solve
from tabsculpt.table import Column, Kind, Schema, Task, conform

QUICK = CDTD(steps=400, widths=[96, 96], learning_rate=4e-3, sampling_steps=30)


@pytest.fixture(scope="module")
def on_line(line):
    return QUICK.fit(line, 0, "cpu")


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def untrained(numbers, sizes, dim=4):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return RowDenoiser(numbers, sizes, 0, [8], 0, dim)


def test_noise_rises_with_time_between_its_ends_and_is_half_way_at_its_centre():
    schedule = NoiseSchedule([1.0, 3.0])
    with torch.no_grad():
        noise = schedule.noise(torch.linspace(0, 1, 201))
    assert (noise.diff(dim=0) > 0).all()
    assert noise[0].tolist() == pytest.approx([LEAST] * 2, rel=1e-3)
    assert noise[-1].tolist() == pytest.approx([MOST] * 2, rel=1e-2)
    assert noise[100].tolist() == pytest.approx([1, 3], rel=0.02)


def test_the_schedule_moves_to_where_the_error_rises():
    """Errors that are half of the greatest, which is that at `MOST`, at 0.2 and at 2.8."""
    schedule = NoiseSchedule([1.0, 1.0])
    optimiser = torch.optim.Adam(schedule.parameters(), lr=0.05)
    rises, draws = torch.tensor([0.2, 3.0]), seeded()
    for _ in range(200):
        with torch.no_grad():
            noise = schedule.noise(torch.rand(256, generator=draws))
        optimiser.zero_grad()
        schedule.loss(noise, noise / (noise + rises)).backward()
        optimiser.step()
    with torch.no_grad():
        middle = schedule.noise(torch.tensor([0.5]))[0]
    assert middle.tolist() == pytest.approx([0.2, 2.8], rel=0.1)


def test_points_of_codes_are_on_the_sphere_and_pads_have_no_chance():
    network = untrained(1, (2, 3))
    table = network.table().detach()
    assert table.norm(dim=2).flatten().tolist() == pytest.approx([2, 2, 0, 2, 2, 2], abs=1e-5)
    rows = torch.randn((5, 9), generator=seeded())
    noise = network.spread(torch.tensor([[0.5, 2.0]]).expand(5, -1))
    assert noise[0].tolist() == [0.5] + [2.0] * 8
    _, logits = network(rows, torch.full((5,), 0.5), noise, torch.zeros((5, 0)))
    chances = logits.softmax(dim=2)
    assert chances.shape == (5, 2, 3)
    assert chances[:, 0, 2].tolist() == [0] * 5


def test_the_loss_of_numbers_and_codes_is_one_for_a_network_that_knows_nothing():
    """Codes by their shares; numbers, normal and independent, by the best linear guess."""
    network = untrained(2, (2, 3))
    draws = seeded()
    numbers = torch.randn((40_000, 2), generator=draws)
    codes = torch.stack(
        [(torch.rand(40_000, generator=draws) < share).long() for share in (0.1, 0.5)], dim=1
    )
    network.calibrate(codes)
    batch, times = (numbers, codes, torch.zeros((40_000, 0))), torch.rand(40_000, generator=draws)
    with torch.no_grad():
        losses, _ = network.losses(batch, times, network.schedule.noise(times), draws)
    assert losses.mean(dim=0).tolist() == pytest.approx([1] * 4, abs=0.03)


class Known(torch.nn.Module):
    """A denoiser that is right about a normal number of known spread and codes of known shares."""

    def __init__(self, spread, shares):
        super().__init__()
        self.spread_of, self.shares = spread, torch.tensor(shares)
        self.net = untrained(1, (len(shares),))
        self.schedule, self.table, self.spread = self.net.schedule, self.net.table, self.net.spread

    def forward(self, rows, times, noise, condition):
        numbers = rows[:, :1] * self.spread_of**2 / (self.spread_of**2 + noise[:, :1] ** 2)
        points, table = rows[:, 1:], self.net.table()[0]
        away = (points[:, None] - table).square().sum(dim=2) / noise[:, 1:2] ** 2
        return numbers, (self.shares.log() - away / 2)[:, None]


@pytest.mark.parametrize("eta", [0, 0.5, 1])
def test_the_way_back_of_known_numbers_and_codes_is_their_distribution(eta):
    known, none = Known(0.3, [0.2, 0.7, 0.1]), torch.zeros((10_000, 0))
    numbers, codes = solve(known, none, 50, eta, {}, seeded())
    assert numbers.mean() == pytest.approx(0, abs=0.01)
    assert numbers.std() == pytest.approx(0.3, rel=0.05)
    shares = np.bincount(codes[:, 0], minlength=3) / len(codes)
    assert shares.tolist() == pytest.approx([0.2, 0.7, 0.1], abs=0.02)


def test_codes_go_with_each_other():
    """The third is whether the first two differ, which no pair of columns shows."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, 400)).astype(bool)
    columns = (*(Column(name, Kind.BOOLEAN) for name in "abc"), Column("y", Kind.CONTINUOUS))
    frame = pd.DataFrame({"a": a, "b": b, "c": a ^ b, "y": rng.normal(size=400)})
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    made = QUICK.fit(table, 0, "cpu").sample(1000, 0).frame.astype({n: bool for n in "abc"})
    assert ((made["a"] ^ made["b"]) == made["c"]).mean() > 0.97
    assert made["a"].mean() == pytest.approx(a.mean(), abs=0.06)


def test_a_saved_model_draws_the_same_rows_and_seeds_tell_draws_apart(line, on_line, tmp_path):
    on_line.save(tmp_path)
    loaded = QUICK.load(tmp_path)
    drawn = on_line.sample(50, 7).fingerprint()
    assert loaded.sample(50, 7).fingerprint() == drawn
    assert on_line.sample(50, 8).fingerprint() != drawn
    brief = replace(QUICK, steps=5)
    first, again, other = (brief.fit(line, seed, "cpu").sample(20, 0) for seed in (0, 0, 1))
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampling_steps": 0}, "cdtd: sampling_steps is 0, expected at least 1"),
        ({"embedding_dim": 0}, "cdtd: embedding_dim is 0, expected at least 1"),
        ({"widths": []}, "cdtd: widths is 0, expected at least 1"),
        ({"learning_rate": 0.0}, "cdtd: learning_rate is 0.0, expected more than 0"),
        ({"weight_decay": -1.0}, "cdtd: weight_decay is -1.0, expected 0 or more"),
        ({"eta": 1.5}, "cdtd: eta is 1.5, expected 0 to 1"),
        ({"average": 1.0}, "cdtd: average is 1.0, expected at least 0 and less than 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        CDTD(**settings)


def test_entropies_of_rare_codes_do_not_blow_up_their_loss():
    network = untrained(0, (2,))
    network.calibrate(torch.zeros((1_000_000, 1), dtype=torch.int64))
    bias = network.head.bias.detach()
    assert float(network.entropies[0]) == pytest.approx(0.01)
    assert math.exp(float(bias[1])) < 1e-6
