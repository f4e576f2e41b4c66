"""What recurrent nets say of sequences: told apart, and learnt from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import segment_tables
from tabsculpt.datasets.sequences import SequenceRoles, assemble_sequences
from tabsculpt.datasets.simulated_prices import SimulatedPrices
from tabsculpt.metrics.quality import measure
from tabsculpt.metrics.sequences import StepReader, discriminative_score, predictive_score
from tabsculpt.table import conform

STEPS = [*(f"price_{k}" for k in range(1, 6)), "price_next"]
NAMES = ("discriminative_score", "predictive_score")


def prices(seed, **settings):
    return SimulatedPrices(series=40, days=16, seed=seed, **settings).load().table


def changed(table, change):
    """The table with other values in its steps, from an array of shape (n, steps)."""
    frame = table.frame.copy()
    frame[STEPS] = change(frame[STEPS].to_numpy(), np.random.default_rng(0))
    return conform(frame, table.schema)


def shuffled(values, rng):
    return rng.permuted(values, axis=1)


def noise(values, rng):
    return rng.normal(values.mean(), values.std(), size=values.shape)


def waves(seed):
    """Windows of sines of one frequency that begin anywhere."""
    start = np.random.default_rng(seed).uniform(0, 2 * np.pi, size=(40, 1))
    steps = pd.DataFrame({"price": np.sin(start + 0.5 * np.arange(16)).ravel()})
    steps["wave"], steps["day"] = np.divmod(np.arange(len(steps)), 16)
    roles = SequenceRoles("price", "day", "wave", "next", 5, "sequence", 0.3, [], "drop")
    return assemble_sequences(steps, "waves", roles).table


@pytest.fixture(scope="module")
def real():
    return prices(0)


@pytest.fixture(scope="module")
def reader(real):
    return StepReader.fit(real)


def test_another_draw_of_the_same_law_is_not_told_apart(real, reader):
    assert discriminative_score(reader, real, prices(1), 0) < 0.12


def test_copies_are_not_told_apart(real, reader):
    again = real.take(np.random.default_rng(0).integers(len(real), size=len(real)))
    assert discriminative_score(reader, real, again, 0) < 0.12


def test_noise_is_told_apart(real, reader):
    assert discriminative_score(reader, real, changed(prices(1), noise), 0) > 0.4


def test_shuffled_steps_are_told_apart_though_each_has_the_same_values():
    found = [waves(seed) for seed in (0, 1, 2)]
    reader = StepReader.fit(found[0])
    assert discriminative_score(reader, *found[:2], 0) < 0.12
    assert discriminative_score(reader, found[0], changed(found[2], shuffled), 0) > 0.45


def test_less_is_learnt_from_noise_and_from_shuffled_steps_than_from_real_ones(real, reader):
    test = prices(2)
    best = predictive_score(reader, prices(1), test, 0)
    for change, more in ((noise, 1.25), (shuffled, 1.1)):
        assert predictive_score(reader, changed(prices(1), change), test, 0) > more * best


def test_the_error_of_the_best_prediction_is_reached(real, reader):
    """The mean absolute error of a normal is 0.8 deviations; the noise's are read off the steps."""
    test = prices(2)
    logs = np.log(test.frame[STEPS].to_numpy())
    expected = 50 * np.exp(0.9 * (logs[:, :-1] - np.log(50)))
    best = np.abs(expected - test.frame[STEPS].to_numpy()[:, 1:]).mean() / reader.scales["price"]
    assert predictive_score(reader, prices(1), test, 0) == pytest.approx(best, rel=0.1)


def test_steps_are_read_on_the_scale_of_train_with_what_is_missing():
    table = segment_tables.sequences(9)
    reader = StepReader.fit(table)
    numbers = reader.numbers(table)
    assert reader.numeric == ["price", "orders"]
    assert numbers.shape == (len(table), 4, 2)
    following = numbers[:, 3, 0] * reader.scales["price"] + reader.centres["price"]
    assert following == pytest.approx(table.target)
    assert np.isnan(numbers[:, 3, 1]).all()
    steps = reader.steps(table)
    assert steps.shape == (len(table), 4, 2 + 2 + 2 + 2)  # values, missing, weather, regime
    assert (steps[:, :3, 2:4] == 0).all()
    assert (steps[:, 3, 3] == 1).all()
    wet = (table.frame["weather_2"] == "wet").to_numpy()
    assert (steps[:, 1, 5] == wet).all()


def test_quality_has_both_beside_those_of_real_rows(real):
    table = prices(3)
    found = {m.metric: m for m in measure(real, prices(1), changed(table, noise), 0)}
    told, learnt = (found[name] for name in NAMES)
    assert told.value > 0.4 > 0.2 > told.reference
    assert learnt.value > 1.25 * learnt.reference > 0
    assert {told.direction, learnt.direction} == {"min"}
    assert told.column is None


def test_few_windows_and_no_sequences_are_said(real):
    few = {m.metric: m for m in measure(real, prices(1), real.take(np.arange(19)), 0)}
    for name in NAMES:
        assert few[name].value is None
        assert "needs 20 windows of train, test and the synthetic table, got 19" in few[name].reason
    plain = conform(real.frame, replace(real.schema, windows=None))
    assert not {m.metric for m in measure(plain, plain, plain, 0)} & {*NAMES}
