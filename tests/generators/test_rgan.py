"""The recurrent GAN learns how sequences go on, and what a class of them is like."""

from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.datasets.simulated_prices import SimulatedPrices
from tabsculpt.datasets.split import split_rows
from tabsculpt.errors import UserError
from tabsculpt.generators.rgan.rgan import RGAN
from tabsculpt.table.windows import chains, join


def prices(**settings):
    return SimulatedPrices(series=24, days=15, **settings).load().table


@pytest.fixture(scope="module")
def learnt():
    dataset = SimulatedPrices(series=40, days=30).load()
    table = dataset.table.take(split_rows(dataset, 0.33, 0).train)
    return table, RGAN(critic_steps=2).fit(table, 0, "cpu")


def memory(table) -> float:
    """The autocorrelation of neighbouring steps in the sequences of a table."""
    windows = table.schema.windows
    found = [np.log(join(table.frame, c, windows).price) for c in chains(table.frame, windows)]
    return float(np.corrcoef(np.hstack([np.stack([x[:-1], x[1:]]) for x in found]))[0, 1])


def moves(table):
    """How much the price moves in a day, by regime."""
    change = table.frame["price_next"] - table.frame["price_5"]
    return change.groupby(table.frame["regime"], observed=True).std()


def test_whole_sequences_are_made_with_the_memory_of_real_ones(learnt):
    table, model = learnt
    sample = model.sample(len(table), 1)
    found = chains(sample.frame, sample.schema.windows)
    assert [len(chain) for chain in found] == [25] * 26
    assert memory(sample) == pytest.approx(memory(table), abs=0.06)


def test_the_static_column_decides_how_much_a_sequence_moves(learnt):
    _, model = learnt
    made = moves(model.sample(400, 2))
    assert made["volatile"] > 1.3 * made["calm"]


def test_it_is_asked_for_what_a_whole_sequence_has(learnt):
    _, model = learnt
    asked = [model.sample(100, 3, given={"regime": one}) for one in ("calm", "volatile")]
    assert [set(one.frame["regime"]) for one in asked] == [{"calm"}, {"volatile"}]
    spread = [(one.frame["price_next"] - one.frame["price_5"]).std() for one in asked]
    assert spread[1] > 1.3 * spread[0]
    with pytest.raises(UserError, match="'price_next' is not; expected one of regime"):
        model.sample(5, 0, given={"price_next": 50.0})
    with pytest.raises(UserError, match="no category 'wild'"):
        model.sample(5, 0, given={"regime": "wild"})


def test_a_class_of_sequences_is_asked_for_and_rows_have_the_summaries_of_their_steps():
    table = prices(predict="label")
    model = RGAN(steps=3).fit(table, 0, "cpu")
    calm, volatile = (model.sample(60, 1, given={"regime": c}) for c in ("calm", "volatile"))
    assert set(calm.frame["regime"]) == {"calm"}
    assert set(volatile.frame["regime"]) == {"volatile"}
    mean = calm.frame[table.schema.windows.steps("price")].mean(axis=1)
    ends = table.frame["price_mean"]
    assert calm.frame["price_mean"].to_numpy() == pytest.approx(mean.clip(ends.min(), ends.max()))


def test_the_seed_decides():
    table = prices()
    short = RGAN(steps=3)
    first, again, other = (short.fit(table, seed, "cpu").sample(60, 1) for seed in (3, 3, 4))
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


def test_sequences_of_several_lengths_are_learnt():
    table = prices()
    some = table.take(np.sort(np.random.default_rng(1).permutation(len(table))[:150]))
    assert len(RGAN(steps=3).fit(some, 0, "cpu").sample(50, 0)) == 50


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"critic_lr": 0.0}, "critic_lr is 0.0"), ({"average": 1.0}, "average is 1.0, expected at")],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(UserError, match=f"rgan: {message}"):
        RGAN(**settings)


def test_rows_that_are_no_windows_are_refused(line):
    with pytest.raises(UserError, match="rgan learns sequences, and these rows are none"):
        RGAN().fit(line, 0, "cpu")
