"""The simulated sweep: what can be worked out by hand, and what failures and locks add to it."""

import argparse
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
from simulate_sweep import BESIDE_STEPS, Costs, beyond, simulate

COSTS = Costs([2.0], [6.0], 100, 50_000, 50_000, 20, 100, 5.0, 2.5, 2.5, 10, "by hand")
USUAL = {
    "jobs": 8, "workers": 1, "slower": 1.0, "group": 4, "batch": 600.0, "timeout": 100.0,
    "hanging": 0.0, "deaths": 0.0, "metadata": 10_000, "seed": 0,
}  # fmt: skip
OWN = 2.0 + BESIDE_STEPS


def given(**changes):
    return argparse.Namespace(**{**USUAL, **changes})


def test_one_worker_does_one_job_after_the_other_and_a_shared_step_once():
    found = simulate(COSTS, given())
    assert found.end == pytest.approx(5.0 + 2 * 6.0 + 8 * OWN)
    assert found.batches == 1
    assert found.operations.total() == 800
    assert simulate(COSTS, given(batch=10.0)).batches == 4


def test_those_who_share_a_step_wait_for_it():
    found = simulate(COSTS, given(workers=4, jobs=4))
    assert found.end == pytest.approx(5.0 + 6.0 + OWN)
    assert found.waited == pytest.approx(3 * 6.0)


def test_a_lost_job_is_done_again_and_a_hung_one_takes_its_limit():
    lost = simulate(COSTS, given(jobs=200, deaths=60.0))
    assert lost.lost > 0
    assert lost.operations.total() == 200 * 100
    hung = simulate(COSTS, given(jobs=1, hanging=1.0))
    assert (hung.hung, hung.end) == (1, pytest.approx(5.0 + 6.0 + 100.0))


def test_a_slow_file_server_is_what_all_wait_for():
    found = simulate(COSTS, given(jobs=1000, workers=1000, metadata=100))
    assert found.end == pytest.approx(5.0 + 1000.0, rel=0.02)
    assert any("operations a second" in line for line in beyond(COSTS, given(metadata=100), found))
    assert not beyond(COSTS, given(), simulate(COSTS, given()))
