"""What is measured of a GPU: the judging of a whole training by a short one, and what is kept."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import check_gpu
from tabsculpt.generators.wgan_gp.wgan_gp import WGANGP


@dataclass(frozen=True)
class Steady:
    """Takes two hundredths of a second, and a thousandth for each step."""

    steps: int = 2000

    def fit(self, table, seed, device):
        time.sleep(0.02 + 0.001 * self.steps)


class Rows:
    def take(self, places):
        assert len(np.asarray(places))
        return self


def test_a_whole_training_is_judged_by_two_short_ones():
    assert check_gpu.shorter(WGANGP(steps=500), 10) == (WGANGP(steps=10), 50.0)
    assert check_gpu.shorter(WGANGP(steps=5), 10) == (WGANGP(steps=5), 1.0)
    whole, took = check_gpu._whole(Steady(), Rows(), "cpu")
    assert whole == pytest.approx(2.02, rel=0.3)
    assert took < 0.5


def test_each_line_is_kept_as_soon_as_it_is_measured(tmp_path, capsys):
    out = check_gpu.Lines(tmp_path / "card" / "speed.csv")
    out.add(generator="tvae", rows=1000, cpu_s=1.23456)
    assert pd.read_csv(tmp_path / "card" / "speed.csv").cpu_s.tolist() == [1.235]
    out.add(generator="nflow", rows=1000, cpu_s=2.0)
    assert pd.read_csv(tmp_path / "card" / "speed.csv").generator.tolist() == ["tvae", "nflow"]
    assert "generator nflow  rows 1000  cpu_s 2" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["text_lm", "unet_ddpm", "tvae"])
def test_each_generator_is_held_to_the_contract_on_what_it_learns(name):
    generator = dict(check_gpu.generators())[name]
    few, _ = check_gpu.shorter(generator, 2)
    held = check_gpu._held(few, check_gpu.rows(60, name), "cpu")
    assert held == {"repeatable": True, "stored": True, "schema": True}
